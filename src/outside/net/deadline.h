// SPDX-License-Identifier: Apache-2.0
// Deadlines for tens of thousands of waiting connections at the price of one timer per thread.
//
// A Deadline is a link in one of the wheel's slots while it is armed; every kTick the wheel looks through the slot of
// that tick and calls `expired` of those whose time has come. So a deadline is kept to within one tick, late, never
// early. Moving an armed deadline further away only notes the new time; it changes slots when the wheel comes by. The
// wheel ticks only while something is armed (a tick already under way ends in at most kTick). Threads: the io_context
// of the wheel. Lifetime: a Deadline may be destroyed while armed; the wheel's end disarms all, and none may be armed
// after it (so what an io_context destroys with itself is safe).
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "base/clock.h"

namespace anechoic::net {

class DeadlineWheel;

class Deadline {
 public:
  explicit Deadline(DeadlineWheel& wheel) : wheel_(wheel) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual ~Deadline();

  void arm(SteadyTime at);  // again: moves it; SteadyTime::max(): disarms
  void disarm();
  [[nodiscard]] bool armed() const { return armed_; }

 protected:
  virtual void expired() = 0;  // disarmed already; may destroy the Deadline

 private:
  friend class DeadlineWheel;
  DeadlineWheel& wheel_;
  SteadyTime at_{};
  Deadline** link_ = nullptr;  // what points to this one
  Deadline* next_ = nullptr;
  bool armed_ = false;
};

class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{100};
  explicit DeadlineWheel(boost::asio::io_context& context);
  ~DeadlineWheel();  // disarms what is armed
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

 private:
  friend class Deadline;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::net
