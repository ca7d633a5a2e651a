// SPDX-License-Identifier: Apache-2.0
#include "app/auth_request.h"

#include <gtest/gtest.h>

#include "mail/date.h"

namespace anechoic::app {
namespace {

TEST(AuthRequest, Instants) {
  struct Case {
    std::string_view text;
    std::string_view expected;
  };
  for (const Case& one : {
           Case{"2026-11-22T06:15:00Z", "2026-11-22T06:15:00Z"},
           Case{"2026-11-22t06:15:00z", "2026-11-22T06:15:00Z"},
           Case{"2026-11-22 06:15:00Z", "2026-11-22T06:15:00Z"},
           Case{"2026-11-22T07:15:00+01:00", "2026-11-22T06:15:00Z"},
           Case{"2026-11-21T22:45:00-07:30", "2026-11-22T06:15:00Z"},
           Case{"2026-11-22T06:15:00.999999999Z", "2026-11-22T06:15:00Z"},
           Case{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
           Case{"2026-11-22", "2026-11-22T00:00:00Z"},
           Case{"1795328100", "2026-11-22T06:15:00Z"},
           Case{"0", "1970-01-01T00:00:00Z"},
       }) {
    const auto at = parse_instant(one.text);
    ASSERT_TRUE(at) << one.text;
    EXPECT_EQ(mail::format_rfc3339(*at), one.expected) << one.text;
  }
  for (const std::string_view wrong :
       {"", "now", "-1", "1.5", "99999999999999999999", "2026-11-22T06:15:00", "2026-11-22T06:15Z", "2026-13-22",
        "2026-02-30", "2026-11-22T24:00:00Z", "2026-11-22T06:60:00Z", "2026-11-22T06:15:00.Z",
        "2026-11-22T06:15:00+1:00", "2026-11-22T06:15:00Zx", "2026-1-2", "22 Nov 2026"}) {
    EXPECT_FALSE(parse_instant(wrong)) << wrong;
  }
}

TEST(AuthRequest, WhatIsAsked) {
  AuthArguments arguments{.ip = "192.0.2.1",
                          .helo = "mx.example.com",
                          .mail_from = "<Bob@Example.COM>",
                          .mail_from_known = true,
                          .at = {},
                          .zones = {},
                          .message = "-"};
  auto request = read_auth_request(arguments).value();
  EXPECT_EQ(mail::to_string(request.envelope.value().reverse_path), "<Bob@example.com>");
  EXPECT_EQ(request.envelope->helo, "mx.example.com");

  for (const std::string_view null : {"", "<>"}) {
    arguments.mail_from = null;
    EXPECT_TRUE(read_auth_request(arguments).value().envelope.value().reverse_path.is_null());
  }
  arguments.mail_from = "no address @ at all@Example.com";
  request = read_auth_request(arguments).value();
  EXPECT_EQ(request.envelope->reverse_path.mailbox, (mail::Mailbox{"no address @ at all", "example.com"}));
  arguments.mail_from = "@example.com";
  EXPECT_EQ(read_auth_request(arguments)->envelope->reverse_path.mailbox, (mail::Mailbox{"", "example.com"}));

  arguments.ip.clear();
  request = read_auth_request(arguments).value();
  EXPECT_FALSE(request.envelope) << "without --ip SPF is not asked";
  EXPECT_TRUE(request.reverse_path) << "but the reverse-path is known";

  arguments.ip = "[IPv6:2001:db8::1]";
  arguments.mail_from_known = false;
  EXPECT_FALSE(read_auth_request(arguments).value().envelope) << "a message without --mail-from";
  arguments.message.clear();
  EXPECT_TRUE(read_auth_request(arguments).value().envelope.value().reverse_path.is_null()) << "SPF of HELO alone";
}

TEST(AuthRequest, WhatIsMissing) {
  EXPECT_FALSE(read_auth_request({}));
  EXPECT_FALSE(read_auth_request({.ip = "192.0.2.1"}));
  EXPECT_FALSE(read_auth_request({.ip = "192.0.2.1", .helo = {}, .mail_from = "<>", .mail_from_known = true}));
  EXPECT_FALSE(read_auth_request({.ip = "mx.example.com", .helo = "x", .mail_from = "<>", .mail_from_known = true}));
  EXPECT_FALSE(read_auth_request(
      {.ip = {}, .helo = {}, .mail_from = {}, .mail_from_known = false, .at = "then", .zones = {}, .message = "-"}));
}

std::string wire_form(std::string_view file, std::size_t piece) {
  std::string out;
  WireForm wire([&](std::string_view bytes) { out += bytes; });
  for (std::size_t i = 0; i < file.size(); i += piece) wire.feed(file.substr(i, piece));
  wire.finish();
  return out;
}

TEST(WireForm, LineEndsAndMboxLines) {
  struct Case {
    std::string_view file;
    std::string_view expected;
  };
  for (const Case& one : {
           Case{"A: b\n\nx\n", "A: b\r\n\r\nx\r\n"},
           Case{"A: b\n\nx\r\ny\r", "A: b\r\n\r\nx\r\ny\r"},
           Case{"A: b\r\n\r\nx\ny", "A: b\r\n\r\nx\ny"},
           Case{"From a@b Sun Nov 22\nA: b\n\n", "A: b\r\n\r\n"},
           Case{"From a@b Sun Nov 22\r\nA: b\r\n\r\n", "A: b\r\n\r\n"},
           Case{">From a@b\nA: b\n", "A: b\r\n"},
           Case{"From : a@b\nA: b\n", "From : a@b\r\nA: b\r\n"},
           Case{"From: a@b\nA: b\n", "From: a@b\r\nA: b\r\n"},
           Case{"no line end", "no line end"},
           Case{"\n\n", "\r\n\r\n"},
           Case{"", ""},
       }) {
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U})
      EXPECT_EQ(wire_form(one.file, piece), one.expected) << one.file;
  }
  const std::string longest = std::string(200'000, 'x') + "\ny";
  EXPECT_EQ(wire_form(longest, 64 * 1024), longest) << "what has no lines stays as it is";
}

}  // namespace
}  // namespace anechoic::app
