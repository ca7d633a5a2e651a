// SPDX-License-Identifier: Apache-2.0
#include "base/task.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace anechoic {
namespace {

Task<int> one() {
  co_return 1;
}

Task<int> count(int depth) {
  if (depth == 0) co_return co_await one();
  co_return 1 + co_await count(depth - 1);
}

Task<int> sum(int terms) {
  int total = 0;
  for (int i = 0; i < terms; ++i) total += co_await one();
  co_return total;
}

// Something that answers later.
struct Later {
  std::function<void()>& resume;
  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> who) {
    resume = [who] { who.resume(); };
  }
  void await_resume() const {}
};

Task<std::string> wait(std::function<void()>& resume, std::string text) {
  co_await Later{resume};
  co_return text;
}

TEST(Task, RunsToItsEndWhenNothingIsAwaited) {
  int got = 0;
  start(count(10), [&got](int value) { got = value; });
  EXPECT_EQ(got, 11);
}

TEST(Task, ManyAwaitsInARowDoNotGrowTheStack) {
  int got = 0;
  start(sum(200'000), [&got](int value) { got = value; });
  EXPECT_EQ(got, 200'000);
}

TEST(Task, IsResumedByWhatItWaitsFor) {
  std::function<void()> resume;
  std::string got;
  start(wait(resume, "answer"), [&got](std::string value) { got = std::move(value); });
  EXPECT_EQ(got, "");
  resume();
  EXPECT_EQ(got, "answer");
}

TEST(Task, NeverStartedIsFreed) {
  std::function<void()> resume;
  const auto task = wait(resume, std::string(1000, 'x'));
  EXPECT_FALSE(resume);
}

}  // namespace
}  // namespace anechoic
