// SPDX-License-Identifier: Apache-2.0
// Asks the recipient sources whether the address exists (R8-R10a), and tells them what the backend really said.
//
// Not asked, because the answer would not matter: addresses outside our domains, and postmaster and abuse.   Lifetime:
// the port outlives the guard.   Threads: one object per thread.
#pragma once

#include "inspect/guard.h"
#include "inspect/recipients.h"

namespace anechoic::inspect {

class RecipientGuard final : public Guard {
 public:
  explicit RecipientGuard(Recipients& recipients) : recipients_(recipients) {}
  [[nodiscard]] Cancel contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) override;
  void learn_rcpt(const judge::Facts& facts, const smtp::Reply& live) override;

 private:
  Recipients& recipients_;
};

}  // namespace anechoic::inspect
