// SPDX-License-Identifier: Apache-2.0
#include "outside/net/worker.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>

#include "testing/loop.h"

namespace anechoic::net {
namespace {

using Job = std::move_only_function<Result<int>()>;

TEST(Worker, RunsElsewhereAndResumesHere) {
  testing::Loop loop;
  Worker worker("test", 1, 4);
  std::thread::id there;
  Job job = [&]() -> Result<int> {
    there = std::this_thread::get_id();
    return 42;
  };
  const Result<int> result = loop.run(worker.run<int>(std::move(job)));
  EXPECT_EQ(result.value(), 42);
  EXPECT_NE(there, std::this_thread::get_id());
}

TEST(Worker, PassesErrors) {
  testing::Loop loop;
  Worker worker("test", 1, 4);
  Job job = []() -> Result<int> { return fail_errno("fsync", 28); };
  EXPECT_EQ(loop.run(worker.run<int>(std::move(job))).error().detail, "fsync: No space left on device");
}

TEST(Worker, AFullQueueIsExhausted) {
  testing::Loop loop;
  std::promise<void> gate;
  std::promise<void> started;
  std::atomic<int> done{0};
  Worker worker("writer", 1, 2);
  ASSERT_TRUE(worker.submit([&] {
    started.set_value();
    gate.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(worker.submit([&] { ++done; }));
  EXPECT_TRUE(worker.submit([&] { ++done; }));
  EXPECT_EQ(worker.queued(), 2U);
  EXPECT_FALSE(worker.submit([&] { ++done; }));
  Job job = []() -> Result<int> { return 1; };
  const Result<int> result = loop.run(worker.run<int>(std::move(job)));
  EXPECT_EQ(result.error().code, Errc::Exhausted);
  EXPECT_EQ(result.error().detail, "writer: 2 jobs are waiting already");
  gate.set_value();
}

TEST(Worker, FinishesWhatIsQueued) {
  std::atomic<int> done{0};
  {
    Worker worker("test", 2, 100);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(worker.submit([&] { ++done; }));
  }
  EXPECT_EQ(done.load(), 100);
}

TEST(Worker, ManyCallersOnSeveralContexts) {
  std::array<testing::Loop, 3> loops;
  Worker worker("test", 2, 1000);
  std::atomic<int> sum{0};
  std::vector<std::thread> threads;
  for (testing::Loop& loop : loops) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        Job job = [value = std::make_unique<int>(1)]() -> Result<int> { return *value; };
        sum += loop.run(worker.run<int>(std::move(job))).value_or(0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), 300);
}

TEST(Worker, TakesNothingOnceItHasFinished) {
  Worker worker("test", 1, 10);
  int done = 0;
  EXPECT_TRUE(worker.submit([&] { ++done; }));
  worker.finish();
  EXPECT_EQ(done, 1);
  EXPECT_FALSE(worker.submit([&] { ++done; }));
}

}  // namespace
}  // namespace anechoic::net
