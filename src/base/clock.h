// SPDX-License-Identifier: Apache-2.0
// The clock port. Whoever needs the time is given one, so tests turn the hands themselves.
//
// Threads: implementations may be asked from any thread.
#pragma once

#include <chrono>

namespace anechoic {

using SteadyTime = std::chrono::steady_clock::time_point;           // deadlines, lifetimes in memory
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;  // what is written down

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime steady() const = 0;
  [[nodiscard]] virtual WallTime wall() const = 0;

 protected:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
};

// The operating system's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace anechoic
