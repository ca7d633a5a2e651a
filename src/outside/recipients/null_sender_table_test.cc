// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/null_sender_table.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace anechoic::recipients {
namespace {

using std::chrono::seconds;

SteadyTime at(int second) {
  return SteadyTime{} + seconds(second);
}

TEST(NullSenderTable, CountsTheLastMinute) {
  NullSenderTable rates({}, 1);
  const mail::Mailbox user{"user", "example.org"};
  EXPECT_EQ(rates.add(user, at(1000)), 1U);
  EXPECT_EQ(rates.add(user, at(1001)), 2U);
  EXPECT_EQ(rates.add(user, at(1030)), 3U);
  EXPECT_EQ(rates.add({"other", "example.org"}, at(1030)), 1U);
  EXPECT_EQ(rates.add({"user", "example.net"}, at(1030)), 1U);
  EXPECT_EQ(rates.add(user, at(1049)), 4U);
  EXPECT_EQ(rates.add(user, at(1060)), 3U);  // the two of 1000..1009 have gone
  EXPECT_EQ(rates.add(user, at(1055)), 4U);  // a clock of another thread, read a little earlier
  EXPECT_EQ(rates.add(user, at(5000)), 1U);
}

TEST(NullSenderTable, TableIsBoundedAndKeepsTheBusyOnes) {
  NullSenderTable rates({.entries = 128}, 7);
  const mail::Mailbox victim{"victim", "example.org"};
  for (int i = 0; i < 50; ++i) {
    rates.add(victim, at(100));
  }
  for (int i = 0; i < 10'000; ++i) {
    rates.add({"u" + std::to_string(i), "example.org"}, at(100));
  }
  EXPECT_EQ(rates.add(victim, at(101)), 51U);
}

TEST(NullSenderTable, ThreadsCountTogether) {
  NullSenderTable rates({}, 3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&rates] {
      for (int i = 0; i < 1000; ++i) {
        rates.add({"user", "example.org"}, at(100));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(rates.add({"user", "example.org"}, at(100)), 4001U);
}

}  // namespace
}  // namespace anechoic::recipients
