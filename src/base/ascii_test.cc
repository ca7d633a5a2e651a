// SPDX-License-Identifier: Apache-2.0
#include "base/ascii.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace anechoic::ascii {
namespace {

TEST(Ascii, ComparesWithoutCaseOfAToZOnly) {
  EXPECT_TRUE(iequals("MAIL", "mail"));
  EXPECT_FALSE(iequals("MAIL", "mails"));
  EXPECT_FALSE(iequals("@", "`"));  // 0x40 and 0x60 differ by the case bit but are no letters
  EXPECT_TRUE(istarts_with("Mail FROM", "mail"));
  EXPECT_FALSE(istarts_with("Mai", "mail"));
}

TEST(Ascii, ReadsNumbersWholeOrNotAtAll) {
  EXPECT_EQ(parse_number<std::uint8_t>("255"), 255);
  for (const auto* bad : {"", "256", "-1", "+1", " 1", "1 ", "0x1", "1a"}) {
    EXPECT_FALSE(parse_number<std::uint8_t>(bad)) << bad;
  }
  EXPECT_EQ(parse_number<std::uint16_t>("fFfF", 16), 0xFFFF);
}

TEST(Ascii, TrimsBlanks) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
}

}  // namespace
}  // namespace anechoic::ascii
