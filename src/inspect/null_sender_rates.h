// SPDX-License-Identifier: Apache-2.0
// The port that counts how many null-sender mails each recipient got within the last minute.
// Adapter: outside/recipients (a table in memory, shared by the threads).   Threads: any; never waits.
#pragma once

#include "base/clock.h"
#include "mail/address.h"

namespace anechoic::inspect {

class NullSenderRates {
 public:
  virtual ~NullSenderRates() = default;
  // Counts one mail to the recipient and returns how many came within the last minute, with this one.
  virtual unsigned add(const mail::Mailbox& recipient, SteadyTime now) = 0;
};

}  // namespace anechoic::inspect
