// SPDX-License-Identifier: Apache-2.0
#include "app/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "app/reason_words.h"
#include "app/when.h"

namespace anechoic::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

store::StoredRow refused_row() {
  store::StoredRow row;
  row.id = "aq3k5zbx7m2laaab";
  row.at = WallTime{std::chrono::seconds{1'800'000'000}};
  row.took = std::chrono::milliseconds(1234);
  row.door = "gateway";
  row.client = "192.0.2.1";
  row.port = 4711;
  row.client_name = "mx.sender.example";
  row.helo = "mx sender";
  row.tls = true;
  row.reverse_path = "<bob@sender.example>";
  row.recipients = {{"<alice@example.org>", "250 2.1.5 OK", "recipient-known", true},
                    {"<nobody@example.org>", "550 5.1.1 No such user", "unknown-recipient", false}};
  row.accepted = 1;
  row.refused = 81;
  row.refused_by_reason = {{"unknown-recipient", 80}, {"relay-denied", 1}};
  row.action = "reject";
  row.reasons = {{"backend", "554 5.7.1 \x1b[31mspam"}};
  row.reply = "554 5.7.1 spam";
  row.backend = "smtp://127.0.0.1:10025";
  row.message_id = "<1@sender.example>";
  row.octets = 2048;
  row.failovers = 1;
  return row;
}

TEST(Story, TellsAMessage) {
  EXPECT_EQ(tell(refused_row()),
            R"(aq3k5zbx7m2laaab  2027-01-15T08:00:00Z, took 1.2 s, by the gateway door

The client 192.0.2.1 (mx.sender.example) called itself "mx sender" and spoke TLS.
The message came from <bob@sender.example>, had 2048 octets, and the Message-ID <1@sender.example>.
The backend was smtp://127.0.0.1:10025, after 1 lost or failed connections.

Recipients: 1 accepted, 81 refused.
  accepted  <alice@example.org>  250 2.1.5 OK
            recipient-known: A recipient source knows the address.
  refused   <nobody@example.org>  550 5.1.1 No such user
            unknown-recipient: A recipient source says that there is no such address.
  and 80 more, not named. All refused ones by reason:
            1 relay-denied: The domain is not one of ours (no [domain] table names it), so the mail was not ours to relay.
            80 unknown-recipient: A recipient source says that there is no such address.

It was refused for good; the sender's own server knows it and tells the sender.
The last answer was: 554 5.7.1 spam

Why:
  backend: This is the answer of the backend itself, passed on.
      554 5.7.1 \x1b[31mspam
)");
}

TEST(Story, TellsASessionWithoutAMessage) {
  store::StoredRow row;
  row.id = "aq3k5zbx7m2laaaa";
  row.door = "gateway";
  row.client = "192.0.2.1";
  row.action = "defer";
  row.reasons = {{"timeout", ""}};
  const std::string story = tell(row);
  EXPECT_THAT(story, HasSubstr("The client 192.0.2.1 gave no name and spoke without TLS."));
  EXPECT_THAT(story, HasSubstr("It began no message"));
  EXPECT_THAT(story, Not(HasSubstr("Recipients")));
}

TEST(Story, NamesTheClientBehindATrustedRelay) {
  store::StoredRow row = refused_row();
  row.relayed_client = "198.51.100.20";
  EXPECT_THAT(tell(row), HasSubstr("It is a trusted relay; it had the message from 198.51.100.20."));
}

TEST(Story, SaysWhoReallySentIt) {
  store::StoredRow row = refused_row();
  EXPECT_THAT(tell(row), Not(HasSubstr("really sent")));
  EXPECT_TRUE(to_json(row)["sender"].is_null());
  row.sender.emplace();
  row.sender->checks = {{"spf", "fail", "sender.example", "by -all"}, {"dkim", "none", "", ""}};
  row.sender->proved = {{"a@sender.example", "from", "dkim", "sender.example"}};
  row.sender->not_proved = {{"bob@sender.example", "reverse-path", "no", "\x1b[31m"},
                            {"c@late.example", "reply-to", "unknown", "timeout"}};
  EXPECT_THAT(tell(row), HasSubstr(R"(
Who really sent it:
  spf fail for sender.example (by -all)
  dkim none
  a@sender.example (from) is proved by dkim of sender.example.
  bob@sender.example (reverse-path) is not proved: \x1b[31m
  c@late.example (reply-to) could not be checked: timeout
)"));
  const auto json = to_json(row)["sender"];
  EXPECT_EQ(json["checks"][0]["result"], "fail");
  EXPECT_EQ(json["proved"][0]["by"], "dkim");
  EXPECT_EQ(json["not_proved"][1]["value"], "unknown");
}

TEST(Story, SaysWhenACopyMayExist) {
  store::StoredRow row = refused_row();
  row.in_doubt = true;
  EXPECT_THAT(tell(row), HasSubstr("may have a copy"));
}

TEST(Story, FitsOneLine) {
  EXPECT_EQ(one_line(refused_row()),
            "2027-01-15T08:00:00Z aq3k5zbx7m2laaab reject 192.0.2.1 <bob@sender.example> -> <alice@example.org> (+81) "
            "backend \"554 5.7.1 spam\"");
}

TEST(Story, NamesWhoGotTheMessage) {
  store::StoredRow row = refused_row();
  std::swap(row.recipients[0], row.recipients[1]);
  EXPECT_THAT(one_line(row), HasSubstr("-> <alice@example.org> (+81) "));
}

TEST(Story, GivesJsonWhateverTheBytes) {
  store::StoredRow row = refused_row();
  row.helo = "\xff";
  const auto text = to_json(row).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  const auto object = nlohmann::json::parse(text);
  EXPECT_EQ(object["id"], "aq3k5zbx7m2laaab");
  EXPECT_EQ(object["took_ms"], 1234.0);
  EXPECT_EQ(object["refused_by_reason"]["unknown-recipient"], 80);
  EXPECT_EQ(object["recipients"][1]["accepted"], false);
}

// The table has a sentence for every constant of reasons.h, and no other.
TEST(ReasonWords, CoverTheClosedSet) {
  std::ifstream in(std::string(ANECHOIC_SOURCE_DIR) + "/src/judge/verdict/reasons.h");
  std::ostringstream text;
  text << in.rdbuf();
  const std::string header = text.str();
  const std::regex constant(R"re(k[A-Z]\w+ = "([a-z-]+)")re");
  std::set<std::string> declared;
  for (std::sregex_iterator it(header.begin(), header.end(), constant), end; it != end; ++it) declared.insert((*it)[1]);
  std::set<std::string> told;
  for (const ReasonWords& words : all_reasons()) {
    told.emplace(words.name);
    EXPECT_TRUE(words.sentence.ends_with('.')) << words.name;
  }
  EXPECT_EQ(told, declared);
  EXPECT_THAT(std::string(sentence_of("of-tomorrow")), HasSubstr("no words"));
}

TEST(When, ReadsTimes) {
  const WallTime now{std::chrono::seconds{1'800'000'000}};  // 2027-01-15T08:00:00Z
  struct Case {
    std::string_view text;
    std::int64_t seconds;  // -1: not a time
  };
  const Case cases[] = {
      {"2h", 1'800'000'000 - 7200},
      {"0s", 1'800'000'000},
      {"2027-01-15", 1'799'971'200},
      {"2027-01-15T08:00", 1'800'000'000},
      {"2027-01-15T08:00:07Z", 1'800'000'007},
      {"2027-01-15 08:00:07", 1'800'000'007},
      {"2027-02-29", -1},
      {"2027-01-15T24:00", -1},
      {"2027-1-15", -1},
      {"-2h", -1},
      {"2027-01-15T08", -1},
      {"2027-01-15T08:00:07+01:00", -1},
      {"yesterday", -1},
      {"", -1},
  };
  for (const Case& c : cases) {
    const auto read = parse_when(c.text, now);
    EXPECT_EQ(read ? std::chrono::floor<std::chrono::seconds>(*read).time_since_epoch().count() : -1, c.seconds)
        << c.text;
  }
}

}  // namespace
}  // namespace anechoic::app
