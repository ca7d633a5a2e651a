// SPDX-License-Identifier: Apache-2.0
#include "outside/store/stored_sender.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace anechoic::store {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMost = 20;  // of each list
constexpr std::size_t kText = 255;

std::string cut(std::string_view text) {
  return std::string(text.substr(0, kText));
}

// The parts that are there, with commas between.
std::string list(std::initializer_list<std::string> parts) {
  std::string all;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    all += (all.empty() ? "" : ", ") + part;
  }
  return cut(all);
}

std::string named(std::string_view name, const std::string& value) {
  return value.empty() ? std::string() : std::string(name) + value;
}

StoredSender::Check spf_check(std::string_view method, const auth::spf::Outcome& outcome) {
  const bool elsewhere = !outcome.term_domain.empty() && outcome.term_domain != outcome.domain;
  return {std::string(method), std::string(auth::spf::to_string(outcome.result)), cut(outcome.domain),
          list({named("by ", outcome.term), elsewhere ? "in the record of " + outcome.term_domain : std::string(),
                outcome.problem})};
}

StoredSender::Check dkim_check(const auth::dkim::Outcome& outcome) {
  return {"dkim", std::string(auth::dkim::to_string(outcome.result)), cut(outcome.domain),
          list({named("selector ", outcome.selector), outcome.algorithm,
                outcome.partial_body ? "covers a part of the body only" : "", outcome.reason})};
}

StoredSender::Check dmarc_check(const auth::dmarc::Outcome& outcome) {
  const std::string policy =
      outcome.policy ? "policy " + std::string(auth::dmarc::to_string(*outcome.policy)) : std::string();
  return {"dmarc", std::string(auth::dmarc::to_string(outcome.result)), cut(outcome.from_domain),
          list({policy, outcome.spf_aligned ? "SPF aligned" : "", outcome.dkim_aligned ? "DKIM aligned" : "",
                outcome.reason})};
}

StoredSender::Check arc_check(const auth::arc::Outcome& outcome) {
  return {"arc", std::string(auth::arc::to_string(outcome.result)),
          outcome.sealers.empty() ? std::string() : cut(outcome.sealers.back()),
          list({outcome.trusted ? "all sealers are listed" : "", outcome.reason})};
}

std::string text_at(const Json& entry, std::size_t index) {
  return entry.is_array() && index < entry.size() && entry[index].is_string() ? entry[index].get<std::string>()
                                                                              : std::string();
}

const Json* array_of(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

}  // namespace

StoredSender stored(const auth::Evidence& evidence) {
  StoredSender sender;
  if (evidence.spf) sender.checks.push_back(spf_check("spf", *evidence.spf));
  if (evidence.helo) sender.checks.push_back(spf_check("helo", *evidence.helo));
  if (evidence.dkim) {
    for (const auto& outcome : *evidence.dkim)
      if (sender.checks.size() < kMost) sender.checks.push_back(dkim_check(outcome));
    if (evidence.dkim->empty()) sender.checks.push_back({"dkim", "none", "", ""});
  }
  if (evidence.dmarc) sender.checks.push_back(dmarc_check(*evidence.dmarc));
  if (evidence.arc) sender.checks.push_back(arc_check(*evidence.arc));
  for (const auth::Proved& proved : evidence.proved) {
    if (sender.proved.size() == kMost) break;
    sender.proved.push_back({cut(proved.address), std::string(auth::to_string(proved.place)),
                             std::string(auth::to_string(proved.by)), cut(proved.domain)});
  }
  for (const auth::NotProved& not_proved : evidence.not_proved) {
    if (sender.not_proved.size() == kMost) break;
    sender.not_proved.push_back({cut(not_proved.address), std::string(auth::to_string(not_proved.place)),
                                 std::string(auth::to_string(not_proved.value)), cut(not_proved.because)});
  }
  return sender;
}

Json encode_sender(const StoredSender& sender) {
  Json checks = Json::array();
  for (const auto& check : sender.checks)
    checks.push_back(Json::array({check.method, check.result, check.domain, check.detail}));
  Json proved = Json::array();
  for (const auto& one : sender.proved) proved.push_back(Json::array({one.address, one.place, one.by, one.domain}));
  Json not_proved = Json::array();
  for (const auto& one : sender.not_proved)
    not_proved.push_back(Json::array({one.address, one.place, one.value, one.because}));
  Json all = Json::object();
  all["checks"] = std::move(checks);
  all["proved"] = std::move(proved);
  all["not_proved"] = std::move(not_proved);
  return all;
}

StoredSender decode_sender(const Json& json) {
  StoredSender sender;
  if (const Json* list = array_of(json, "checks"))
    for (const Json& one : *list)
      sender.checks.push_back({text_at(one, 0), text_at(one, 1), text_at(one, 2), text_at(one, 3)});
  if (const Json* list = array_of(json, "proved"))
    for (const Json& one : *list)
      sender.proved.push_back({text_at(one, 0), text_at(one, 1), text_at(one, 2), text_at(one, 3)});
  if (const Json* list = array_of(json, "not_proved"))
    for (const Json& one : *list)
      sender.not_proved.push_back({text_at(one, 0), text_at(one, 1), text_at(one, 2), text_at(one, 3)});
  return sender;
}

std::uint64_t octets_of(const auth::Evidence& evidence) {
  std::uint64_t sum = sizeof(evidence);
  const auto spf = [](const auth::spf::Outcome& outcome) {
    return outcome.domain.size() + outcome.explanation.size() + outcome.record.size() + outcome.problem.size();
  };
  if (evidence.spf) sum += spf(*evidence.spf);
  if (evidence.helo) sum += spf(*evidence.helo);
  if (evidence.dkim) {
    for (const auto& outcome : *evidence.dkim) {
      sum += sizeof(outcome) + outcome.reason.size() + outcome.domain.size();
      for (const std::string& name : outcome.signed_headers) sum += sizeof(name) + name.size();
    }
  }
  if (evidence.dmarc) sum += evidence.dmarc->record.size();
  if (evidence.arc) sum += evidence.arc->first_results.size();
  for (const auto& one : evidence.proved) sum += sizeof(one) + one.address.size() + one.domain.size();
  for (const auto& one : evidence.not_proved) sum += sizeof(one) + one.address.size() + one.because.size();
  return sum;
}

}  // namespace anechoic::store
