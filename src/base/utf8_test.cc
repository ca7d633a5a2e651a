// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace anechoic::utf8 {
namespace {

TEST(Utf8, AcceptsWhatRfc3629Defines) {
  for (const auto* good : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid(good)) << good;
  }
}

TEST(Utf8, RefusesOverlongSurrogatesAndCutCharacters) {
  for (const auto* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(is_valid(bad)) << bad;
  }
}

TEST(Utf8, FindsC1Controls) {
  EXPECT_TRUE(has_c1_control("a\xC2\x85"));
  EXPECT_FALSE(has_c1_control("a\xC2\xA0"));
}

TEST(Utf8, CutsBetweenCharacters) {
  EXPECT_EQ(cut("a\xC3\xA9", 3), "a\xC3\xA9");
  EXPECT_EQ(cut("a\xC3\xA9", 2), "a");
  EXPECT_EQ(cut("a\xC3\xA9", 0), "");
}

}  // namespace
}  // namespace anechoic::utf8
