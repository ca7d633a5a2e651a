// SPDX-License-Identifier: Apache-2.0
// An mbox opened and locked against delivery agents and mail readers.
//
// First the kernel's lock (fcntl), then the lock file MBOX.lock, the order that Debian's policy (11.6) asks for. Both
// are only tried: who waits for the second gives up the first meanwhile, so agents that take them the other way round
// (Postfix, Exim) can't be blocked by us for good. The kernel's lock belongs to the open file, not to the process: no
// other close() loses it. After both are held the path is looked up again: it must still be the same file.
// A lock file left by one of us that was killed is removed at once, another one after five minutes (also one whose
// writer's number now is that of another process).
// Threads: none; one owner.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "outside/mailboxes/file.h"

namespace anechoic::mailboxes {

class LockedMbox {
 public:
  struct Options {
    std::chrono::seconds patience{60};
    bool create = false;           // make the file if it is missing, like `like`
    int like = -1;                 // owner and mode for it
    std::function<bool()> stop{};  // ends the waiting
  };

  // Timeout: it stayed locked. Refused: no right to write here. `path` is not a symbolic link.
  [[nodiscard]] static Result<LockedMbox> open(const std::string& path, const Options& options);
  LockedMbox(LockedMbox&& other) noexcept;
  LockedMbox& operator=(LockedMbox&&) = delete;
  ~LockedMbox();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] bool created() const { return created_; }
  void refresh() const;  // long work: tells others that the lock file is in use
  // Gives up the locks, keeps the file open: what was delivered into it by somebody who had it open can still be seen.
  [[nodiscard]] Fd release();

 private:
  LockedMbox(Fd fd, std::string lock_file) : fd_(std::move(fd)), lock_file_(std::move(lock_file)) {}
  Fd fd_;
  std::string lock_file_;  // "" = not held
  bool created_ = false;
};

// Removes what a killed run of ours left of its lock on an mbox that is gone (else the next open() does).
void remove_dead_lock(const std::string& path);

// One run at a time: a lock file that goes with the process. Unavailable if another one is at work.
class RunLock {
 public:
  [[nodiscard]] static Result<RunLock> take(const std::string& path);
  RunLock(RunLock&& other) noexcept : fd_(std::move(other.fd_)), path_(std::exchange(other.path_, {})) {}
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

 private:
  RunLock(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  std::string path_;
};

}  // namespace anechoic::mailboxes
