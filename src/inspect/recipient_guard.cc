// SPDX-License-Identifier: Apache-2.0
#include "inspect/recipient_guard.h"

#include <utility>

namespace anechoic::inspect {
namespace {

bool worth_asking(const judge::Ruleset& ruleset, const mail::Mailbox& mailbox) {
  return ruleset.policy_of(mailbox.domain) != nullptr && !mail::is_role_account(mailbox);
}

}  // namespace

Guard::Cancel RecipientGuard::contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) {
  if (!facts.recipient.is_known() || !worth_asking(ruleset, facts.recipient.value().mailbox)) {
    done();
    return {};
  }
  const Recipients::Ticket ticket = recipients_.find(facts.recipient.value().mailbox,
                                                     [&facts, done = std::move(done)](RecipientAnswer answer) mutable {
                                                       facts.recipient_status = std::move(answer.status);
                                                       facts.down_mode = answer.down_mode;
                                                       done();
                                                     });
  if (ticket == 0) {
    return {};
  }
  return [this, ticket] { recipients_.cancel(ticket); };
}

void RecipientGuard::learn_rcpt(const judge::Facts& facts, const smtp::Reply& live) {
  if (facts.recipient.is_known() && !facts.recipient.value().mailbox.domain.empty()) {
    recipients_.learn(facts.recipient.value().mailbox, live);
  }
}

}  // namespace anechoic::inspect
