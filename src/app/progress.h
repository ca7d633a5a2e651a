// SPDX-License-Identifier: Apache-2.0
// A progress bar on standard error: only where that is a terminal, and only once the work has taken a second.
// Threads: none; one owner.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace anechoic::app {

class Progress {
 public:
  // `wanted`: false = never shown (as for --json to a terminal, or in tests).
  explicit Progress(std::ostream& err, bool wanted = true);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap enough to be called for each message.
  void show(const std::string& what, std::uint64_t done, std::uint64_t all);
  void clear();

 private:
  std::ostream& err_;
  bool wanted_;
  bool shown_ = false;
  unsigned calls_ = 0;
  SteadyTime begin_;
  SteadyTime next_;
  std::string what_;
};

}  // namespace anechoic::app
