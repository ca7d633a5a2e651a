// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/probe_cache.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace anechoic::recipients {
namespace {

CachedAnswer answer(bool exists, int second = 0) {
  const WallTime at = WallTime{} + std::chrono::seconds(second);
  return {.exists = exists, .asked_at = at, .expires = at + std::chrono::hours(1)};
}

TEST(ProbeCache, PutFindErase) {
  ProbeCache cache(1000, 1);
  EXPECT_EQ(cache.find("a@x"), std::nullopt);
  EXPECT_EQ(cache.put("a@x", answer(true, 1)), std::nullopt);
  EXPECT_EQ(cache.find("a@x"), answer(true, 1));
  EXPECT_EQ(cache.put("a@x", answer(false, 2)), answer(true, 1));
  EXPECT_EQ(cache.find("a@x"), answer(false, 2));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_TRUE(cache.erase("a@x"));
  EXPECT_FALSE(cache.erase("a@x"));
  EXPECT_EQ(cache.find("a@x"), std::nullopt);
}

TEST(ProbeCache, AFloodOfNegativesLeavesThePositives) {
  ProbeCache cache(3200, 5);
  for (int i = 0; i < 500; ++i) {
    cache.put("known" + std::to_string(i) + "@x", answer(true));
  }
  for (int i = 0; i < 50'000; ++i) {
    cache.put("guess" + std::to_string(i) + "@x", answer(false));
  }
  EXPECT_LE(cache.size(), 3200U);
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(cache.find("known" + std::to_string(i) + "@x"));
  }
  EXPECT_TRUE(cache.find("guess49999@x"));
  EXPECT_FALSE(cache.find("guess0@x"));
}

TEST(ProbeCache, TheOneThatWasPutLongestAgoGoes) {
  ProbeCache cache(1, 5);  // one positive and one negative a shard
  cache.put("a@x", answer(true));
  int after = 0;
  while (cache.find("a@x")) {
    cache.put("b" + std::to_string(after++) + "@x", answer(true));
  }
  EXPECT_LT(after, 1000);
  EXPECT_TRUE(cache.find("b" + std::to_string(after - 1) + "@x"));
  // A change of state moves it to the other room and keeps both bounds.
  for (int i = 0; i < 100; ++i) {
    cache.put("c" + std::to_string(i) + "@x", answer(true));
    cache.put("c" + std::to_string(i) + "@x", answer(false));
  }
  EXPECT_LE(cache.size(), 32U);
}

TEST(ProbeCache, ThreadsShareIt) {
  ProbeCache cache(100, 9);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string key = "u" + std::to_string((i * 7 + t) % 300) + "@x";
        cache.put(key, answer(i % 3 == 0));
        (void)cache.find(key);
        if (i % 11 == 0) {
          cache.erase(key);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_LE(cache.size(), 16U * 2U * 3U);
}

}  // namespace
}  // namespace anechoic::recipients
