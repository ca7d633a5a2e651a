// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/body_stuffer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "testing/strict_data.h"

namespace anechoic::smtp {
namespace {

std::optional<std::string> stuff(std::string_view body, std::size_t piece) {
  BodyStuffer stuffer;
  std::string out;
  while (!body.empty()) {
    const std::string_view part = body.substr(0, piece);
    body.remove_prefix(part.size());
    const std::string before = out;
    if (!stuffer.feed(part, out)) {
      EXPECT_EQ(out, before);
      EXPECT_FALSE(stuffer.feed("x", out));
      EXPECT_FALSE(stuffer.finish(out));
      EXPECT_EQ(out, before);
      return std::nullopt;
    }
  }
  if (!stuffer.finish(out)) return std::nullopt;
  EXPECT_FALSE(stuffer.feed("x", out)) << "nothing follows the final dot";
  return out;
}

TEST(BodyStuffer, StuffsInPiecesOfEverySize) {
  struct Row {
    std::string body;
    std::optional<std::string> wire;
  };
  const std::vector<Row> rows = {
      {"", ".\r\n"},
      {"a", "a\r\n.\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"\r\n", "\r\n.\r\n"},
      {".", "..\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"..\r\n", "...\r\n.\r\n"},
      {"a.\r\n.b\r\n\r\n.\r\n", "a.\r\n..b\r\n\r\n..\r\n.\r\n"},
      {std::string("\0.\r\n", 4), std::string("\0.\r\n.\r\n", 7)},
      {"a\nb", std::nullopt},
      {"a\rb", std::nullopt},
      {"a\r", std::nullopt},
      {"\n", std::nullopt},
      {"\r", std::nullopt},
      {"a\r\r\n", std::nullopt},
      {"a\r\n\n.\r\n", std::nullopt},
      {"a\r\n.\n", std::nullopt},
      {"a\n\r\n", std::nullopt},
  };
  for (const Row& row : rows) {
    for (std::size_t piece = 1; piece <= row.body.size() + 1; ++piece) {
      SCOPED_TRACE(row.body + " in pieces of " + std::to_string(piece));
      EXPECT_EQ(stuff(row.body, piece), row.wire);
    }
  }
}

// Every body of up to seven octets over the alphabet that matters comes back from a strict reader, or is refused.
TEST(BodyStuffer, AStrictReaderGetsTheSameBody) {
  constexpr std::string_view kAlphabet = ".\r\na";
  for (std::size_t octets = 0; octets <= 7; ++octets) {
    for (std::size_t n = 0; n < (std::size_t{1} << (2 * octets)); ++n) {
      std::string body;
      for (std::size_t i = 0; i < octets; ++i) body += kAlphabet[(n >> (2 * i)) & 3U];
      const auto wire = stuff(body, 1 + n % 3);
      ASSERT_EQ(wire.has_value(), !testdata::has_bare_line_end(body)) << ::testing::PrintToString(body);
      if (!wire) continue;
      const auto read = testdata::read_strictly(*wire);
      ASSERT_TRUE(read) << ::testing::PrintToString(*wire);
      const bool ended = body.empty() || body.ends_with("\r\n");
      ASSERT_EQ(*read, ended ? body : body + "\r\n");
    }
  }
}

}  // namespace
}  // namespace anechoic::smtp
