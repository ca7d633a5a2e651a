// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"

namespace anechoic::smtp {
namespace {

struct Case {
  std::string input;
  std::vector<Reply> replies;
  std::optional<Errc> error;
};

std::vector<Case> cases() {
  const std::string longest(limits::kReplyLineAccepted - 6, 'x');
  std::string many;
  for (std::size_t i = 0; i + 1 < limits::kReplyLines; ++i) many += "250-a\r\n";
  std::string text;
  for (std::size_t i = 0; i + 1 < limits::kReplyLines; ++i) text += "a\n";
  return {
      {"220 hi\r\n", {{220, {}, "hi"}}, {}},
      {"250\r\n", {{250, {}, ""}}, {}},
      {"250 \r\n", {{250, {}, ""}}, {}},
      {"250-\r\n250 b\r\n", {{250, {}, "\nb"}}, {}},
      {"250-a\r\n250-b\r\n250 c\r\n354 go\r\n", {{250, {}, "a\nb\nc"}, {354, {}, "go"}}, {}},
      {"250-a\r\n250\r\n", {{250, {}, "a\n"}}, {}},
      {"599 x\r\n", {{599, {}, "x"}}, {}},
      {std::string("250 a\0b\r\n", 9), {{250, {}, std::string("a\0b", 3)}}, {}},
      {"250 " + longest + "\r\n", {{250, {}, longest}}, {}},
      {many + "250 z\r\n", {{250, {}, text + "z"}}, {}},
      {"250 ok\r\n199 x\r\n", {{250, {}, "ok"}}, Errc::Syntax},
      {"600 x\r\n", {}, Errc::Syntax},
      {"25 x\r\n", {}, Errc::Syntax},
      {"2x0 x\r\n", {}, Errc::Syntax},
      {"250x\r\n", {}, Errc::Syntax},
      {"250\tx\r\n", {}, Errc::Syntax},
      {" 250 x\r\n", {}, Errc::Syntax},
      {"\r\n", {}, Errc::Syntax},
      {"\n", {}, Errc::Syntax},
      {"250 x\n", {}, Errc::Syntax},
      {"250 x\ry\r\n", {}, Errc::Syntax},
      {"250 x\r\r\n", {}, Errc::Syntax},
      {"250-a\r\n550 b\r\n", {}, Errc::Syntax},
      {"250 x" + longest + "\r\n", {}, Errc::Limit},
      {std::string(limits::kReplyLineAccepted + 1, '2'), {}, Errc::Limit},
      {many + "250-z\r\n250 z\r\n", {}, Errc::Limit},
  };
}

Case read(std::string_view input, std::size_t piece) {
  Case got;
  ReplyReader reader;
  while (!input.empty() && !got.error) {
    std::string_view part = input.substr(0, piece);
    input.remove_prefix(part.size());
    while (!part.empty() && !got.error) {
      auto reply = reader.next(part);
      if (!reply) {
        got.error = reply.error().code;
      } else if (*reply) {
        got.replies.push_back(**reply);
      }
    }
  }
  std::string_view more = "250 ok\r\n";
  if (got.error) {
    EXPECT_FALSE(reader.next(more)) << "the error stays";
  }
  return got;
}

TEST(ReplyReader, InPiecesOfEverySize) {
  for (const Case& wanted : cases()) {
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, wanted.input.size()}) {
      SCOPED_TRACE(wanted.input.substr(0, 60) + " in pieces of " + std::to_string(piece));
      const Case got = read(wanted.input, piece);
      EXPECT_EQ(got.replies, wanted.replies);
      EXPECT_EQ(got.error, wanted.error);
    }
  }
}

TEST(ReplyReader, AnUnfinishedReplyIsPartial) {
  for (const std::string_view input : {"2", "250", "250 x\r", "250-x\r\n", "250-x\r\n2"}) {
    ReplyReader reader;
    EXPECT_FALSE(reader.partial());
    std::string_view part = input;
    const auto reply = reader.next(part);
    ASSERT_TRUE(reply) << input;
    EXPECT_FALSE(*reply);
    EXPECT_TRUE(part.empty());
    EXPECT_TRUE(reader.partial()) << input;
  }
}

TEST(SplitEnhanced, TakesTheCodeOffEveryLine) {
  struct Row {
    std::string text;
    EnhancedCode code;
    std::string rest;
  };
  const std::vector<Row> rows = {
      {"5.1.1 no", {5, 1, 1}, "no"},
      {"5.1.1", {5, 1, 1}, ""},
      {"2.0.0 a\n2.0.0 b", {2, 0, 0}, "a\nb"},
      {"2.0.0 a\n2.0.0", {2, 0, 0}, "a\n"},
      {"2.0.0 a\n2.1.0 b\n2.0.01 c\nd", {2, 0, 0}, "a\n2.1.0 b\n2.0.01 c\nd"},
      {"a\n2.0.0 b", {}, "a\n2.0.0 b"},
      {"3.0.0 a", {}, "3.0.0 a"},
      {"2.0.0. a", {}, "2.0.0. a"},
      {"", {}, ""},
  };
  for (const Row& row : rows) {
    Reply reply{250, {}, row.text};
    split_enhanced(reply);
    EXPECT_EQ(reply.enhanced, row.code) << row.text;
    EXPECT_EQ(reply.text, row.rest) << row.text;
  }
}

}  // namespace
}  // namespace anechoic::smtp
