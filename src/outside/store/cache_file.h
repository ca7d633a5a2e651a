// SPDX-License-Identifier: Apache-2.0
// cache.sqlite: what may be learned again, kept over a restart. One writer thread for all who write to it; many changes
// to a commit. What it holds: mixed_results.h, recipient_cache.h.
//
// A corrupt file is renamed aside, the log says so, and a new one begun. What the disk has no room for is dropped and
// counted.
//
// Errors at open(): Refused (written by a newer version), Io.   Threads: submit(), flush(), stats() from any; `log` and
// `clock` outlive it. The destructor writes what is queued.                                                  DESIGN 3d
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "outside/store/database.h"

namespace anechoic::observe {
class Log;
}

namespace anechoic::store {

struct CacheOptions {
  std::string file = "cache.sqlite";
  std::size_t queued_changes = 16'384;  // more are refused
};

struct CacheStats {
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;  // refused by the full queue, or failed
  bool failing = false;       // the last commit failed
};

class CacheFile {
 public:
  // Performed on the writer thread, within a transaction; a second time if the file was found corrupt meanwhile.
  using Change = std::function<Result<void>(Database&)>;
  using Done = std::move_only_function<void()>;  // on the writer thread
  enum class Durable : std::uint8_t { No, Yes };

  [[nodiscard]] static Result<std::unique_ptr<CacheFile>> open(const CacheOptions& options, const Clock& clock,
                                                               observe::Log& log);
  ~CacheFile();
  CacheFile(const CacheFile&) = delete;
  CacheFile& operator=(const CacheFile&) = delete;

  // Queues a change. `done` (may be empty) is called once it is committed, with Durable::Yes also synced, or has
  // failed. False: the queue is full; `done` is not called.
  [[nodiscard]] bool submit(Change change, Durable durable, Done done);
  void flush();
  [[nodiscard]] CacheStats stats() const;
  // A connection of one's own, for reading at the start.
  [[nodiscard]] Result<Database> open_to_read() const;
  [[nodiscard]] const Clock& clock() const;

 private:
  struct State;
  explicit CacheFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::store
