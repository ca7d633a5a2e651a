// SPDX-License-Identifier: Apache-2.0
// Counts what goes into the journal, then passes it on: the one place where transactions and recipients are counted, so
// metrics and journal agree, also when the journal is off or full.   Threads: any.
#pragma once

#include "inspect/journal.h"
#include "observe/metrics.h"

namespace anechoic::app {

class CountingJournal final : public inspect::Journal {
 public:
  // `next` may be null: the journal is off.
  CountingJournal(const observe::GatewayMetrics& metrics, inspect::Journal* next) : metrics_(metrics), next_(next) {}
  void append(inspect::JournalRow row) override;

 private:
  const observe::GatewayMetrics& metrics_;
  inspect::Journal* next_;
};

}  // namespace anechoic::app
