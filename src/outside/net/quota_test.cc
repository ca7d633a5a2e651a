// SPDX-License-Identifier: Apache-2.0
#include "outside/net/quota.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace anechoic::net {
namespace {

const ip::Address kOne = ip::Address::v4({192, 0, 2, 1});
const ip::Address kTwo = ip::Address::v4({192, 0, 2, 2});

TEST(Quota, CountsInTotalAndPerAddress) {
  Quota quota({.connections = 3, .connections_per_address = 2});
  std::vector<Quota::Unit> units;
  units.push_back(quota.take(kOne).value());
  units.push_back(quota.take(kOne).value());
  EXPECT_EQ(quota.take(kOne).error().code, Errc::Limit);
  EXPECT_EQ(quota.in_use(), 2U);
  units.push_back(quota.take(kTwo).value());
  EXPECT_EQ(quota.take(kTwo).error().code, Errc::Exhausted);
  units.erase(units.begin());
  EXPECT_EQ(quota.in_use(), 2U);
  EXPECT_TRUE(quota.take(kOne));
}

TEST(Quota, AMovedUnitCountsOnce) {
  Quota quota({.connections = 10, .connections_per_address = 10});
  Quota::Unit kept;
  {
    Quota::Unit taken = quota.take(kOne).value();
    kept = std::move(taken);
  }
  EXPECT_EQ(quota.in_use(), 1U);
  kept = Quota::Unit();
  EXPECT_EQ(quota.in_use(), 0U);
}

TEST(Quota, AnIpv6NetworkIsOneClient) {
  Quota quota({.connections = 10, .connections_per_address = 1});
  std::array<std::uint8_t, 16> octets{0x20, 0x01, 0x0d, 0xb8};
  const auto first = quota.take(ip::Address::v6(octets));
  ASSERT_TRUE(first);
  octets[15] = 9;
  EXPECT_EQ(quota.take(ip::Address::v6(octets)).error().code, Errc::Limit);
  octets[7] = 9;
  EXPECT_TRUE(quota.take(ip::Address::v6(octets)));
}

TEST(Quota, LoweredLimitsHoldForNewOnes) {
  Quota quota({.connections = 10, .connections_per_address = 10});
  const auto first = quota.take(kOne);
  const auto second = quota.take(kOne);
  quota.set_options({.connections = 10, .connections_per_address = 1});
  EXPECT_EQ(quota.take(kOne).error().code, Errc::Limit);
  quota.set_options({.connections = 1, .connections_per_address = 10});
  EXPECT_EQ(quota.take(kTwo).error().code, Errc::Exhausted);
}

TEST(Quota, ThreadsNeverPassTheLimitAndGiveAllBack) {
  constexpr unsigned kLimit = 20;
  Quota quota({.connections = kLimit, .connections_per_address = 7});
  std::atomic<unsigned> taken{0};
  std::atomic<unsigned> refused{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Quota::Unit> units;
      for (unsigned i = 0; i < 2000; ++i) {
        auto unit = quota.take(ip::Address::v4({10, 0, 0, static_cast<std::uint8_t>((i + t) % 5)}));
        if (unit) {
          taken.fetch_add(1);
          units.push_back(std::move(*unit));
        } else {
          refused.fetch_add(1);
        }
        EXPECT_LE(units.size(), kLimit);
        if (i % 8 == 7) units.clear();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(quota.in_use(), 0U);
  EXPECT_GT(taken.load(), 0U);
  EXPECT_EQ(taken.load() + refused.load(), 8000U);
}

}  // namespace
}  // namespace anechoic::net
