// SPDX-License-Identifier: Apache-2.0
#include "outside/store/cache_file.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <tuple>
#include <vector>

#include "observe/log.h"
#include "outside/store/checkpointer.h"

namespace anechoic::store {
namespace {

constexpr std::chrono::minutes kSweep{10};  // how often expired rows are deleted

constexpr std::array<std::string_view, 1> kSchema = {
    "CREATE TABLE mixed_results(sender TEXT NOT NULL, recipient TEXT NOT NULL, delivered INTEGER NOT NULL,"
    " code INTEGER NOT NULL, enhanced TEXT NOT NULL, text TEXT NOT NULL, message_key TEXT NOT NULL,"
    " expires INTEGER NOT NULL, PRIMARY KEY(sender, recipient)) WITHOUT ROWID;"
    "CREATE INDEX mixed_results_expires ON mixed_results(expires);"
    "CREATE TABLE recipient_cache(source TEXT NOT NULL, address TEXT NOT NULL, state INTEGER NOT NULL,"
    " asked_at INTEGER NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY(source, address)) WITHOUT ROWID;"
    "CREATE INDEX recipient_cache_expires ON recipient_cache(expires)",
};

}  // namespace

struct CacheFile::State {
  struct Entry {
    Change change;
    Durable durable;
    Done done;
  };

  State(const CacheOptions& given, const Clock& time, observe::Log& events)
      : options(given), clock(time), log(events) {}

  const CacheOptions options;
  const Clock& clock;
  observe::Log& log;
  std::optional<Database> database;  // of the thread, once it runs
  Checkpointer checkpointer;

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable settled;
  std::vector<Entry> queue;
  std::uint64_t taken_in = 0;
  std::uint64_t finished = 0;
  bool stopping = false;
  CacheStats stats;
  std::thread thread;

  [[nodiscard]] Result<void> open_once();
  [[nodiscard]] Result<void> open();
  void run();
  void write(std::vector<Entry>& batch);
  [[nodiscard]] Result<void> write_once(const std::vector<Entry>& batch);
  [[nodiscard]] Result<void> give_up_file(const Error& error);
  void sweep();
};

Result<void> CacheFile::State::open_once() {
  auto opened = Database::open(options.file);
  if (!opened) return std::unexpected(std::move(opened).error());
  if (auto done = opened->migrate(kSchema); !done) return done;
  database = std::move(*opened);
  return {};
}

Result<void> CacheFile::State::open() {
  for (int attempt = 0;; ++attempt) {
    auto done = open_once();
    if (done || !is_corrupt(done.error()) || attempt > 0) return done;
    if (auto aside = give_up_file(done.error()); !aside) return aside;
  }
}

Result<void> CacheFile::State::give_up_file(const Error& error) {
  database.reset();
  checkpointer.forget();
  auto aside = set_aside(options.file);
  log.event(observe::Level::Error, "cache-corrupt",
            {{"file", options.file},
             {"error", error.detail},
             {"kept-as", aside ? *aside : "nothing: " + aside.error().detail}});
  if (!aside) return std::unexpected(std::move(aside).error());
  return {};
}

void CacheFile::State::run() {
  std::vector<Entry> batch;
  auto next_sweep = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex);
  while (true) {
    wake.wait_until(lock, next_sweep, [&] { return stopping || !queue.empty(); });
    if (queue.empty() && stopping) break;
    batch.swap(queue);
    lock.unlock();
    if (!batch.empty()) write(batch);
    if (std::chrono::steady_clock::now() >= next_sweep) {
      sweep();
      next_sweep = std::chrono::steady_clock::now() + kSweep;
    }
    lock.lock();
    finished += batch.size();
    batch.clear();
    settled.notify_all();
  }
  lock.unlock();
  if (database) checkpointer.retire(std::move(*database));
  database.reset();
}

Result<void> CacheFile::State::write_once(const std::vector<Entry>& batch) {
  if (!database) {
    if (auto opened = open(); !opened) return opened;
  }
  const bool durable = std::ranges::any_of(batch, [](const Entry& entry) { return entry.durable == Durable::Yes; });
  if (auto begun = database->begin(durable); !begun) return begun;
  for (const Entry& entry : batch) {
    if (auto done = entry.change(*database); !done) return done;
  }
  return database->commit();
}

void CacheFile::State::write(std::vector<Entry>& batch) {
  auto done = write_once(batch);
  if (!done && database) database->rollback();
  if (!done && is_corrupt(done.error())) {
    done = give_up_file(done.error());
    if (done) done = write_once(batch);
    if (!done && database) database->rollback();
  }
  if (done) checkpointer.after_commit(*database);
  bool was_failing = false;
  {
    const std::scoped_lock lock(mutex);
    (done ? stats.written : stats.dropped) += batch.size();
    was_failing = std::exchange(stats.failing, !done);
  }
  if (!done && !was_failing) {
    log.event(observe::Level::Error, "cache-failing",
              {{"file", options.file}, {"error", done.error().detail}, {"effect", "what is learned is forgotten"}});
  }
  for (Entry& entry : batch) {
    if (entry.done) entry.done();
  }
}

void CacheFile::State::sweep() {
  if (!database) return;
  const std::string now = std::to_string(clock.wall().time_since_epoch().count());
  for (const char* table : {"mixed_results", "recipient_cache"}) {
    // What fails here is tried again at the next sweep; expired rows do no harm.
    std::ignore = database->execute("DELETE FROM " + std::string(table) + " WHERE expires<=" + now);
  }
}

CacheFile::CacheFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<CacheFile>> CacheFile::open(const CacheOptions& options, const Clock& clock, observe::Log& log) {
  auto state = std::make_unique<State>(options, clock, log);
  std::error_code error;
  const auto folder = std::filesystem::path(options.file).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return fail(Errc::Io, "making the folder " + folder.string() + ": " + error.message());
  if (auto opened = state->open(); !opened && opened.error().code != Errc::Exhausted) {
    return std::unexpected(std::move(opened).error());
  }
  state->thread = std::thread([running = state.get()] { running->run(); });
  return std::unique_ptr<CacheFile>(new CacheFile(std::move(state)));
}

CacheFile::~CacheFile() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

bool CacheFile::submit(Change change, Durable durable, Done done) {
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->queue.size() >= state_->options.queued_changes) {
      ++state_->stats.dropped;
      return false;
    }
    state_->queue.push_back({std::move(change), durable, std::move(done)});
    ++state_->taken_in;
  }
  state_->wake.notify_one();
  return true;
}

void CacheFile::flush() {
  std::unique_lock lock(state_->mutex);
  const std::uint64_t goal = state_->taken_in;
  state_->settled.wait(lock, [&] { return state_->finished >= goal; });
}

CacheStats CacheFile::stats() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->stats;
}

Result<Database> CacheFile::open_to_read() const {
  return Database::open(state_->options.file, {.read_only = true});
}

const Clock& CacheFile::clock() const {
  return state_->clock;
}

}  // namespace anechoic::store
