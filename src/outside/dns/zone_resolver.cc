// SPDX-License-Identifier: Apache-2.0
#include "outside/dns/zone_resolver.h"

namespace anechoic::dns {

namespace {

auth::Found found_by(Zone::Outcome outcome) {
  switch (outcome) {
    case Zone::Outcome::Records:
      return auth::Found::Records;
    case Zone::Outcome::NoRecords:
      return auth::Found::NoRecords;
    case Zone::Outcome::NoSuchName:
      return auth::Found::NoSuchName;
    case Zone::Outcome::ServFail:
      break;
    case Zone::Outcome::Timeout:
      return auth::Found::Timeout;
  }
  return auth::Found::TemporaryFailure;
}

}  // namespace

void ZoneResolver::resolve(const auth::Question& question, SteadyTime /*deadline*/, Callback callback) {
  const auto look = zone_.look(question.name, question.type);
  auto answer = std::make_shared<auth::Answer>();
  answer->found = found_by(look.outcome);
  answer->records.assign(look.records.begin(), look.records.end());
  answer->ttl = look.ttl;
  answer->detail = look.detail;
  callback(std::move(answer));
}

}  // namespace anechoic::dns
