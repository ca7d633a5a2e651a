// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/line_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.h"

namespace anechoic::smtp {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

// Lines as they come; bad ones as "!BareLineEnd" and so on.
std::vector<std::string> lines(std::string_view text, std::size_t piece) {
  static constexpr std::string_view kNames[] = {"", "", "!TooLong", "!BareLineEnd", "!Nul"};
  std::vector<std::string> out;
  LineReader reader;
  std::string input;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    input += text.substr(at, piece);
    for (;;) {
      const LineRead read = reader.read(input);
      if (read.status != LineStatus::NeedMore) {
        out.push_back(read.status == LineStatus::Line ? std::string(read.line)
                                                      : std::string(kNames[static_cast<std::size_t>(read.status)]));
      }
      reader.take(read);
      input.erase(0, read.taken);
      if (read.status == LineStatus::NeedMore && read.taken == 0) break;
    }
    EXPECT_LT(input.size(), limits::kCommandLine);
  }
  return out;
}

TEST(LineReader, EndsLinesOnlyWithCrLf) {
  for (const std::size_t piece : {1U, 2U, 3U, 10'000U}) {
    EXPECT_THAT(lines("one\r\n\r\ntwo\r\nthree", piece), ElementsAre("one", "", "two"));
    EXPECT_THAT(lines("one\ntwo\nthree\r\nfour\r\n", piece), ElementsAre("!BareLineEnd", "four"));
    EXPECT_THAT(lines("\n\r\nfour\r\n", piece), ElementsAre("!BareLineEnd", "four"));
    EXPECT_THAT(lines("a\rb\r\nc\r\n", piece), ElementsAre("!BareLineEnd", "c"));
    EXPECT_THAT(lines("a\r\r\nc\r\n", piece), ElementsAre("!BareLineEnd", "c"));
    EXPECT_THAT(lines("a\0\r\nc\r\n"s, piece), ElementsAre("!Nul", "c"));
    EXPECT_THAT(lines("a\nb\r\r\nc\r\n", piece), ElementsAre("!BareLineEnd", "c"));
  }
}

TEST(LineReader, BoundsLines) {
  const std::string longest(limits::kCommandLine - 2, 'x');
  for (const std::size_t piece : {1U, 1000U, 100'000U}) {
    EXPECT_THAT(lines(longest + "\r\nb\r\n", piece), ElementsAre(longest, "b"));
    EXPECT_THAT(lines("x" + longest + "\r\nb\r\n", piece), ElementsAre("!TooLong", "b"));
    EXPECT_THAT(lines("xx" + longest + "\r\nb\r\n", piece), ElementsAre("!TooLong", "b"));
    EXPECT_THAT(lines(std::string(50'000, 'x') + "\r\nb\r\n", piece), ElementsAre("!TooLong", "b"));
    EXPECT_THAT(lines(std::string(50'000, 'x') + "\nb\r\nc\r\n", piece), ElementsAre("!TooLong", "c"));
  }
}

}  // namespace
}  // namespace anechoic::smtp
