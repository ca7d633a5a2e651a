// SPDX-License-Identifier: Apache-2.0
// The inspector as a door sees it: stages, callbacks, soft bounces, and one journal row for each transaction.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "inspect/rate_guard.h"
#include "inspect/recipient_guard.h"
#include "inspect/transaction.h"
#include "judge/verdict/reasons.h"
#include "testing/fake_clock.h"
#include "testing/inspect_fakes.h"
#include "testing/policy_script.h"

namespace anechoic::inspect {
namespace {

namespace reasons = judge::reasons;
using judge::Action;
using judge::Existence;
using judge::RecipientMode;
using testing::to_line;

RecipientAnswer known(Existence existence, RecipientMode mode = RecipientMode::Reject550) {
  return {judge::Fact<judge::RecipientStatus>::known({.existence = existence, .source = "people", .mode = mode}), {}};
}

mail::ForwardPath to(const std::string& address) {
  return {mail::parse_mailbox(address, mail::Utf8::Forbidden).value()};
}

smtp::RelayedRecipient relayed(const std::string& address, smtp::Reply reply, bool by_backend = true) {
  return {.path = to(address), .reply = std::move(reply), .relayed = by_backend};
}

const smtp::Reply kOk{250, {2, 1, 5}, "Ok"};

class InspectTest : public ::testing::Test {
 protected:
  InspectTest() {
    ruleset->hostname = "mx.example.org";
    ruleset->domains["example.org"] = {.domain = "example.org", .has_source = true};
    ruleset->null_sender_per_minute = 3;
    std::vector<std::unique_ptr<Guard>> guards;
    guards.push_back(std::make_unique<RecipientGuard>(recipients));
    guards.push_back(std::make_unique<RateGuard>(rates, clock));
    inspector.emplace(InspectorOptions{}, std::move(guards), journal, clock);
  }

  Session session() {
    return {*inspector,
            ruleset,
            SessionId{7},
            {.address = ip::parse_address("198.51.100.7").value(),
             .port = 4711,
             .name = "client.example",
             .protocol = "ESMTP"}};
  }
  std::unique_ptr<Transaction> begin(Session& in, const std::string& sender = "s@elsewhere.example") {
    std::unique_ptr<Transaction> transaction = in.begin();
    mail::ReversePath path;
    if (!sender.empty()) {
      path.mailbox = to(sender).mailbox;
    }
    EXPECT_TRUE(transaction->mail(path).accepted());
    return transaction;
  }
  static std::string rcpt(Transaction& transaction, const std::string& address) {
    std::string line = "no answer";
    transaction.rcpt(to(address), [&line](const judge::Verdict& verdict) { line = to_line(verdict); });
    return line;
  }

  std::shared_ptr<judge::Ruleset> ruleset = std::make_shared<judge::Ruleset>();
  testing::FakeClock clock;
  testing::KeptJournal journal;
  testing::ScriptedRecipients recipients;
  NullSenderRates rates{{}, 42};
  std::optional<Inspector> inspector;
};

TEST_F(InspectTest, OneRowTellsTheWholeTransaction) {
  Session door = session();
  ASSERT_TRUE(door.connect().accepted());
  ASSERT_TRUE(door.helo("client.example").accepted());
  auto transaction = begin(door);
  recipients.next = known(Existence::Exists);
  EXPECT_EQ(rcpt(*transaction, "user@example.org"), "accept recipient-known");
  EXPECT_EQ(rcpt(*transaction, "late@example.org"), "accept recipient-known");
  recipients.next = known(Existence::Absent);
  EXPECT_EQ(rcpt(*transaction, "nobody@example.org"), "reject 550 5.1.1 unknown-recipient");
  EXPECT_EQ(rcpt(*transaction, "user@foreign.example"), "reject 554 5.7.1 relay-denied");
  ASSERT_TRUE(transaction->headers({.received_fields = 2, .own_received_fields = 0, .message_id = "<1@x>"}).accepted());
  ASSERT_TRUE(transaction->end().accepted());
  clock.advance(std::chrono::milliseconds(1500));
  Ending ending;
  ending.relayed.recipients = {relayed("user@example.org", kOk),
                               relayed("nobody@example.org", {550, {5, 1, 1}, "No such address here"}, false),
                               relayed("late@example.org", {550, {5, 1, 1}, "User unknown"})};
  ending.relayed.end = smtp::Reply{250, {2, 0, 0}, "Queued"};
  ending.relayed.body_sent = true;
  ending.backend = "smtp://127.0.0.1:10025";
  ending.octets = 1234;
  transaction->outcome(std::move(ending));

  ASSERT_EQ(journal.rows.size(), 1U);
  const JournalRow& row = journal.rows[0];
  EXPECT_EQ(row.id, SessionId{7}.transaction(1));
  EXPECT_EQ(row.id, transaction->id());
  EXPECT_EQ(row.took, std::chrono::milliseconds(1500));
  EXPECT_EQ(row.client.port, 4711);
  EXPECT_EQ(row.helo, "client.example");
  EXPECT_EQ(row.reverse_path, "<s@elsewhere.example>");
  EXPECT_EQ(row.accepted, 1U);
  EXPECT_EQ(row.refused, 3U);
  EXPECT_EQ(row.refused_by_reason.at(reasons::kUnknownRecipient), 1U);
  EXPECT_EQ(row.refused_by_reason.at(reasons::kRelayDenied), 1U);
  EXPECT_EQ(row.refused_by_reason.at(reasons::kBackend), 1U);
  ASSERT_EQ(row.recipients.size(), 4U);
  const auto accepted = std::ranges::find(row.recipients, true, &JournalRecipient::accepted);
  ASSERT_NE(accepted, row.recipients.end());
  EXPECT_EQ(accepted->address, "<user@example.org>");
  EXPECT_EQ(accepted->reply, "250 2.1.5 Ok");
  EXPECT_EQ(row.action, Action::Accept);
  EXPECT_EQ(row.reply, "250 2.0.0 Queued");
  EXPECT_EQ(row.reasons.front().name, reasons::kClean);
  EXPECT_EQ(row.message_id, "<1@x>");
  EXPECT_EQ(row.octets, 1234U);
  EXPECT_EQ(row.backend, "smtp://127.0.0.1:10025");
  // Only what the backend itself said is learned.
  const std::vector<std::pair<std::string, std::uint16_t>> learned{{"user@example.org", 250},
                                                                   {"late@example.org", 550}};
  EXPECT_EQ(recipients.learned, learned);

  transaction->outcome({});  // a second one must not write again, nor the destructor
  transaction.reset();
  door.finish({});  // it had a transaction
  EXPECT_EQ(journal.rows.size(), 1U);
}

TEST_F(InspectTest, MissingOutcomeIsJournalledAsOurBug) {
  Session door = session();
  begin(door).reset();
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].reasons.front().name, reasons::kInternal);
  EXPECT_NE(journal.rows[0].action, Action::Accept);
}

TEST_F(InspectTest, SessionWithoutTransactionHasARowOfItsOwn) {
  Session door = session();
  Ending ending;
  ending.reasons = {{reasons::kEarlyTalker, ""}};
  ending.last = {554, {5, 5, 0}, "Too early"};
  door.finish(ending);
  door.finish(ending);
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].id, SessionId{7}.transaction(0));
  EXPECT_EQ(journal.rows[0].action, Action::Reject);
  EXPECT_EQ(journal.rows[0].reply, "554 5.5.0 Too early");
  EXPECT_EQ(journal.rows[0].reasons.front().name, reasons::kEarlyTalker);
  EXPECT_EQ(journal.rows[0].reverse_path, "");
}

TEST_F(InspectTest, RefusedRecipientsAreCountedAndOnlyTwentyNamed) {
  Session door = session();
  auto transaction = begin(door);
  recipients.next = known(Existence::Absent);
  for (int i = 0; i < 100; ++i) {
    rcpt(*transaction, "u" + std::to_string(i) + "@example.org");
  }
  transaction->outcome({});
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].recipients.size(), 20U);
  EXPECT_EQ(journal.rows[0].refused, 100U);
  EXPECT_EQ(journal.rows[0].refused_by_reason.at(reasons::kUnknownRecipient), 100U);
  EXPECT_EQ(journal.rows[0].action, Action::Reject);
  EXPECT_EQ(journal.rows[0].reply, "550 5.1.1 No such address here");
  EXPECT_EQ(journal.rows[0].reasons.front().name, reasons::kUnknownRecipient);
}

TEST_F(InspectTest, AnswersComeInAnyOrder) {
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

TEST_F(InspectTest, TwoOpenQuestionsOfANullSenderDoNotBothPass) {
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

TEST_F(InspectTest, DestructionCancelsOpenQuestions) {
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

TEST_F(InspectTest, ATransactionMayBeDroppedInsideItsCallback) {
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

TEST_F(InspectTest, OnlyWhatMattersIsAsked) {
  ruleset->domains["bare.example"] = {.domain = "bare.example", .has_source = false};
  Session door = session();
  auto transaction = begin(door);
  rcpt(*transaction, "user@foreign.example");
  rcpt(*transaction, "user@bare.example");
  rcpt(*transaction, "postmaster@example.org");
  EXPECT_TRUE(recipients.asked.empty());
  rcpt(*transaction, "user@example.org");
  EXPECT_EQ(recipients.asked, std::vector<std::string>{"user@example.org"});
  transaction->outcome({});
}

TEST_F(InspectTest, RateOfNullSenderMailsForOneRecipient) {
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
  EXPECT_EQ(one_mail("USER@example.org", ""), "defer 450 4.2.1 recipient-rate");
  EXPECT_EQ(one_mail("user@example.org", "s@elsewhere.example"), "accept recipient-known");
  EXPECT_EQ(one_mail("other@example.org", ""), "accept recipient-known");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(one_mail("postmaster@example.org", ""), "accept role-account");
  }
  clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(one_mail("user@example.org", ""), "accept recipient-known");
}

TEST_F(InspectTest, HowTheTransactionEndedIsInTheRow) {
  struct Case {
    const char* name;
    Ending ending;
    Action action;
    std::string_view reason;
  };
  const auto with_end = [](smtp::Reply reply, bool body_sent, bool in_doubt, std::vector<judge::Reason> door = {}) {
    Ending ending;
    ending.relayed.recipients = {relayed("user@example.org", kOk)};
    ending.relayed.end = std::move(reply);
    ending.relayed.body_sent = body_sent;
    ending.relayed.in_doubt = in_doubt;
    ending.reasons = std::move(door);
    return ending;
  };
  Ending refused_live;
  refused_live.relayed.recipients = {relayed("user@example.org", {550, {5, 1, 1}, "User unknown"})};
  Ending nothing_to_be_had;
  nothing_to_be_had.relayed.recipients = {relayed("user@example.org", {451, {4, 4, 1}, "Try later"}, false)};
  Ending about_us;
  about_us.relayed.recipients = {relayed("user@example.org", {451, {4, 3, 5}, "Try later"}, false)};
  Ending gone;
  gone.reasons = {{reasons::kTimeout, "body"}};
  gone.last = {421, {4, 4, 2}, "Too slow"};
  const std::vector<Case> cases{
      {"taken", with_end(kOk, true, false), Action::Accept, reasons::kClean},
      {"refused after the dot", with_end({554, {5, 7, 1}, "Spam"}, true, false), Action::Reject, reasons::kBackend},
      {"in doubt", with_end({451, {4, 4, 2}, "Later"}, true, true), Action::Defer, reasons::kInDoubt},
      {"no backend left", with_end({451, {4, 4, 1}, "Later"}, false, false), Action::Defer, reasons::kBackendDown},
      {"the door's word", with_end({451, {4, 3, 0}, "Later"}, true, false, {{reasons::kMixedResults, "1 of 2"}}),
       Action::Defer, reasons::kBackend},
      {"live refusal", refused_live, Action::Reject, reasons::kBackend},
      {"backend down", nothing_to_be_had, Action::Defer, reasons::kBackendDown},
      {"about us", about_us, Action::Defer, reasons::kBackendAboutUs},
      {"timeout", gone, Action::Defer, reasons::kTimeout},
      {"client gone", {}, Action::Defer, reasons::kClientGone},
  };
  recipients.next = known(Existence::Exists);
  Session door = session();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    auto transaction = begin(door);
    EXPECT_EQ(rcpt(*transaction, "user@example.org"), "accept recipient-known");
    transaction->outcome(c.ending);
    EXPECT_EQ(journal.rows.back().action, c.action);
    EXPECT_EQ(journal.rows.back().reasons.front().name, c.reason);
    EXPECT_EQ(journal.rows.back().in_doubt, c.ending.relayed.in_doubt);
  }
}

TEST_F(InspectTest, LoopIsRefusedAndJournalled) {
  Session door = session();
  auto transaction = begin(door);
  recipients.next = known(Existence::Exists);
  rcpt(*transaction, "user@example.org");
  const judge::Verdict verdict =
      transaction->headers({.received_fields = 100, .own_received_fields = 0, .message_id = ""});
  EXPECT_EQ(to_line(verdict), "reject 554 5.4.6 loop");
  Ending ending;
  ending.relayed.recipients = {relayed("user@example.org", kOk)};
  ending.relayed.end = verdict.reply();
  transaction->outcome(std::move(ending));
  EXPECT_EQ(journal.rows.back().reasons.front().name, reasons::kLoop);
  EXPECT_EQ(journal.rows.back().action, Action::Reject);
}

// A door that has no envelope (triage, classify) calls headers and end only: decide() takes any subset of facts.
TEST_F(InspectTest, SecondDoorWithHeadersAndEndOnly) {
  for (const unsigned own : {0U, 3U}) {
    Session door = session();
    auto transaction = door.begin();
    const judge::Verdict headers =
        transaction->headers({.received_fields = 4, .own_received_fields = own, .message_id = "<m@x>"});
    EXPECT_EQ(headers.accepted(), own < 3);
    if (headers.accepted()) {
      EXPECT_TRUE(transaction->end().accepted());
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
TEST_F(InspectTest, GoldenScriptsThroughTheWholeInspector) {
  class FixedRate final : public Guard {
   public:
    Cancel contribute_rcpt(const judge::Ruleset&, judge::Facts& facts, Done done) override {
      facts.null_sender_rate = rate;
      done();
      return {};
    }
    judge::Fact<unsigned> rate;
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
    guards.push_back(std::make_unique<FixedRate>());
    auto& rate = static_cast<FixedRate&>(*guards.back());
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
        rate.rate = step.facts.null_sender_rate;
        transaction->rcpt(testing::forward_path_of(step),
                          [&](const judge::Verdict& verdict) { got = to_line(verdict); });
      } else if (step.kind == Kind::Headers) {
        const auto count = [](const judge::Fact<unsigned>& fact) { return fact.is_known() ? fact.value() : 0U; };
        got = to_line(transaction->headers({.received_fields = count(step.facts.received_fields),
                                            .own_received_fields = count(step.facts.own_received_fields),
                                            .message_id = ""}));
      } else {
        got = to_line(transaction->end());
      }
      EXPECT_EQ(got, expected);
    }
  }
  EXPECT_GT(files, 5);
}

}  // namespace
}  // namespace anechoic::inspect
