// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/line_pattern.h"

#include <gtest/gtest.h>

#include "mail/phrase_match.h"

namespace anechoic::mail::dsn {
namespace {

std::string read(std::string_view pattern, std::string_view line) {
  const auto match = match_line(pattern, line, fold(line));
  if (!match) return "no";
  std::string out = match->address;
  if (!match->original.empty()) out += " from " + match->original;
  if (!match->host.empty()) out += " at " + std::string(match->host);
  if (!match->local.empty()) out += "local " + std::string(match->local);
  if (!match->code.empty()) out += " " + std::string(match->code);
  if (!match->text.empty()) out += " says " + std::string(match->text);
  return out;
}

TEST(LinePattern, ReadsLines) {
  EXPECT_EQ(read("<{address}>:", "  <Bob@Example.COM>:  "), "Bob@example.com");
  EXPECT_EQ(read("<{address}>:", "<bob@example.com>: more"), "no");
  EXPECT_EQ(read("<{address}>: {text}", "<bob@example.com>: User  unknown "), "bob@example.com says User  unknown");
  EXPECT_EQ(read("{code} <{address}>... {text}", "550 <bob@example.com>... User unknown"),
            "bob@example.com 550 says User unknown");
  EXPECT_EQ(read("{code} <{address}>... {text}", "250 <bob@example.com>... ok"), "no");
  EXPECT_EQ(read("recipient: [smtp:{address}]", "Recipient:  [SMTP:bob@example.com]"), "bob@example.com");
  EXPECT_EQ(read("{any}dda:smtp={address};{any}", "c=US;p=X;dda:SMTP=bob@example.com; on Friday"), "bob@example.com");
  EXPECT_EQ(read("(generated from {orig})", "(generated from bob@example.com)"), " from bob@example.com");
  EXPECT_EQ(read("... while talking to {host}:", "... while talking to mx.example.com.:"), " at mx.example.com.");
  EXPECT_EQ(read("{local}", "screenname"), "local screenname");
  EXPECT_EQ(read("{any}{address}{any}", "no address here"), "no");
  EXPECT_EQ(read("{text} at end", "x at end"), " says x");
  EXPECT_EQ(read("{address} ({text})", "bob@example.com (450 no (more) patience (mx.example.com))"),
            "bob@example.com says 450 no (more) patience (mx.example.com)");
  EXPECT_EQ(read("{address} ({text})", "bob@example.com (a) b"), "no");
  EXPECT_EQ(read("{address", "bob@example.com"), "no");
  EXPECT_EQ(read("{address}", "\"bob smith\"@example.com"), "\"bob smith\"@example.com");
  EXPECT_EQ(read("{address}", "bob...@example.com"), "no");
}

}  // namespace
}  // namespace anechoic::mail::dsn
