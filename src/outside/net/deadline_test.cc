// SPDX-License-Identifier: Apache-2.0
#include "outside/net/deadline.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "testing/loop.h"

namespace anechoic::net {
namespace {

using namespace std::chrono_literals;

class Probe final : public Deadline {
 public:
  explicit Probe(DeadlineWheel& wheel, std::function<void()> then = {}) : Deadline(wheel), then_(std::move(then)) {}
  unsigned calls = 0;
  SteadyTime when{};

 private:
  void expired() override {
    ++calls;
    when = std::chrono::steady_clock::now();
    if (then_) then_();
  }
  std::function<void()> then_;
};

TEST(Deadline, ExpiresOnceLateByAtMostATickNeverEarly) {
  testing::Loop loop;
  Probe probe(loop.wheel);
  const SteadyTime at = testing::within(150ms);
  probe.arm(at);
  loop.run_until([&] { return probe.calls == 1; });
  EXPECT_GE(probe.when, at);
  EXPECT_LT(probe.when, at + DeadlineWheel::kTick + 150ms);  // 150 ms for a busy machine
  EXPECT_FALSE(probe.armed());
  loop.run_for(300ms);
  EXPECT_EQ(probe.calls, 1U);
}

TEST(Deadline, InThePastExpiresAtTheNextTick) {
  testing::Loop loop;
  Probe probe(loop.wheel);
  probe.arm(SteadyTime{});
  loop.run_until([&] { return probe.calls == 1; });
}

TEST(Deadline, MovedAwayAndNearer) {
  testing::Loop loop;
  Probe later(loop.wheel);
  Probe nearer(loop.wheel);
  later.arm(testing::within(50ms));
  const SteadyTime moved = testing::within(400ms);
  later.arm(moved);
  nearer.arm(testing::within(1h));
  nearer.arm(testing::within(50ms));
  loop.run_until([&] { return nearer.calls == 1; });
  EXPECT_EQ(later.calls, 0U);
  loop.run_until([&] { return later.calls == 1; });
  EXPECT_GE(later.when, moved);
}

TEST(Deadline, DisarmedOrDestroyedStaysSilent) {
  testing::Loop loop;
  Probe disarmed(loop.wheel);
  disarmed.arm(testing::within(20ms));
  disarmed.disarm();
  Probe never(loop.wheel);
  never.arm(testing::within(20ms));
  never.arm(SteadyTime::max());
  EXPECT_FALSE(never.armed());
  {
    Probe gone(loop.wheel);
    gone.arm(testing::within(20ms));
  }
  loop.run_for(300ms);
  EXPECT_EQ(disarmed.calls, 0U);
  EXPECT_EQ(never.calls, 0U);
}

TEST(Deadline, ExpiryMayDestroyItselfAndOthersThatAreDue) {
  testing::Loop loop;
  std::vector<std::unique_ptr<Probe>> probes;
  unsigned calls = 0;
  for (int i = 0; i < 3; ++i) {
    probes.push_back(std::make_unique<Probe>(loop.wheel, [&] {
      ++calls;
      probes.clear();
    }));
    probes.back()->arm(testing::within(20ms));
  }
  loop.run_for(300ms);
  EXPECT_EQ(calls, 1U);
}

TEST(Deadline, ExpiryMayArmAgain) {
  testing::Loop loop;
  std::unique_ptr<Probe> probe;
  probe = std::make_unique<Probe>(loop.wheel, [&] {
    if (probe->calls < 3) probe->arm(testing::within(1ms));
  });
  probe->arm(testing::within(1ms));
  loop.run_until([&] { return probe->calls == 3; });
  EXPECT_FALSE(probe->armed());
}

TEST(DeadlineWheel, DoesNotTickWhenNothingIsArmed) {
  testing::Loop loop;
  loop.context.restart();
  EXPECT_EQ(loop.context.run(), 0U);  // nothing to wait for
  Probe probe(loop.wheel);
  probe.arm(testing::within(10ms));
  loop.context.restart();
  EXPECT_EQ(loop.context.run(), 1U);  // one tick, then nothing again
  EXPECT_EQ(probe.calls, 1U);
}

TEST(DeadlineWheel, ManyDeadlinesOverManySlots) {
  testing::Loop loop;
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i = 0; i < 3000; ++i) {
    probes.push_back(std::make_unique<Probe>(loop.wheel));
    // Every third lies more than a turn of the wheel away, in the same slots.
    probes.back()->arm(testing::within(std::chrono::milliseconds(i % 500) + (i % 3 == 0 ? 51200ms : 0ms)));
  }
  loop.run_for(800ms);
  for (std::size_t i = 0; i < probes.size(); ++i) EXPECT_EQ(probes[i]->calls, i % 3 == 0 ? 0U : 1U) << i;
}

TEST(DeadlineWheel, EndsBeforeItsDeadlines) {
  testing::Loop loop;
  auto wheel = std::make_unique<DeadlineWheel>(loop.context);
  Probe probe(*wheel);
  probe.arm(testing::within(1h));
  wheel.reset();
  EXPECT_FALSE(probe.armed());
}

}  // namespace
}  // namespace anechoic::net
