// SPDX-License-Identifier: Apache-2.0
#include "inspect/sender_guard.h"

#include <gtest/gtest.h>

#include "judge/verdict/reasons.h"
#include "testing/inspect_fixture.h"

namespace anechoic::inspect {
namespace {

namespace reasons = judge::reasons;
using auth::Evidence;

auth::spf::Outcome spf(auth::spf::Result result) {
  auth::spf::Outcome outcome;
  outcome.result = result;
  outcome.domain = "elsewhere.example";
  if (result == auth::spf::Result::TempError) outcome.problem = "timeout";
  return outcome;
}

class SenderGuardTest : public InspectFixture {
 protected:
  SenderGuardTest() {
    ruleset->relays.push_back({.name = "filter", .networks = {ip::parse_network("192.0.2.0/24").value()}, .hops = 1});
    recipients.next = known(Existence::Exists);
    std::vector<std::unique_ptr<Guard>> guards;
    guards.push_back(std::make_unique<RecipientGuard>(recipients));
    guards.push_back(std::make_unique<SenderGuard>(checks));
    inspector.emplace(InspectorOptions{}, std::move(guards), journal, clock);
    answer(auth::spf::Result::Fail);
  }
  void answer(auth::spf::Result result) {
    checks.script.spf = spf(result);
    checks.script.evidence = {};
    checks.script.evidence.spf = checks.script.spf;
    checks.script.evidence.dkim.emplace();
    const bool unknown = result == auth::spf::Result::TempError;
    if (result == auth::spf::Result::Pass) {
      checks.script.evidence.proved = {
          {"s@elsewhere.example", auth::Place::ReversePath, auth::By::Spf, "elsewhere.example"}};
    } else {
      checks.script.evidence.not_proved = {{"s@elsewhere.example", auth::Place::ReversePath,
                                            unknown ? auth::Unproved::Unknown : auth::Unproved::No, "spf"}};
    }
  }
  judge::SenderModes& modes() { return ruleset->domains["example.org"].modes; }
  // A whole transaction; what its end was answered.
  std::string whole(Session& door, const std::string& sender = "s@elsewhere.example") {
    auto transaction = begin(door, sender);
    EXPECT_EQ(rcpt(*transaction, "user@example.org").substr(0, 6), "accept");
    transaction->content("Subject: x\r\n\r\n");
    EXPECT_TRUE(transaction->headers(header).accepted());
    const std::string line = to_line(end(*transaction));
    transaction->outcome({});
    return line;
  }
  HeaderFacts header;
  testing::ScriptedChecks checks;
};

TEST_F(SenderGuardTest, SpfBeginsAtMailAndTheRestAtTheEnd) {
  Session door = session();
  (void)door.helo("client.example");
  auto transaction = begin(door);
  EXPECT_EQ(checks.script.told, std::vector<std::string>{"envelope 198.51.100.7 client.example <s@elsewhere.example>"});
  rcpt(*transaction, "user@example.org");
  transaction->content("Subject: x\r\n");
  transaction->content("\r\nbody");
  ASSERT_TRUE(transaction->headers({}).accepted());
  EXPECT_EQ(to_line(end(*transaction)), "accept spf-fail-observed");
  EXPECT_EQ(checks.script.told.size(), 4U);
  EXPECT_EQ(checks.script.told.back(), "finish");
  ASSERT_NE(transaction->evidence(), nullptr);
  Ending ending;
  ending.relayed.end = smtp::Reply{250, {2, 0, 0}, "Queued"};
  ending.relayed.body_sent = true;
  transaction->outcome(std::move(ending));
  const JournalRow& row = journal.rows.back();
  ASSERT_NE(row.sender, nullptr);
  EXPECT_EQ(row.sender->spf->result, auth::spf::Result::Fail);
  ASSERT_EQ(row.reasons.size(), 3U);
  EXPECT_EQ(row.reasons[0].name, reasons::kClean) << "it was delivered";
  EXPECT_EQ(row.reasons[1].name, reasons::kSpfFailObserved);
  EXPECT_EQ(row.reasons[2].name, reasons::kNotifyNeverObserved);
}

TEST_F(SenderGuardTest, ATransactionThatEndedEarlyTellsWhatSpfSaid) {
  Session door = session();
  auto transaction = begin(door);
  transaction->outcome({});
  ASSERT_NE(journal.rows.back().sender, nullptr);
  EXPECT_EQ(journal.rows.back().sender->spf->result, auth::spf::Result::Fail);
  EXPECT_FALSE(journal.rows.back().sender->dkim.has_value());
}

TEST_F(SenderGuardTest, SwitchedOffItAsksNothing) {
  checks.script.off = true;
  modes() = {.spf = judge::Mode::Enforce,
             .dmarc = judge::Mode::Enforce,
             .own_domain = judge::Mode::Enforce,
             .notify_never = judge::Mode::Enforce};
  Session door = session();
  EXPECT_EQ(whole(door), "accept clean");
  EXPECT_TRUE(checks.script.told.empty());
  EXPECT_EQ(journal.rows.back().sender, nullptr);
}

TEST_F(SenderGuardTest, RefusesOnlyWhereSet) {
  Session door = session();
  EXPECT_EQ(whole(door), "accept spf-fail-observed");
  modes().spf = judge::Mode::Enforce;
  EXPECT_EQ(whole(door), "reject 550 5.7.23 spf-fail");
  EXPECT_EQ(journal.rows.back().reasons.front().name, reasons::kSpfFail);
  answer(auth::spf::Result::TempError);
  EXPECT_EQ(whole(door), "accept clean") << "could not be found out is not no";
}

TEST_F(SenderGuardTest, TheEndWaits) {
  checks.script.later = true;
  modes().spf = judge::Mode::Enforce;
  Session door = session();
  auto transaction = begin(door);
  EXPECT_EQ(rcpt(*transaction, "user@example.org"), "accept recipient-known") << "RCPT does not wait for SPF";
  std::string heard;
  transaction->end("", [&heard](const judge::Verdict& verdict) { heard = to_line(verdict); });
  EXPECT_EQ(heard, "");
  checks.script.open->answer_spf();
  EXPECT_EQ(heard, "");
  checks.script.open->answer();
  EXPECT_EQ(heard, "reject 550 5.7.23 spf-fail");
  transaction->outcome({});
}

TEST_F(SenderGuardTest, ADoorThatHasWaitedEnoughGoesOnWithUnknowns) {
  checks.script.later = true;
  modes() = {.spf = judge::Mode::Enforce,
             .dmarc = judge::Mode::Enforce,
             .own_domain = judge::Mode::Enforce,
             .notify_never = judge::Mode::Enforce};
  Session door = session();
  auto transaction = begin(door);
  std::string at_rcpt = "waits";
  transaction->rcpt(to("user@example.org"), [&](const judge::Verdict& verdict) { at_rcpt = to_line(verdict); });
  EXPECT_EQ(at_rcpt, "waits");
  transaction->give_up("no time");
  EXPECT_EQ(at_rcpt, "accept recipient-known");
  std::string heard;
  transaction->end("", [&heard](const judge::Verdict& verdict) { heard = to_line(verdict); });
  transaction->give_up("no time");
  EXPECT_EQ(heard, "accept clean");
  checks.script.open->answer_spf();
  checks.script.open->answer();  // too late, and harmless
  transaction->outcome({});
}

TEST_F(SenderGuardTest, GivingUpDoesNotMakeUpAnswersOfRecipientSources) {
  recipients.later = true;
  Session door = session();
  auto transaction = begin(door);
  bool answered = false;
  transaction->rcpt(to("user@example.org"), [&](const judge::Verdict&) { answered = true; });
  transaction->give_up("no time");
  EXPECT_FALSE(answered);
  transaction->outcome({});
}

TEST_F(SenderGuardTest, NotifyNeverWaitsForSpfWhereItIsEnforced) {
  modes().notify_never = judge::Mode::Enforce;
  for (const auto& [result, expected] : {std::pair{auth::spf::Result::Fail, "accept recipient-known no-dsn"},
                                         {auth::spf::Result::None, "accept recipient-known no-dsn"},
                                         {auth::spf::Result::Pass, "accept recipient-known"},
                                         {auth::spf::Result::TempError, "accept recipient-known"}}) {
    for (const bool later : {false, true}) {
      answer(result);
      checks.script.later = later;
      Session door = session();
      auto transaction = begin(door);
      std::vector<std::string> heard(3, "waits");
      for (std::string& line : heard)
        transaction->rcpt(to("user@example.org"), [&line](const judge::Verdict& verdict) { line = to_line(verdict); });
      if (later) {
        EXPECT_EQ(heard[0], "waits");
        checks.script.open->answer_spf();
      }
      EXPECT_EQ(heard, std::vector<std::string>(3, expected)) << later;
      transaction->outcome({});
    }
  }
  Session door = session();
  checks.script.later = true;
  auto transaction = begin(door, "");
  EXPECT_EQ(rcpt(*transaction, "user@example.org"), "accept recipient-known") << "a null sender gets no bounces";
  transaction->outcome({});
}

TEST_F(SenderGuardTest, DestructionInsideAndOutsideOfCallbacks) {
  modes().notify_never = judge::Mode::Enforce;
  checks.script.later = true;
  Session door = session();
  auto transaction = begin(door);
  int heard = 0;
  for (int i = 0; i < 3; ++i)
    transaction->rcpt(to("user@example.org"), [&](const judge::Verdict&) {
      ++heard;
      transaction.reset();
    });
  testing::ScriptedCheck* check = checks.script.open;
  check->answer_spf();
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(transaction, nullptr);
  transaction = begin(door);
  transaction->end("", [&](const judge::Verdict&) { ++heard; });
  transaction.reset();
  EXPECT_EQ(heard, 1);
}

TEST_F(SenderGuardTest, BehindATrustedRelayItsReceivedFieldNamesTheClient) {
  modes() = {.spf = judge::Mode::Enforce, .dmarc = {}, .own_domain = {}, .notify_never = judge::Mode::Enforce};
  Session door(*inspector, ruleset, SessionId{7},
               {.address = ip::parse_address("192.0.2.9").value(), .name = "", .protocol = ""});
  auto transaction = begin(door);
  EXPECT_EQ(rcpt(*transaction, "user@example.org"), "accept recipient-known") << "nothing is known yet, nothing waits";
  EXPECT_TRUE(checks.script.told.empty());
  transaction->content("x");
  HeaderFacts read;
  read.relayed_client = ip::parse_address("203.0.113.5").value();
  read.relayed_helo = "real.example";
  ASSERT_TRUE(transaction->headers(read).accepted());
  EXPECT_EQ(checks.script.told[1], "envelope 203.0.113.5 real.example <s@elsewhere.example>");
  EXPECT_EQ(to_line(end(*transaction)), "accept spf-fail-observed") << "a relay would have to bounce it";
  transaction->outcome({});
  EXPECT_EQ(journal.rows.back().reasons.back().name, reasons::kSpfFailObserved);

  transaction = begin(door);
  ASSERT_TRUE(transaction->headers({}).accepted());
  EXPECT_EQ(checks.script.told.back(), "reverse-path <s@elsewhere.example>");
  checks.script.evidence.spf.reset();
  EXPECT_EQ(to_line(end(*transaction)), "accept clean");
  transaction->outcome({});
}

TEST(SenderFacts, WhatTheEvidenceMeans) {
  Evidence evidence;
  EXPECT_TRUE(sender_facts(evidence).vouched.not_asked());
  EXPECT_TRUE(sender_facts(evidence).spf.not_asked());
  evidence.dkim.emplace(1);
  evidence.dkim->front().result = auth::dkim::Result::Pass;
  EXPECT_TRUE(sender_facts(evidence).vouched.value());
  evidence.dkim->front().partial_body = true;
  EXPECT_FALSE(sender_facts(evidence).vouched.value()) << "l= vouches for nothing";
  evidence.dkim->front().result = auth::dkim::Result::TempError;
  EXPECT_TRUE(sender_facts(evidence).vouched.is_unknown());
  evidence.arc.emplace();
  evidence.arc->trusted = true;
  EXPECT_TRUE(sender_facts(evidence).vouched.value());
  evidence.dmarc.emplace();
  evidence.dmarc->result = auth::dmarc::Result::TempError;
  EXPECT_TRUE(sender_facts(evidence).dmarc.is_unknown());
  evidence.dmarc->result = auth::dmarc::Result::Fail;
  evidence.dmarc->policy = auth::dmarc::Policy::Quarantine;
  EXPECT_TRUE(sender_facts(evidence).dmarc.value().failed);
  EXPECT_FALSE(sender_facts(evidence).dmarc.value().asks_for_reject);
}

}  // namespace
}  // namespace anechoic::inspect
