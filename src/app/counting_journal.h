// SPDX-License-Identifier: Apache-2.0
// Counts and logs what goes into the journal, then passes it on: the one place where transactions and recipients are
// counted, so that metrics, log and journal agree, also when the journal is off or full.   Threads: any.
#pragma once

#include "inspect/journal.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace anechoic::app {

class CountingJournal final : public inspect::Journal {
 public:
  // `next` may be null: the journal is off.
  CountingJournal(const observe::GatewayMetrics& metrics, observe::Log& log, inspect::Journal* next)
      : metrics_(metrics), log_(log), next_(next) {}
  void append(inspect::JournalRow row) override;

 private:
  void write_log(const inspect::JournalRow& row, std::string_view reason);

  const observe::GatewayMetrics& metrics_;
  observe::Log& log_;
  inspect::Journal* next_;
};

}  // namespace anechoic::app
