// SPDX-License-Identifier: Apache-2.0
// The journal in SQLite (layout: journal_files.h). Rows are written behind by one thread, many to a commit, without
// syncing: a loss of power may cost the last seconds of the journal, never mail and never the file.
//
// What can't be written (queue full, disk full) is dropped and counted; mail goes on. A corrupt partition is renamed
// aside, the log says so, and a new one is begun. The oldest partitions go when the folder passes `size`.
//
// While the daemon runs, a marker with a heartbeat stands in the newest partition; a start that finds one knows that
// the last daemon did not stop in order, and writes an `unclean-stop` row with the span that no row covers (R6).
//
// Errors at open(): Refused (another daemon has the folder, or a newer version wrote it), Io. Threads: append() and
// stats() from any; `log` and `clock` outlive it. The destructor writes what is queued and takes the marker away.
// DESIGN 3d
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "inspect/journal.h"

namespace anechoic::observe {
class Log;
}

namespace anechoic::store {

struct JournalOptions {
  std::string directory = "journal";           // made if it is missing
  std::uint64_t size = 1ULL << 30;             // octets of all partitions together
  std::size_t queued_rows = 16'384;            // more are dropped
  std::uint64_t queued_octets = 64ULL << 20;   // ... and beyond this estimate of what the queued rows take in memory
  std::chrono::milliseconds commit_every{50};  // rows wait so long for company
  std::chrono::seconds heartbeat{2};           // of the marker, while there is nothing to write
  std::chrono::hours partition_span{24};
  std::string start_id;  // the id of the `unclean-stop` row, if one is written: a session's id, transaction 0
};

struct JournalStats {
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;
  std::uint64_t octets = 0;  // of the folder
  std::uint64_t partitions = 0;
  std::size_t queued = 0;
  bool failing = false;  // the last commit failed
};

// When the last daemon was heard of for the last time, and when this one began.
struct UncleanStop {
  WallTime last_heartbeat{};
  WallTime started{};
};

class SqliteJournal final : public inspect::Journal {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqliteJournal>> open(const JournalOptions& options, const Clock& clock,
                                                                   observe::Log& log);
  ~SqliteJournal() override;
  SqliteJournal(const SqliteJournal&) = delete;
  SqliteJournal& operator=(const SqliteJournal&) = delete;

  void append(inspect::JournalRow row) override;
  // Waits until what was appended before is written or dropped. For tools, tests and a stop in order.
  void flush();
  [[nodiscard]] JournalStats stats() const;
  [[nodiscard]] const std::optional<UncleanStop>& unclean_stop() const;

 private:
  struct State;
  explicit SqliteJournal(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::store
