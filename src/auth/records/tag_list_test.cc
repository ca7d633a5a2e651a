// SPDX-License-Identifier: Apache-2.0
#include "auth/records/tag_list.h"

#include <gtest/gtest.h>

namespace anechoic::auth {
namespace {

std::optional<Errc> code_of(const Result<TagList>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

TEST(TagList, ReadsWhatTheGrammarAllows) {
  struct Case {
    std::string_view text;
    std::vector<Tag> tags;
  };
  const Case cases[] = {
      {"v=1", {{"v", "1"}}},
      {"v=1;", {{"v", "1"}}},
      {"v=1 ; \r\n", {{"v", "1"}}},
      {" v = 1;\r\n\td\t=\texample.org ;", {{"v", "1"}, {"d", "example.org"}}},
      {"a=x=y=; b=", {{"a", "x=y="}, {"b", ""}}},
      {"h=from :\r\n to; x_1=2", {{"h", "from :\r\n to"}, {"x_1", "2"}}},
      {"v=1; V=2", {{"v", "1"}, {"V", "2"}}},
      {"n=gr\xC3\xBC\xC3\x9F", {{"n", "gr\xC3\xBC\xC3\x9F"}}},
  };
  for (const Case& c : cases) {
    const auto list = TagList::parse(c.text);
    ASSERT_TRUE(list) << c.text << ": " << list.error().detail;
    EXPECT_EQ(list->tags(), c.tags) << c.text;
  }
}

TEST(TagList, RefusesTheRest) {
  for (const std::string_view text :
       {"", " ", ";", "v=1;;", "v=1; ;d=x", ";v=1", "v", "v=1; d", "=1", "v=1; =2", "1v=1", "v-1=2", "_v=2", "a b=1",
        "v=1; v=1", "v=1; d=2; v=", "v=\x01", "v=a\x7F"})
    EXPECT_EQ(code_of(TagList::parse(text)), Errc::Syntax) << text;
  EXPECT_EQ(code_of(TagList::parse(std::string_view("v=\0", 3))), Errc::Syntax);
}

TEST(TagList, HasABound) {
  std::string text;
  for (std::size_t i = 0; i < TagList::kMost; ++i) text += "t" + std::to_string(i) + "=1;";
  ASSERT_TRUE(TagList::parse(text));
  EXPECT_EQ(code_of(TagList::parse(text + "last=1")), Errc::Limit);
}

TEST(TagList, FindsByName) {
  const auto list = TagList::parse("V=a; v=b; P=c").value();
  EXPECT_EQ(list.find("v"), "b");
  EXPECT_EQ(list.find("p"), std::nullopt);
  EXPECT_EQ(list.find_any_case("v"), "a");
  EXPECT_EQ(list.find_any_case("p"), "c");
  EXPECT_EQ(list.find_any_case("q"), std::nullopt);
}

TEST(TagList, TakesValuesApart) {
  EXPECT_EQ(without_blanks(" a\r\n\tb c "), "abc");
  EXPECT_EQ(split_list("a: b\r\n :c", ':'), (std::vector<std::string_view>{"a", "b", "c"}));
  EXPECT_EQ(split_list("", ':'), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split_list(":a:", ':'), (std::vector<std::string_view>{"", "a", ""}));
}

// RFC 4648 10.
TEST(Base64, WritesAndReadsTheRfcsVectors) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xFB\xFF\xFE", "+//+"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(encode_base64(bytes), text);
    EXPECT_EQ(decode_base64(text).value(), bytes);
  }
}

TEST(Base64, SkipsBlanksAndForgivesMissingPadding) {
  EXPECT_EQ(decode_base64(" Zm\r\n\t9v Y g = = ").value(), "foob");
  EXPECT_EQ(decode_base64("Zm9vYg").value(), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE").value(), "fooba");
}

TEST(Base64, RefusesTheRest) {
  for (const std::string_view text :
       {"Z", "Zm9vY", "Zg=", "Zg===", "Zm9v=", "Zg==Zg==", "=", "====", "Zm9v====", "Z-_v", "Zm9v!", "Zm\x01v"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace anechoic::auth
