// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test turns it.
#pragma once

#include "base/clock.h"

namespace anechoic::testing {

class FakeClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override { return SteadyTime{} + elapsed_; }
  [[nodiscard]] WallTime wall() const override {
    return WallTime{std::chrono::seconds{1'800'000'000}} +
           std::chrono::duration_cast<std::chrono::microseconds>(elapsed_);
  }
  void advance(std::chrono::nanoseconds by) { elapsed_ += by; }

 private:
  std::chrono::nanoseconds elapsed_{0};
};

}  // namespace anechoic::testing
