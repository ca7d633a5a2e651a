// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <gtest/gtest.h>

#include <set>

#include "testing/fake_clock.h"

namespace anechoic {
namespace {

TEST(Id, IsSixteenCharactersSharedByTheSession) {
  const SessionId session(0xFFFF'FFFF'FFFF'FFFF);
  EXPECT_EQ(session.transaction(0), "p777777777777aaa");
  EXPECT_EQ(session.transaction(1), "p777777777777aab");
  EXPECT_EQ(session.transaction(32767), "p777777777777777");
  EXPECT_EQ(session.transaction(32768), session.transaction(0));
  EXPECT_TRUE(is_id(session.transaction(5)));
}

TEST(Id, IsTakenOnlyAsWritten) {
  EXPECT_TRUE(is_id("abcdefghijklm234"));
  for (const auto* bad : {"", "abcdefghijklm23", "abcdefghijklm2345", "ABCDEFGHIJKLM234", "abcdefghijklm018"}) {
    EXPECT_FALSE(is_id(bad)) << bad;
  }
}

TEST(Id, NeverRepeatsWhileTheClockStandsOrGoesBack) {
  testing::FakeClock clock;
  IdSource source(clock, 7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 5000; ++i) seen.insert(source.next().value());
  clock.advance(std::chrono::milliseconds(1));
  for (int i = 0; i < 5000; ++i) seen.insert(source.next().value());
  clock.advance(-std::chrono::seconds(1));
  for (int i = 0; i < 5000; ++i) seen.insert(source.next().value());
  EXPECT_EQ(seen.size(), 15000U);
}

TEST(Id, DiffersBetweenSeeds) {
  const testing::FakeClock clock;
  EXPECT_NE(IdSource(clock, 1).next().value(), IdSource(clock, 2).next().value());
}

}  // namespace
}  // namespace anechoic
