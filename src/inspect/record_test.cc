// SPDX-License-Identifier: Apache-2.0
// What the journal says of a transaction, and that it says it once.
#include <gtest/gtest.h>

#include <algorithm>

#include "judge/verdict/reasons.h"
#include "testing/inspect_fixture.h"

namespace anechoic::inspect {
namespace {

namespace reasons = judge::reasons;

using RecordTest = InspectFixture;

TEST_F(RecordTest, OneRowTellsTheWholeTransaction) {
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
  ASSERT_TRUE(end(*transaction, "").accepted());
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

  transaction->outcome({});  // a second one must not write again, nor the destructor
  transaction.reset();
  door.finish({});  // it had a transaction
  EXPECT_EQ(journal.rows.size(), 1U);
}

TEST_F(RecordTest, MissingOutcomeIsJournalledAsOurBug) {
  Session door = session();
  begin(door).reset();
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].reasons.front().name, reasons::kInternal);
  EXPECT_NE(journal.rows[0].action, Action::Accept);
}

TEST_F(RecordTest, SessionWithoutTransactionHasARowOfItsOwn) {
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

TEST_F(RecordTest, RefusedRecipientsAreCountedAndOnlyTwentyNamed) {
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

TEST_F(RecordTest, HowTheTransactionEndedIsInTheRow) {
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

TEST_F(RecordTest, LoopIsRefusedAndJournalled) {
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

constexpr std::string_view kReport =
    "From: MAILER-DAEMON@other.example\r\n"
    "To: s@elsewhere.example\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\n"
    "Auto-Submitted: auto-replied\r\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n"
    "\r\n"
    "--b\r\n\r\nNo such user.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; other.example\r\n\r\n"
    "Final-Recipient: rfc822; gone@other.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <1@example.org>\r\n"
    "--b--\r\n";

TEST_F(RecordTest, SaysWhatTheMessageWas) {
  const judge::Classifier classifier;
  Inspector other({.classifier = &classifier}, {}, journal, clock);
  Session door(other, ruleset, SessionId{8}, {});
  for (const bool shown : {true, false}) {
    auto transaction = door.begin();
    ASSERT_TRUE(transaction->mail({}).accepted());
    ASSERT_TRUE(transaction->headers({}).accepted());
    ASSERT_TRUE(end(*transaction, shown ? kReport : "").accepted());
    transaction->outcome({});
    const JournalRow& row = journal.rows.back();
    EXPECT_EQ(row.kind, shown ? "dsn" : "");
    EXPECT_EQ(row.automatic, shown);
    EXPECT_FALSE(row.phrases_only);
    EXPECT_EQ(row.signals.empty(), !shown);
  }
}

}  // namespace
}  // namespace anechoic::inspect
