// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/body_scanner.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "wire/smtp/bdat_reader.h"
#include "wire/smtp/data_reader.h"

namespace anechoic::smtp {
namespace {

using namespace std::string_view_literals;

struct Body {
  std::string body;
  std::string rest;  // behind the end
  bool ended = false;
  BodyFault fault = BodyFault::None;
};

Body read_data(std::string_view text, const BodyRules& rules, std::size_t piece) {
  Body run;
  DataReader reader(rules);
  while (!text.empty()) {
    std::string_view part = text.substr(0, piece);
    text.remove_prefix(part.size());
    while (!part.empty() && !reader.ended()) run.body += reader.read(part);
    run.rest += part;
  }
  run.ended = reader.ended();
  run.fault = reader.scanner().fault();
  return run;
}

struct Case {
  std::string_view input;
  std::string_view body;
  std::string_view rest;
  BodyFault fault;
};
constexpr auto kReject = std::to_array<Case>({
    {".\r\n"sv, ""sv, ""sv, BodyFault::None},
    {".\r\nQUIT\r\n"sv, ""sv, "QUIT\r\n"sv, BodyFault::None},
    {"a\r\n.\r\n"sv, "a\r\n"sv, ""sv, BodyFault::None},
    {"a\r\n..\r\n..b\r\n.c\r\n.\r\n"sv, "a\r\n.\r\n.b\r\nc\r\n"sv, ""sv, BodyFault::None},
    {"..\r\n.\r\nx"sv, ".\r\n"sv, "x"sv, BodyFault::None},
    {"a.\r\n.\r\n"sv, "a.\r\n"sv, ""sv, BodyFault::None},
    {"\r\n\r\n.\r\n"sv, "\r\n\r\n"sv, ""sv, BodyFault::None},
    {"a\n.\r\n\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::BareLineEnd},
    {"a\r\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::BareLineEnd},
    {"a\r\n.\r\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::BareLineEnd},
    {"\n.\n\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::BareLineEnd},
    {"a\0\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::Nul},
    {"a\nb\0\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::Nul},
});
constexpr auto kNormalize = std::to_array<Case>({
    {"a\nb\rc\r\nd\r\r\r\ne\r\n.\r\n-"sv, "a\r\nb\r\nc\r\nd\r\ne\r\n"sv, "-"sv, BodyFault::None},
    {"\n..a\r..b\r\n.\r\n-"sv, "\r\n.a\r\n.b\r\n"sv, "-"sv, BodyFault::None},
    {"\n.\n\n.\r\r.\n\r\n.\r\n-"sv, "\r\n\r\n\r\n\r\n\r\n\r\n"sv, "-"sv, BodyFault::None},
    {"a\r\n.\n.\r\n.\r\n-"sv, "a\r\n\r\n\r\n"sv, "-"sv, BodyFault::None},
    {"a\0\n.\r\n\r\n.\r\n-"sv, ""sv, "-"sv, BodyFault::Nul},
});

TEST(DataReader, UnstuffsAndFindsTheEndHoweverTheOctetsCome) {
  const auto check = [](const auto& cases, bool normalize) {
    for (const Case& c : cases) {
      for (std::size_t piece = 1; piece <= c.input.size(); ++piece) {
        BodyRules rules;
        rules.normalize = normalize;
        const Body run = read_data(c.input, rules, piece);
        const auto shown = ::testing::PrintToString(c.input) + " in pieces of " + std::to_string(piece);
        EXPECT_TRUE(run.ended) << shown;
        EXPECT_EQ(run.fault, c.fault) << shown;
        EXPECT_EQ(run.rest, c.rest) << shown;
        if (c.fault == BodyFault::None) {
          EXPECT_EQ(run.body, c.body) << shown;
        }
      }
    }
  };
  check(kReject, false);
  check(kNormalize, true);
}

TEST(DataReader, DoesNotEndOnLess) {
  for (const std::string_view text : {"a\r\n."sv, "a\r\n.\r"sv, "a\r\n..\r\n"sv, "a.\r\n"sv, "a\n.\n"sv, "a\r.\r"sv,
                                      "\n.\r\n"sv, "a\r\n\0.\r\n"sv, "a\r\n.\0\r\n"sv, "a\r\0\n.\r\n"sv}) {
    for (const bool normalize : {false, true}) {
      BodyRules rules;
      rules.normalize = normalize;
      EXPECT_FALSE(read_data(text, rules, 100).ended) << ::testing::PrintToString(text);
    }
  }
}

TEST(DataReader, KeepsBounds) {
  BodyRules rules;
  rules.octets = 6;
  rules.line_octets = 5;
  EXPECT_EQ(read_data("..23\r\n.\r\n", rules, 1).fault, BodyFault::None);
  EXPECT_EQ(read_data("1234\r\n.\r\n", rules, 1).fault, BodyFault::LineTooLong);
  EXPECT_EQ(read_data("1234", rules, 100).fault, BodyFault::LineTooLong);
  EXPECT_EQ(read_data("123\r\n\r\n.\r\n", rules, 1).fault, BodyFault::TooBig);
  EXPECT_EQ(read_data("123\r\n\r\n.\r\n", rules, 100).body, "");
  EXPECT_EQ(read_data("1\r\n2\r\n.\r\n", rules, 2).body, "1\r\n2\r\n");
}

TEST(BdatReader, JoinsChunks) {
  BdatReader reader{BodyRules{}};
  std::string body;
  const auto chunk = [&](std::string_view octets, bool last) {
    reader.begin_chunk(octets.size(), last);
    std::string_view input = octets;
    while (!reader.chunk_done()) body += reader.read(input);
    EXPECT_TRUE(input.empty());
  };
  chunk("a\r", false);
  chunk("\n.\r\n", false);
  chunk("", false);
  chunk("..b", true);
  EXPECT_EQ(body, "a\r\n.\r\n..b\r\n");
  EXPECT_EQ(reader.scanner().octets(), body.size());
  EXPECT_EQ(reader.scanner().fault(), BodyFault::None);
}

TEST(BdatReader, LeavesWhatIsBehindTheChunk) {
  BdatReader reader{BodyRules{}};
  reader.begin_chunk(3, false);
  std::string_view input = "a\r\nRSET\r\n";
  EXPECT_EQ(reader.read(input), "a\r\n");
  EXPECT_TRUE(reader.chunk_done());
  EXPECT_EQ(input, "RSET\r\n");
  EXPECT_EQ(reader.read(input), "");
  EXPECT_EQ(input, "RSET\r\n");
}

TEST(BdatReader, FindsFaultsAcrossChunks) {
  for (const bool normalize : {false, true}) {
    BodyRules rules;
    rules.normalize = normalize;
    BdatReader reader(rules);
    std::string body;
    for (const std::string_view octets : {"a\r"sv, "b\r"sv}) {
      reader.begin_chunk(octets.size(), octets.starts_with('b'));
      std::string_view input = octets;
      while (!reader.chunk_done()) body += reader.read(input);
    }
    EXPECT_EQ(reader.scanner().fault(), normalize ? BodyFault::None : BodyFault::BareLineEnd);
    if (normalize) {
      EXPECT_EQ(body, "a\r\nb\r\n");
    }
  }
}

}  // namespace
}  // namespace anechoic::smtp
