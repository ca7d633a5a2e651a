// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/classic_srs.h"

#include <gtest/gtest.h>

#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::noon;

ClassicSrs with(std::initializer_list<std::string_view> secrets, ClassicSrsOptions options = {}) {
  std::vector<crypto::Secret> keys;
  for (const std::string_view secret : secrets) keys.emplace_back(secret);
  return ClassicSrs(std::move(keys), options);
}

const std::string kFirst = "SRS0=1f/q=RA=example.com=alice@fwd.example";
const std::string kSecond = "SRS1=Qm3F=fwd.example==1f/q=RA=example.com=alice@fwd2.example";

TEST(ClassicSrs, WritesTheDayInTwoCharacters) {
  EXPECT_EQ(srs_timestamp(Day{std::chrono::days{20000}}), "RA");
  EXPECT_EQ(srs_timestamp(Day{}), "AA");
  EXPECT_EQ(srs_timestamp(Day{std::chrono::days{1023}}), "77");
  EXPECT_EQ(srs_timestamp(Day{std::chrono::days{-1}}), "77");
  for (unsigned day = 0; day < 2048; ++day)
    EXPECT_EQ(read_srs_timestamp(srs_timestamp(Day{std::chrono::days{day}})), day % 1024);
  EXPECT_EQ(read_srs_timestamp("ra"), 20000 % 1024);
  for (const std::string_view text : {"", "R", "RAA", "R1", "8A", "R ", "=A"}) EXPECT_FALSE(read_srs_timestamp(text));
}

TEST(ClassicSrs, ForwardsAndReverses) {
  EXPECT_EQ(with({"secret"}).forward("alice@example.com", "fwd.example", noon(20000)), kFirst);
  EXPECT_EQ(with({"secret2"}).forward(kFirst, "fwd2.example", noon(20000)), kSecond);
  EXPECT_EQ(with({"secret"}).reverse(kFirst, noon(20000)), "alice@example.com");
  EXPECT_EQ(with({"secret2"}).reverse(kSecond, noon(20000)), kFirst);
  EXPECT_EQ(with({"secret"}).forward("bob@fwd.example", "fwd.example", noon(20000)), "bob@fwd.example");
}

TEST(ClassicSrs, NeverNestsDeeper) {
  const auto third = with({"secret3"}).forward(kSecond, "fwd3.example", noon(20000));
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->ends_with("=fwd.example==1f/q=RA=example.com=alice@fwd3.example")) << *third;
  EXPECT_EQ(with({"secret3"}).reverse(*third, noon(20000)), kFirst);
}

TEST(ClassicSrs, KnowsThreeSeparators) {
  for (const char separator : {'=', '-', '+'}) {
    const ClassicSrs srs = with({"secret"}, {.separator = separator});
    const auto first = srs.forward("alice@example.com", "fwd.example", noon(20000));
    EXPECT_EQ(*first, std::string("SRS0") + separator + kFirst.substr(5));
    EXPECT_EQ(with({"secret"}).reverse(*first, noon(20000)), "alice@example.com");
    const auto second = with({"secret2"}).forward(*first, "fwd2.example", noon(20000));
    EXPECT_TRUE(second->contains(std::string("=fwd.example=") + separator + "1f/q=RA")) << *second;
    EXPECT_EQ(with({"secret2"}).reverse(*second, noon(20000)), *first);
  }
  EXPECT_EQ(with({"secret"}, {.separator = '*'}).forward("alice@example.com", "fwd.example", noon(20000)), kFirst);
}

TEST(ClassicSrs, ComparesHashesWithoutCase) {
  EXPECT_EQ(with({"secret"}).reverse("srs0=1F/Q=ra=EXAMPLE.COM=ALICE@fwd.example", noon(20000)), "ALICE@EXAMPLE.COM");
}

TEST(ClassicSrs, VerifiesWithEverySecret) {
  EXPECT_EQ(with({"new", "secret"}).reverse(kFirst, noon(20000)), "alice@example.com");
  EXPECT_NE(with({"new", "secret"}).forward("alice@example.com", "fwd.example", noon(20000)), kFirst);
  EXPECT_EQ(with({"new"}).reverse(kFirst, noon(20000)).error(), ClassicSrsFailure::BadHash);
  EXPECT_EQ(with({}).reverse(kFirst, noon(20000)).error(), ClassicSrsFailure::BadHash);
  EXPECT_EQ(with({}).forward("a@b.example", "fwd.example", noon(1)).error(), ClassicSrsFailure::NoSecret);
}

TEST(ClassicSrs, AgesOnEveryDayOfTheWrap) {
  const ClassicSrs srs = with({"secret"});
  for (int day = 19000; day < 20100; ++day) {
    const auto first = srs.forward("alice@example.com", "fwd.example", noon(day));
    for (const int later : {0, 1, 21, 1024}) ASSERT_TRUE(srs.reverse(*first, noon(day + later))) << day;
    for (const int later : {-1, 22, 500, 1023})
      ASSERT_EQ(srs.reverse(*first, noon(day + later)).error(), ClassicSrsFailure::Expired) << day;
  }
}

TEST(ClassicSrs, TakesLongerHashes) {
  const ClassicSrs eight = with({"secret"}, {.hash_length = 8});
  const auto first = eight.forward("alice@example.com", "fwd.example", noon(20000));
  EXPECT_EQ(first->find('=', 5), 13U);
  EXPECT_TRUE(eight.reverse(*first, noon(20000)));
  EXPECT_TRUE(with({"secret"}).reverse(*first, noon(20000)));  // all eight must be right
  std::string changed = *first;
  changed[12] = changed[12] == 'x' ? 'y' : 'x';
  EXPECT_FALSE(with({"secret"}).reverse(changed, noon(20000)));
  EXPECT_FALSE(with({"secret"}, {.hash_length = 8, .hash_min = 8}).reverse(kFirst, noon(20000)));
}

TEST(ClassicSrs, RefusesTheRest) {
  const ClassicSrs srs = with({"secret"});
  const auto failure = [&](std::string_view address) {
    const auto answer = srs.reverse(address, noon(20000));
    return answer ? std::optional<ClassicSrsFailure>() : answer.error();
  };
  using enum ClassicSrsFailure;
  EXPECT_EQ(failure(""), NoAddress);
  EXPECT_EQ(failure("SRS0=1f/q=RA=example.com=alice"), NoAddress);
  EXPECT_EQ(failure("alice@example.com"), NotSrs);
  EXPECT_EQ(failure("SRS0@fwd.example"), NotSrs);
  EXPECT_EQ(failure("SRS0*1f/q=RA=example.com=alice@fwd.example"), NotSrs);
  EXPECT_EQ(failure("SRS0=1f/q=RA=example.com@fwd.example"), Malformed);
  EXPECT_EQ(failure("SRS0=1f/q=RA==alice@fwd.example"), Malformed);
  EXPECT_EQ(failure("SRS0=1f/q=R1=example.com=alice@fwd.example"), Malformed);
  EXPECT_EQ(failure("SRS0==RA=example.com=alice@fwd.example"), BadHash);
  EXPECT_EQ(failure("SRS0=1f/=RA=example.com=alice@fwd.example"), BadHash);
  EXPECT_EQ(failure("SRS0=1f/q=RB=example.com=alice@fwd.example"), BadHash);
  EXPECT_EQ(failure("SRS0=1f/q=RA=example.org=alice@fwd.example"), BadHash);
  EXPECT_EQ(failure("SRS1=1f/q@fwd.example"), Malformed);
  EXPECT_EQ(failure("SRS1=1f/q==a=b@fwd.example"), Malformed);
  EXPECT_EQ(failure("SRS1=1f/q=host.example==a=b=c=d@fwd.example"), BadHash);
  EXPECT_EQ(srs.forward("nobody", "fwd.example", noon(1)).error(), NoAddress);
  EXPECT_EQ(srs.forward("SRS1=x@a.example", "fwd.example", noon(1)).error(), Malformed);
  EXPECT_EQ(srs.forward_shortcut("SRS0=x@a.example", "fwd.example", noon(1)).error(), Malformed);
}

}  // namespace
}  // namespace anechoic::mail::tags
