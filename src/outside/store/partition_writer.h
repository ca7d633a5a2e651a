// SPDX-License-Identifier: Apache-2.0
// Writes rows into the newest partition of the journal, begins the next one when it is full, deletes the oldest ones
// when all are too large, and keeps the marker of a running daemon. The writer thread's half of SqliteJournal.
//
// Threads: one at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "outside/store/checkpointer.h"
#include "outside/store/database.h"
#include "outside/store/journal_files.h"
#include "outside/store/sqlite_journal.h"

namespace anechoic::store {

class PartitionWriter {
 public:
  PartitionWriter(const JournalOptions& options, const Clock& clock, observe::Log& log);
  ~PartitionWriter();  // unlocks the folder; the marker stays unless stop() was called
  PartitionWriter(const PartitionWriter&) = delete;
  PartitionWriter& operator=(const PartitionWriter&) = delete;

  // Takes the folder's lock, looks for the marker of an earlier daemon, and replaces it by the own one and the row that
  // tells of it, in one durable commit: also a daemon that dies at once leaves no span untold. A full disk is no error.
  [[nodiscard]] Result<std::optional<UncleanStop>> start();
  // One commit: the rows and, if it is given, the marker's heartbeat, before which every row is written. A corrupt
  // partition is set aside and the rows go into a new one.
  [[nodiscard]] Result<void> write(std::span<const inspect::JournalRow> rows, std::optional<WallTime> heartbeat);
  // Begins the next partition if it is time, deletes what is too much.
  void maintain();
  // Takes the marker away and seals the newest partition.
  void stop();

  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  [[nodiscard]] std::uint64_t partitions() const { return partitions_.size(); }

 private:
  [[nodiscard]] Result<void> lock_folder();
  [[nodiscard]] Result<Database> open_partition(const std::string& path);
  [[nodiscard]] Result<std::optional<WallTime>> take_over(const Partition& partition, bool newest);
  [[nodiscard]] Result<void> begin_partition();
  [[nodiscard]] Result<void> set_marker();
  [[nodiscard]] Result<void> insert(const inspect::JournalRow& row);
  [[nodiscard]] Result<void> write_once(std::span<const inspect::JournalRow> rows, std::optional<WallTime> heartbeat);
  void give_up_partition(const Error& error);
  void delete_oldest();
  [[nodiscard]] std::uint64_t partition_octets() const;

  const JournalOptions& options_;
  const Clock& clock_;
  observe::Log& log_;
  int lock_ = -1;
  WallTime started_{};
  WallTime begun_{};  // when the newest partition was begun
  std::vector<Partition> partitions_;
  std::uint64_t last_number_ = 0;
  std::optional<inspect::JournalRow> untold_;  // of an unclean stop, until it is written
  std::vector<Database> superseded_;           // earlier partitions whose marker goes when the own one is set
  std::optional<Database> database_;           // the newest partition; empty while none can be had
  std::uint64_t octets_ = 0;
  Checkpointer checkpointer_;
};

}  // namespace anechoic::store
