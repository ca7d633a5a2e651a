// SPDX-License-Identifier: Apache-2.0
// Writes lines to a file or to stderr behind the caller's back, many at a time: a line waits up to kLinger for company,
// so that a busy program wakes the writer thread a few dozen times a second and not once a line.
//
// Never waited for: lines beyond kQueuedOctets are dropped and counted, and so are lines that the disk does not take.
// Errors: opening: Io. Threads: any; the destructor writes what is queued.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"

namespace anechoic::observe {

class LineWriter {
 public:
  static constexpr std::chrono::milliseconds kLinger{20};
  static constexpr std::size_t kQueuedOctets = 8 << 20;

  // Appends to `file`; "" = stderr.
  [[nodiscard]] static Result<std::unique_ptr<LineWriter>> open(const std::string& file);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  void write(std::string_view line);  // without its line end
  void flush();                       // returns when what was given before is written
  // Opens the file anew, what was queued before goes to the old one. On failure the old one is kept.
  [[nodiscard]] Result<void> reopen();
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  LineWriter(std::string file, int descriptor);
  void run();
  void put_queue(std::unique_lock<std::mutex>& lock);
  // Returns how many of the lines did not get out whole.
  [[nodiscard]] std::uint64_t put(std::string_view lines);

  const std::string file_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;     // of the thread
  std::condition_variable written_;  // of flush() and reopen()
  std::string queue_;
  std::uint64_t dropped_ = 0;
  bool busy_ = false;  // the thread is writing
  bool stopping_ = false;
  int descriptor_;     // this and the next: of the thread while busy_, else under the lock
  bool torn_ = false;  // the last line in the file has no end
  std::thread thread_;
};

}  // namespace anechoic::observe
