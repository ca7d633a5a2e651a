// SPDX-License-Identifier: Apache-2.0
// Deadlines for tens of thousands of waiting connections at the price of one timer per thread.
//
// A Deadline is a link in the wheel's list while it is armed; the wheel looks through the list every kTick and calls
// `expired` of those whose time has come. So a deadline is kept to within one tick, late, never early. Threads: the
// io_context of the wheel. Lifetime: the wheel outlives its Deadlines; a Deadline may be destroyed while armed.
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

  void arm(SteadyTime at);  // again: moves it
  void disarm();
  [[nodiscard]] bool armed() const { return armed_; }

 protected:
  virtual void expired() = 0;  // disarmed already; may destroy the Deadline

 private:
  friend class DeadlineWheel;
  DeadlineWheel& wheel_;
  SteadyTime at_{};
  Deadline* previous_ = nullptr;
  Deadline* next_ = nullptr;
  bool armed_ = false;
};

class DeadlineWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{100};
  explicit DeadlineWheel(boost::asio::io_context& context);
  ~DeadlineWheel();
  DeadlineWheel(const DeadlineWheel&) = delete;
  DeadlineWheel& operator=(const DeadlineWheel&) = delete;

 private:
  friend class Deadline;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::net
