// SPDX-License-Identifier: Apache-2.0
#include "inspect/rate_guard.h"

namespace anechoic::inspect {
namespace {

bool counts(const judge::Ruleset& ruleset, const judge::Facts& facts) {
  if (ruleset.null_sender_per_minute == 0 || !facts.reverse_path.is_known() || !facts.reverse_path.value().is_null() ||
      !facts.recipient.is_known() || ruleset.policy_of(facts.recipient.value().mailbox.domain) == nullptr) {
    return false;
  }
  const judge::Fact<judge::RecipientStatus>& status = facts.recipient_status;
  return !status.is_known() || status.value().existence != judge::Existence::Absent;
}

}  // namespace

Guard::Cancel RateGuard::contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) {
  if (counts(ruleset, facts)) {
    facts.null_sender_rate = judge::Fact<unsigned>::known(rates_.add(facts.recipient.value().mailbox, clock_.steady()));
  }
  done();
  return {};
}

}  // namespace anechoic::inspect
