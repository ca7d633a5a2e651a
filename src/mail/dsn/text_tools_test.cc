// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/text_tools.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace anechoic::mail::dsn {
namespace {

TEST(TextTools, OneLine) {
  EXPECT_EQ(one_line("  a \r\n\t b\x01"
                     "c  "),
            "a b c");
  EXPECT_EQ(one_line("Gr\xC3\xBC\xC3\x9F"
                     "e"),
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(one_line("a\xCD"
                     "b@x"),
            "a?b@x");
  EXPECT_EQ(one_line("\xB4"), "?");
  EXPECT_EQ(one_line("abcdef", 3), "abc");
  for (std::size_t limit = 0; limit < 12; ++limit) {
    const std::string cut = one_line("\xE2\x82\xAC\xC3\xA4 \xF0\x9F\x98\x80x", limit);
    EXPECT_LE(cut.size(), limit);
    EXPECT_TRUE(utf8::is_valid(cut)) << limit;
  }
}

TEST(TextTools, AppendStaysWithinTheLimit) {
  std::string text;
  for (int i = 0; i < 100; ++i) append_line(text, "word \xC3\xA4", 50);
  EXPECT_LE(text.size(), 50U);
  EXPECT_TRUE(utf8::is_valid(text));
}

TEST(TextTools, Addresses) {
  const auto found = [](std::string_view text) {
    const auto address = find_address(text);
    return address ? address->address : std::string("none");
  };
  EXPECT_EQ(found("to <Bob@Example.COM>."), "Bob@example.com");
  EXPECT_EQ(found("write to bob@example.com."), "bob@example.com");
  EXPECT_EQ(found("<bob@example.com>... User unknown"), "bob@example.com");
  EXPECT_EQ(found("bob@example.com... User unknown"), "bob@example.com");
  EXPECT_EQ(found("bob...@example.com"), "none");
  EXPECT_EQ(found("bob@example..."), "none");
  EXPECT_EQ(found("dda:SMTP=bob@example.com;"), "bob@example.com");
  EXPECT_EQ(found("bounce+bob=example.com@list.example.org"), "bounce+bob=example.com@list.example.org");
  EXPECT_EQ(found("bob@[192.0.2.1]"), "bob@[192.0.2.1]");
  EXPECT_EQ(found("宛先：bob@example.jp）へ"), "bob@example.jp");
  EXPECT_EQ(found("「bob@example.jp」は"), "bob@example.jp");
  EXPECT_EQ(found("bob@example.co.kr로 보낸"), "bob@example.co.kr");
  EXPECT_EQ(found("bob@bücher.example"), "bob@bücher.example");
  EXPECT_EQ(found("ボブ@メール.みんな"), "ボブ@メール.みんな");
  EXPECT_EQ(found("@ alone @"), "none");
  EXPECT_EQ(found(std::string(5000, '@')), "none");
  EXPECT_EQ(address_of("<bob>"), "bob");
  EXPECT_EQ(address_of("two words"), "");
}

}  // namespace
}  // namespace anechoic::mail::dsn
