// SPDX-License-Identifier: Apache-2.0
#include "outside/store/checkpointer.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <vector>

namespace anechoic::store {

namespace {
// How long a reader may hold up a checkpoint for which the writer waits.
constexpr std::chrono::milliseconds kPatience{200};
}  // namespace

struct Checkpointer::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::string path;  // to be checkpointed; "" = nothing asked
  int pages = 0;
  std::vector<Database> retired;
  std::vector<std::string> retired_paths;
  bool forget = false;
  bool stopping = false;
  std::optional<Database> open;  // of the thread; the last file that was checkpointed
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return stopping || !path.empty() || !retired.empty() || !retired_paths.empty(); });
      const std::string asked = std::exchange(path, {});
      const int asked_pages = pages;
      std::vector<Database> closing = std::exchange(retired, {});
      std::vector<std::string> closing_paths = std::exchange(retired_paths, {});
      const bool last = stopping;
      const bool forgotten = std::exchange(forget, false);
      lock.unlock();
      if (forgotten) open.reset();
      for (std::string& left : closing_paths) {
        if (auto database = Database::open(left)) closing.push_back(std::move(*database));
      }
      for (Database& database : closing) seal(database);
      closing.clear();
      if (!asked.empty() && !last) checkpoint(asked, asked_pages);
      lock.lock();
      if (last && retired.empty() && retired_paths.empty()) return;
    }
  }

  void seal(Database& database) {
    if (open && open->path() == database.path()) open.reset();
    // Where a reader has it open it stays in WAL mode; the next start tries again.
    std::ignore = database.seal();
  }

  void checkpoint(const std::string& file, int asked_pages) {
    if (!open || open->path() != file) {
      open.reset();
      auto opened = Database::open(file, {.busy = kPatience});
      if (!opened) return;  // gone, or the writer sees the same failure and tells it
      open = std::move(*opened);
    }
    // Failures are the writer's to tell: it sees them at its next commit.
    std::ignore = open->checkpoint(asked_pages > kTooManyPages ? CheckpointMode::Restart : CheckpointMode::Passive);
  }
};

Checkpointer::Checkpointer() : state_(std::make_unique<State>()) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Checkpointer::~Checkpointer() {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

void Checkpointer::after_commit(const Database& database) {
  if (database.wal_pages() < kPages) return;
  {
    const std::scoped_lock lock(state_->mutex);
    state_->path = database.path();
    state_->pages = database.wal_pages();
  }
  state_->wake.notify_one();
}

void Checkpointer::forget() {
  const std::scoped_lock lock(state_->mutex);
  state_->path.clear();
  state_->forget = true;
}

void Checkpointer::retire(Database database) {
  {
    const std::scoped_lock lock(state_->mutex);
    if (state_->path == database.path()) state_->path.clear();
    state_->retired.push_back(std::move(database));
  }
  state_->wake.notify_one();
}

void Checkpointer::retire(std::string path) {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->retired_paths.push_back(std::move(path));
  }
  state_->wake.notify_one();
}

}  // namespace anechoic::store
