// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/codes.h"

#include <gtest/gtest.h>

namespace anechoic::mail::dsn {
namespace {

struct Case {
  std::string_view text, code, status;
};

TEST(Codes, StandWhereRepliesAreQuoted) {
  constexpr Case kCases[] = {
      {"550 5.1.1 <a@b.example>... User unknown", "550", "5.1.1"},
      {"550-5.7.1 first line 550 5.7.1 second", "550", "5.7.1"},
      {"host mx[192.0.2.1] said: 450 4.2.0 greylisted (in reply to RCPT TO command)", "450", "4.2.0"},
      {"Remote host said: 554 denied", "554", ""},
      {"SMTP error after MAIL FROM:<a@b.example> SIZE=1543: 550 no", "550", ""},
      {"Sorry, no mailbox here by that name. (#5.1.1)", "", "5.1.1"},
      {"'552 5.2.2 over quota'", "552", "5.2.2"},
      {"550: user unknown", "550", ""},
      {"[SMTP Error Code 550]", "550", ""},
      {"Requested action not taken: mailbox unavailable 550", "550", ""},
      {"timed out after 500 seconds", "", ""},
      {"connect to 192.0.2.5 port 587", "", ""},
      {"5.1.0 - Unknown address error 550-'5.1.1 no'", "550", "5.1.1"},
      {"Exim 4.96 at 10.4.2.5", "", ""},
      {"version 5.7.9.1 of 2026", "", ""},
      {"550 5.0.0 x (#5.2.2)", "550", "5.2.2"},
      {"", "", ""},
  };
  for (const Case& c : kCases) {
    const Codes found = find_codes(c.text);
    EXPECT_EQ(found.reply_code, c.code) << c.text;
    EXPECT_EQ(found.status, c.status) << c.text;
  }
}

TEST(Codes, StatusFieldsWithComments) {
  EXPECT_EQ(find_status("5.1.1 (bad destination mailbox address)"), "5.1.1");
  EXPECT_EQ(find_status("4.4.7"), "4.4.7");
  EXPECT_EQ(find_status("5.0.0 then 5.2.2"), "5.2.2");
  EXPECT_EQ(find_status("none"), "");
  EXPECT_TRUE(is_vague("5.0.0"));
  EXPECT_FALSE(is_vague("5.1.0"));
}

}  // namespace
}  // namespace anechoic::mail::dsn
