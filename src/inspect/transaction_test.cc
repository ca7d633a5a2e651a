// SPDX-License-Identifier: Apache-2.0
// The stages as a door sees them: callbacks, cancelling, soft bounces, and a second door.
#include <gtest/gtest.h>

#include <filesystem>

#include "judge/verdict/reasons.h"
#include "testing/inspect_fixture.h"

namespace anechoic::inspect {
namespace {

namespace reasons = judge::reasons;

using TransactionTest = InspectFixture;

TEST_F(TransactionTest, AnswersComeInAnyOrder) {
  recipients.later = true;
  Session door = session();
  auto transaction = begin(door);
  std::vector<std::string> heard(3);
  for (std::size_t i = 0; i < heard.size(); ++i) {
    transaction->rcpt(to("u" + std::to_string(i) + "@example.org"),
                      [&heard, i](const judge::Verdict& verdict) { heard[i] = to_line(verdict); });
  }
  recipients.answer(3, known(Existence::Absent));
  recipients.answer(1, known(Existence::Exists));
  EXPECT_EQ(heard[1], "");
  recipients.answer(2, {judge::Fact<judge::RecipientStatus>::unknown("gone"), RecipientMode::Reject550});
  EXPECT_EQ(heard[0], "accept recipient-known");
  EXPECT_EQ(heard[1], "defer 451 4.4.3 recipient-source-down");
  EXPECT_EQ(heard[2], "reject 550 5.1.1 unknown-recipient");
  transaction->outcome({});
}

TEST_F(TransactionTest, TwoOpenQuestionsOfANullSenderDoNotBothPass) {
  recipients.later = true;
  Session door = session();
  auto transaction = begin(door, "");
  std::vector<std::string> heard(2);
  for (std::size_t i = 0; i < heard.size(); ++i) {
    transaction->rcpt(to("u" + std::to_string(i) + "@example.org"),
                      [&heard, i](const judge::Verdict& verdict) { heard[i] = to_line(verdict); });
  }
  recipients.answer(2, known(Existence::Exists));
  recipients.answer(1, known(Existence::Exists));
  EXPECT_EQ(heard[1], "accept recipient-known");
  EXPECT_EQ(heard[0], "defer 452 4.5.3 null-sender-recipients");
  transaction->outcome({});
}

TEST_F(TransactionTest, LiveAnswersAreLearnedAtOnce) {
  recipients.next = known(Existence::Exists);
  Session door = session();
  auto transaction = begin(door);
  rcpt(*transaction, "user@example.org");
  rcpt(*transaction, "late@example.org");
  transaction->answered(to("user@example.org"), kOk);
  transaction->answered(to("late@example.org"), {550, {5, 1, 1}, "User unknown"});
  const std::vector<std::pair<std::string, std::uint16_t>> learned{{"user@example.org", 250},
                                                                   {"late@example.org", 550}};
  EXPECT_EQ(recipients.learned, learned);
  Ending ending;
  ending.relayed.recipients = {relayed("user@example.org", kOk)};
  transaction->outcome(std::move(ending));
  EXPECT_EQ(recipients.learned, learned) << "and once";
}

TEST_F(TransactionTest, WhatTheBackendRefusedIsNotTheNullSendersRecipient) {
  recipients.next = known(Existence::Exists);
  Session door = session();
  auto transaction = begin(door, "");
  EXPECT_EQ(rcpt(*transaction, "gone@example.org"), "accept recipient-known");
  transaction->answered(to("gone@example.org"), {550, {5, 1, 1}, "User unknown"});
  EXPECT_EQ(rcpt(*transaction, "user@example.org"), "accept recipient-known");
  transaction->answered(to("user@example.org"), kOk);
  EXPECT_EQ(rcpt(*transaction, "other@example.org"), "defer 452 4.5.3 null-sender-recipients");
  transaction->outcome({});
}

TEST_F(TransactionTest, DestructionCancelsOpenQuestions) {
  recipients.later = true;
  Session door = session();
  auto transaction = begin(door);
  bool called = false;
  for (int i = 0; i < 3; ++i) {
    transaction->rcpt(to("u@example.org"), [&called](const judge::Verdict&) { called = true; });
  }
  recipients.answer(2, known(Existence::Exists));
  EXPECT_TRUE(called);
  called = false;
  transaction->outcome({});
  transaction.reset();
  EXPECT_EQ(recipients.cancelled, 2U);
  EXPECT_TRUE(recipients.open.empty());
  EXPECT_FALSE(called);
}

TEST_F(TransactionTest, ATransactionMayBeDroppedInsideItsCallback) {
  Session door = session();
  for (const bool later : {false, true}) {
    recipients.later = later;
    auto transaction = begin(door);
    Transaction& asked = *transaction;
    asked.rcpt(to("u@example.org"), [&transaction](const judge::Verdict&) { transaction.reset(); });
    if (later) {
      recipients.answer(1, known(Existence::Exists));
    }
    EXPECT_EQ(transaction, nullptr);
  }
}

TEST_F(TransactionTest, OnlyWhatMattersIsAsked) {
  Session door = session();
  auto transaction = begin(door);
  rcpt(*transaction, "user@foreign.example");
  rcpt(*transaction, "postmaster@example.org");
  EXPECT_TRUE(recipients.asked.empty());
  rcpt(*transaction, "user@example.org");
  EXPECT_EQ(recipients.asked, std::vector<std::string>{"user@example.org"});
  transaction->outcome({});
}

TEST_F(TransactionTest, RateOfNullSenderMailsForOneRecipient) {
  recipients.next = known(Existence::Exists);
  Session door = session();
  const auto one_mail = [&](const std::string& address, const std::string& sender) {
    auto transaction = begin(door, sender);
    const std::string line = rcpt(*transaction, address);
    transaction->outcome({});
    return line;
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(one_mail("user@example.org", ""), "accept recipient-known");
  }
  EXPECT_EQ(one_mail("user@example.org", ""), "defer 450 4.2.1 recipient-rate");
  EXPECT_EQ(one_mail("user@example.org", "s@elsewhere.example"), "accept recipient-known");
  EXPECT_EQ(one_mail("other@example.org", ""), "accept recipient-known");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(one_mail("postmaster@example.org", ""), "accept role-account");
  }
  clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(one_mail("user@example.org", ""), "accept recipient-known");
}

// A door that has no envelope (triage, classify) calls headers and end only: decide() takes any subset of facts.
TEST_F(TransactionTest, SecondDoorWithHeadersAndEndOnly) {
  for (const unsigned own : {0U, 3U}) {
    Session door = session();
    auto transaction = door.begin();
    const judge::Verdict headers =
        transaction->headers({.received_fields = 4, .own_received_fields = own, .message_id = "<m@x>"});
    EXPECT_EQ(headers.accepted(), own < 3);
    if (headers.accepted()) {
      EXPECT_TRUE(end(*transaction, "").accepted());
    }
    transaction->outcome({});
    EXPECT_EQ(journal.rows.back().action, own < 3 ? Action::Accept : Action::Reject);
    EXPECT_EQ(journal.rows.back().reasons.front().name, own < 3 ? reasons::kClean : reasons::kLoop);
    EXPECT_EQ(journal.rows.back().reverse_path, "");
    EXPECT_EQ(journal.rows.back().message_id, "<m@x>");
  }
  EXPECT_TRUE(recipients.asked.empty());
}

// The golden scripts once more, through all the inspector: the same answers as decide() gives, softened where the
// script says soft_bounce.
TEST_F(TransactionTest, GoldenScriptsThroughTheWholeInspector) {
  // Says what the script says of rates and senders.
  class Scripted final : public Guard {
   public:
    class Seen final : public Watch {
     public:
      explicit Seen(const judge::Sender& sender) : sender_(sender) {}
      Cancel contribute_end(judge::Facts& facts, Done done) override {
        facts.sender = sender_;
        done();
        return {};
      }

     private:
      const judge::Sender& sender_;
    };
    Cancel contribute_rcpt(const judge::Ruleset&, judge::Facts& facts, Done done) override {
      facts.null_sender_rate = rate;
      facts.sender.spf = sender.spf;
      done();
      return {};
    }
    std::unique_ptr<Watch> watch(const judge::Ruleset&, const judge::Facts&) override {
      return std::make_unique<Seen>(sender);
    }
    judge::Fact<unsigned> rate;
    judge::Sender sender;
  };
  using Kind = testing::PolicyStep::Kind;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ANECHOIC_SOURCE_DIR "/src/judge/verdict/testdata")) {
    ++files;
    auto script = testing::PolicyScriptReader::read(entry.path().string());
    for (auto& [name, policy] : script.ruleset.domains) {
      policy.has_source = true;
    }
    const bool soft = script.ruleset.soft_bounce;
    const auto rules = std::make_shared<const judge::Ruleset>(script.ruleset);
    std::vector<std::unique_ptr<Guard>> guards;
    guards.push_back(std::make_unique<RecipientGuard>(recipients));
    guards.push_back(std::make_unique<Scripted>());
    auto& scripted = static_cast<Scripted&>(*guards.back());
    Inspector whole({}, std::move(guards), journal, clock);
    std::optional<Session> door;
    std::unique_ptr<Transaction> transaction;
    for (const testing::PolicyStep& step : script.steps) {
      SCOPED_TRACE(entry.path().string() + ":" + std::to_string(step.line));
      std::string expected = step.expected;
      if (soft && expected.starts_with("reject 5")) {
        expected.replace(0, 8, "defer 4");
        expected.replace(expected.find(" 5."), 2, " 4");
      }
      std::string got;
      if (step.kind == Kind::Client) {
        transaction.reset();
        door.emplace(whole, rules, SessionId{1},
                     judge::Client{.address = ip::parse_address(step.argument).value(), .name = "", .protocol = ""});
      } else if (step.kind == Kind::Connect) {
        got = to_line(door->connect());
      } else if (step.kind == Kind::Helo) {
        got = to_line(door->helo("x"));
      } else if (step.kind == Kind::Mail) {
        transaction = door->begin();
        EXPECT_TRUE(transaction->mail(testing::reverse_path_of(step)).accepted());
      } else if (step.kind == Kind::Rcpt) {
        recipients.next = {step.facts.recipient_status, step.facts.down_mode};
        scripted.rate = step.facts.null_sender_rate;
        scripted.sender = step.facts.sender;
        transaction->rcpt(testing::forward_path_of(step),
                          [&](const judge::Verdict& verdict) { got = to_line(verdict); });
      } else if (step.kind == Kind::Headers) {
        const auto count = [](const judge::Fact<unsigned>& fact) { return fact.is_known() ? fact.value() : 0U; };
        got = to_line(transaction->headers({.received_fields = count(step.facts.received_fields),
                                            .own_received_fields = count(step.facts.own_received_fields),
                                            .message_id = ""}));
      } else {
        scripted.sender = step.facts.sender;
        got = to_line(end(*transaction));
      }
      EXPECT_EQ(got, expected);
    }
  }
  EXPECT_GT(files, 5);
}

}  // namespace
}  // namespace anechoic::inspect
