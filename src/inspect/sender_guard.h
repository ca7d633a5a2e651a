// SPDX-License-Identifier: Apache-2.0
// Finds out who really sent the message. SPF begins at MAIL and delays nothing; the signatures are looked at when the
// message has ended. A RCPT waits for SPF only where its answer matters there (notify_never is enforced, R26).
//
// Behind a trusted relay (R7) SPF is asked about the client that the relay's Received field names, once the header is
// in; if it names none, SPF is unknown.   Lifetime: the port outlives the guard.   Threads: one object per thread.
#pragma once

#include "inspect/guard.h"
#include "inspect/sender_checks.h"

namespace anechoic::inspect {

class SenderGuard final : public Guard {
 public:
  explicit SenderGuard(SenderChecks& checks) : checks_(checks) {}
  [[nodiscard]] Cancel contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) override;
  [[nodiscard]] std::unique_ptr<Watch> watch(const judge::Ruleset& ruleset, const judge::Facts& facts) override;

 private:
  SenderChecks& checks_;
};

// What decide() is told of the evidence.
[[nodiscard]] judge::Sender sender_facts(const auth::Evidence& evidence);

}  // namespace anechoic::inspect
