// SPDX-License-Identifier: Apache-2.0
#include "outside/store/sqlite_journal.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "observe/log.h"
#include "outside/store/partition_writer.h"
#include "outside/store/stored_sender.h"

namespace anechoic::store {
namespace {

constexpr std::size_t kRowsPerCommit = 2000;

// What a row takes in memory, roughly: enough to keep a bound.
std::uint64_t octets_of(const inspect::JournalRow& row) {
  std::uint64_t sum = sizeof(row) + row.client_name.size() + row.helo.size() + row.reverse_path.size() +
                      row.reply.size() + row.message_id.size();
  for (const auto& recipient : row.recipients) {
    sum += sizeof(recipient) + recipient.address.size() + recipient.reply.size();
  }
  for (const auto& reason : row.reasons) sum += sizeof(reason) + reason.detail.size();
  for (const auto& signal : row.signals) sum += sizeof(signal) + signal.detail.size();
  if (row.sender) sum += store::octets_of(*row.sender);
  return sum;
}

}  // namespace

struct SqliteJournal::State {
  State(const JournalOptions& given, const Clock& time, observe::Log& events)
      : options(given), clock(time), log(events), writer(options, clock, log) {}

  const JournalOptions options;
  const Clock& clock;
  observe::Log& log;
  PartitionWriter writer;  // of the thread, once it runs
  std::optional<UncleanStop> unclean;

  mutable std::mutex mutex;
  std::condition_variable wake;     // of the thread
  std::condition_variable written;  // of flush()
  std::vector<inspect::JournalRow> queue;
  std::uint64_t queue_octets = 0;
  std::uint64_t taken_in = 0;  // rows ever queued
  std::uint64_t settled = 0;   // of those, written or dropped
  int flushing = 0;
  bool stopping = false;
  JournalStats stats;
  std::thread thread;

  void run();
  void settle(std::span<const inspect::JournalRow> rows, std::optional<WallTime> heartbeat);
  void tell(const Result<void>& done);
};

void SqliteJournal::State::run() {
  std::unique_lock lock(mutex);
  std::vector<inspect::JournalRow> batch;
  while (true) {
    wake.wait_for(lock, options.heartbeat, [&] { return stopping || !queue.empty(); });
    if (!queue.empty()) {
      wake.wait_for(lock, options.commit_every,
                    [&] { return stopping || flushing > 0 || queue.size() >= kRowsPerCommit; });
    } else if (stopping) {
      break;
    }
    // Every row queued before this moment is written when the marker says it.
    const WallTime heartbeat = clock.wall();
    batch.swap(queue);
    queue_octets = 0;
    lock.unlock();
    std::span<const inspect::JournalRow> rows = batch;
    do {
      const auto part = rows.first(std::min(rows.size(), kRowsPerCommit));
      rows = rows.subspan(part.size());
      settle(part, rows.empty() ? std::optional(heartbeat) : std::nullopt);
    } while (!rows.empty());
    batch.clear();
    lock.lock();
  }
  lock.unlock();
  writer.stop();
}

void SqliteJournal::State::settle(std::span<const inspect::JournalRow> rows, std::optional<WallTime> heartbeat) {
  const auto done = writer.write(rows, heartbeat);
  writer.maintain();
  tell(done);
  {
    const std::scoped_lock lock(mutex);
    (done ? stats.written : stats.dropped) += rows.size();
    stats.failing = !done;
    stats.octets = writer.octets();
    stats.partitions = writer.partitions();
    settled += rows.size();
  }
  written.notify_all();
}

// One event when it begins to fail, and one when it works again.
void SqliteJournal::State::tell(const Result<void>& done) {
  std::unique_lock lock(mutex);
  const bool was_failing = stats.failing;
  const std::uint64_t dropped = stats.dropped;
  lock.unlock();
  if (!done && !was_failing) {
    log.event(observe::Level::Error, "journal-failing",
              {{"error", done.error().detail}, {"effect", "rows are dropped and counted; mail goes on"}});
  } else if (done && was_failing) {
    log.event(observe::Level::Warning, "journal-recovered", {{"rows-dropped", dropped}});
  }
}

SqliteJournal::SqliteJournal(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(const JournalOptions& options, const Clock& clock,
                                                           observe::Log& log) {
  auto state = std::make_unique<State>(options, clock, log);
  auto found = state->writer.start();
  if (!found) return std::unexpected(std::move(found).error());
  state->unclean = *found;
  state->stats.written = state->unclean ? 1 : 0;
  state->stats.octets = state->writer.octets();
  state->stats.partitions = state->writer.partitions();
  std::unique_ptr<SqliteJournal> journal(new SqliteJournal(std::move(state)));
  journal->state_->thread = std::thread([running = journal->state_.get()] { running->run(); });
  return journal;
}

SqliteJournal::~SqliteJournal() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  if (state_->thread.joinable()) state_->thread.join();
}

void SqliteJournal::append(inspect::JournalRow row) {
  State& state = *state_;
  const std::uint64_t octets = octets_of(row);
  bool wake = false;
  {
    const std::scoped_lock lock(state.mutex);
    if (state.queue.size() >= state.options.queued_rows || state.queue_octets + octets > state.options.queued_octets) {
      ++state.stats.dropped;
      return;
    }
    state.queue.push_back(std::move(row));
    state.queue_octets += octets;
    ++state.taken_in;
    wake = state.queue.size() == 1 || state.queue.size() == kRowsPerCommit;
  }
  if (wake) state.wake.notify_one();
}

void SqliteJournal::flush() {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  const std::uint64_t goal = state.taken_in;
  ++state.flushing;
  state.wake.notify_one();
  state.written.wait(lock, [&] { return state.settled >= goal; });
  --state.flushing;
}

JournalStats SqliteJournal::stats() const {
  const std::scoped_lock lock(state_->mutex);
  JournalStats stats = state_->stats;
  stats.queued = state_->queue.size();
  return stats;
}

const std::optional<UncleanStop>& SqliteJournal::unclean_stop() const {
  return state_->unclean;
}

}  // namespace anechoic::store
