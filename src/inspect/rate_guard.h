// SPDX-License-Identifier: Apache-2.0
// Counts the null-sender mails for each recipient within the last minute: the flood of foreign bounces that a joe job
// brings. Recipients that a source calls absent are not counted: they are refused anyway, and their names are the
// flooder's to choose.   Lifetime: rates and clock outlive the guard.   Threads: one object per thread, over one table.
#pragma once

#include "base/clock.h"
#include "inspect/guard.h"
#include "inspect/null_sender_rates.h"

namespace anechoic::inspect {

class RateGuard final : public Guard {
 public:
  RateGuard(NullSenderRates& rates, const Clock& clock) : rates_(rates), clock_(clock) {}
  [[nodiscard]] Cancel contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) override;

 private:
  NullSenderRates& rates_;
  const Clock& clock_;
};

}  // namespace anechoic::inspect
