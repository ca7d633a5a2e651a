// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/address_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace anechoic::recipients {
namespace {

AddressFile read(std::string_view text, const AddressRules& rules = {}) {
  AddressReader reader(rules);
  EXPECT_TRUE(reader.feed(text));
  return std::move(reader).finish().value();
}

Listed find(const AddressFile& file, std::string_view address, const AddressRules& rules = {}) {
  return file.table.find(mail::parse_mailbox(address, mail::Utf8::Allowed).value(), rules);
}

TEST(AddressReader, OneAddressOrRuleALine) {
  const AddressFile file = read(
      "\xef\xbb\xbf# our people\r\n"
      "user@example.org\r\n"
      "\n"
      "  second@EXAMPLE.org\t# with a comment\n"
      "a#b@example.org\n"
      "@rule.example\n"
      "\"a b\"@example.org\n"
      "victim%else@example.org\n"
      "m\xc3\xbcller@example.org\n"
      "user@example.org\n"
      "last@example.org");
  EXPECT_EQ(file.bad_line_count, 0U);
  EXPECT_EQ(file.table.size(), 8U);
  EXPECT_EQ(find(file, "user@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "second@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "a#b@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "anything@rule.example"), Listed::ByDomain);
  EXPECT_EQ(find(file, "anything@sub.rule.example"), Listed::No);
  EXPECT_EQ(find(file, "\"a b\"@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "victim%else@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "m\xc3\xbcller@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "last@example.org"), Listed::Exactly);
  EXPECT_EQ(find(file, "nobody@example.org"), Listed::No);
  EXPECT_EQ(find(file, "use@example.org"), Listed::No);
}

TEST(AddressReader, BadLinesAreReportedWithTheirNumbers) {
  std::string text = "good@example.org\nno-at-sign\nuser@example.org OK\n@\n\xff@example.org\n";
  text += std::string(5000, 'x') + "@example.org\nalso@example.org\n";
  const AddressFile file = read(text);
  EXPECT_EQ(file.table.size(), 2U);
  EXPECT_EQ(find(file, "also@example.org"), Listed::Exactly);
  ASSERT_EQ(file.bad_line_count, 5U);
  ASSERT_EQ(file.bad_lines.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(file.bad_lines[i].line, i + 2);
    EXPECT_NE(file.bad_lines[i].problem.find("write "), std::string::npos) << "it must say what to do";
  }
}

TEST(AddressReader, OnlyTheFirstBadLinesAreKept) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += "bad\n";
  }
  const AddressFile file = read(text);
  EXPECT_EQ(file.bad_line_count, 1000U);
  EXPECT_EQ(file.bad_lines.size(), AddressReader::kReported);
}

TEST(AddressReader, AnyChunksGiveTheSame) {
  const std::string text =
      "\xef\xbb\xbf"
      "a@example.org\r\nbad\r\n@rule.example\n" +
      std::string(3000, 'y') + "\nz@example.org";
  for (const std::size_t chunk : {1U, 2U, 3U, 7U, 1000U}) {
    AddressReader reader({});
    for (std::size_t at = 0; at < text.size(); at += chunk) {
      ASSERT_TRUE(reader.feed(std::string_view(text).substr(at, chunk)));
    }
    const AddressFile file = std::move(reader).finish().value();
    EXPECT_EQ(file.table.size(), 3U);
    EXPECT_EQ(find(file, "a@example.org"), Listed::Exactly);
    EXPECT_EQ(find(file, "z@example.org"), Listed::Exactly);
    const std::vector<BadLine> whole = read(text).bad_lines;
    EXPECT_EQ(file.bad_lines, whole);
  }
}

TEST(AddressTable, CaseAndSubaddresses) {
  struct Case {
    const char* list;
    const char* asked;
    AddressRules rules;
    Listed expected;
  };
  const AddressRules usual;
  const AddressRules exact{.case_sensitive = true, .subaddress = "+"};
  const AddressRules none{.case_sensitive = false, .subaddress = ""};
  const AddressRules two{.case_sensitive = false, .subaddress = "+-"};
  const Case cases[] = {
      {"User@example.org", "uSER@Example.ORG", usual, Listed::Exactly},
      {"User@example.org", "User@Example.ORG", exact, Listed::Exactly},
      {"User@example.org", "user@example.org", exact, Listed::No},
      {"user@example.org", "user+tag@example.org", usual, Listed::BySubaddress},
      {"user@example.org", "USER+Tag@example.org", usual, Listed::BySubaddress},
      {"user@example.org", "user+a+b@example.org", usual, Listed::BySubaddress},
      {"user+tag@example.org", "user+tag@example.org", usual, Listed::Exactly},
      {"user+tag@example.org", "user@example.org", usual, Listed::No},
      {"user@example.org", "user+tag@example.org", none, Listed::No},
      {"user@example.org", "user-tag@example.org", usual, Listed::No},
      {"user@example.org", "user-tag@example.org", two, Listed::BySubaddress},
      {"user@example.org", "user-a+b@example.org", two, Listed::BySubaddress},
      {"user-a@example.org", "user-a+b@example.org", two, Listed::No},
      {"user@example.org", "+tag@example.org", usual, Listed::No},
      {"@example.org", "user+tag@example.org", usual, Listed::ByDomain},
      {"@example.org", "user@sub.example.org", usual, Listed::No},
      {"\"a@b\"@example.org", "\"A@b\"@example.org", usual, Listed::Exactly},
      {"a@example.org", "\"x@a\"@example.org", usual, Listed::No},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(find(read(c.list, c.rules), c.asked, c.rules), c.expected) << c.list << " asked " << c.asked;
  }
}

TEST(AddressTable, EverySizeEndsItsSearch) {
  std::string text;
  for (int size = 0; size < 70; ++size) {
    const AddressFile file = read(text);
    for (int i = 0; i < 200; ++i) {
      const Listed expected = i < size ? Listed::Exactly : Listed::No;
      ASSERT_EQ(find(file, "u" + std::to_string(i) + "@example.org"), expected);
    }
    text += "u" + std::to_string(size) + "@example.org\n";
  }
}

TEST(AddressTable, HoldsManyCompactly) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) {
    text += "user" + std::to_string(i) + "@example.org\n";
  }
  const AddressFile file = read(text);
  EXPECT_EQ(file.table.size(), 20'000U);
  EXPECT_LT(file.table.octets(), text.size() + (20'000U * 14U));
  for (int i = 0; i < 20'000; i += 7) {
    EXPECT_EQ(find(file, "user" + std::to_string(i) + "@example.org"), Listed::Exactly);
    EXPECT_EQ(find(file, "user" + std::to_string(i + 20'000) + "@example.org"), Listed::No);
  }
}

}  // namespace
}  // namespace anechoic::recipients
