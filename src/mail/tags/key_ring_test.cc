// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/key_ring.h"

#include <gtest/gtest.h>

#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::noon;
using anechoic::testing::tag_key;
using anechoic::testing::tag_ring;

Result<KeyRing> made(Key a, Key b) {
  std::vector<Key> keys;
  keys.push_back(std::move(a));
  keys.push_back(std::move(b));
  return KeyRing::make(std::move(keys));
}

TEST(KeyRing, SignsWithTheOneThatBeganLast) {
  const KeyRing ring = tag_ring(tag_key(3, "old", noon(100), noon(220)), tag_key(4, "new", noon(200)));
  EXPECT_EQ(ring.signing(noon(99)), nullptr);
  EXPECT_EQ(ring.signing(noon(100))->id, 3U);
  EXPECT_EQ(ring.signing(noon(199))->id, 3U);
  EXPECT_EQ(ring.signing(noon(200))->id, 4U);
  EXPECT_EQ(ring.signing(noon(300))->id, 4U);
  EXPECT_EQ(ring.find(3)->secret.octets(), "old");
  EXPECT_EQ(ring.find(5), nullptr);
  EXPECT_EQ(KeyRing().signing(noon(1)), nullptr);
}

TEST(KeyRing, EndsBeforeUntil) {
  const KeyRing ring = tag_ring(tag_key(0, "k", noon(1), noon(2)));
  EXPECT_NE(ring.signing(noon(2) - std::chrono::microseconds{1}), nullptr);
  EXPECT_EQ(ring.signing(noon(2)), nullptr);
}

TEST(KeyRing, PrefersTheHigherIdOfTwoThatBeganAtOnce) {
  EXPECT_EQ(tag_ring(tag_key(1, "a"), tag_key(2, "b")).signing(noon(1))->id, 2U);
  EXPECT_EQ(tag_ring(tag_key(2, "a"), tag_key(1, "b")).signing(noon(1))->id, 2U);
}

TEST(KeyRing, RefusesWhatIsNoRing) {
  EXPECT_FALSE(made(tag_key(1, "a"), tag_key(1, "b")));
  EXPECT_FALSE(made(tag_key(1, "a"), tag_key(10, "b")));
  EXPECT_FALSE(made(tag_key(1, "a"), tag_key(2, "")));
  EXPECT_FALSE(made(tag_key(1, "a"), tag_key(2, "b", noon(2), noon(2))));
  EXPECT_TRUE(made(tag_key(0, "a"), tag_key(9, "b", noon(2), noon(3))));
}

TEST(KeyRing, TermsHaveADayOfSkew) {
  const Key key = tag_key(1, "a", noon(10), noon(20));
  EXPECT_FALSE(in_term(key, noon(5), noon(8)));
  EXPECT_TRUE(in_term(key, noon(5), noon(9)));
  EXPECT_TRUE(in_term(key, noon(12), noon(13)));
  EXPECT_TRUE(in_term(key, noon(20), noon(30)));
  EXPECT_FALSE(in_term(key, noon(21), noon(30)));
  EXPECT_TRUE(in_term(tag_key(1, "a"), WallTime::min(), WallTime::min()));
  EXPECT_TRUE(in_term(tag_key(1, "a"), noon(20000), WallTime::max()));
}

TEST(KeyRing, TimesHaltAtTheirEnds) {
  EXPECT_EQ(moved(WallTime::max(), std::chrono::days{1}), WallTime::max());
  EXPECT_EQ(moved(WallTime::min(), std::chrono::days{-1}), WallTime::min());
  EXPECT_EQ(moved(noon(5), std::chrono::days{-1}), noon(4));
}

}  // namespace
}  // namespace anechoic::mail::tags
