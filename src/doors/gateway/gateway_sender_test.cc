// SPDX-License-Identifier: Apache-2.0
// Who really sent it, at the door: the client waits for the checks at the end of data, nobody else does.
#include <thread>

#include "doors/gateway/gateway_fixture.h"

namespace anechoic::gateway::test {
namespace {

namespace reasons = judge::reasons;

constexpr std::string_view kEnvelope =
    "EHLO client.example\r\nMAIL FROM:<them@client.example>\r\nRCPT TO:<ann@example.org>\r\n";
constexpr std::string_view kMessage = "Subject: hello\r\n\r\n..dotted\r\nend\r\n.\r\n";

class GatewaySenderTest : public GatewayTest {
 protected:
  GatewaySenderTest() {
    script.off = false;
    script.spf.result = auth::spf::Result::Fail;
    script.evidence.spf = script.spf;
    script.evidence.dkim.emplace();
  }
  judge::SenderModes& modes() { return ruleset->domains["example.org"].modes; }
  testing::ScriptedCheck::Script& script = sender_checks.script;
};

TEST_F(GatewaySenderTest, TheChecksSeeTheMessageAsItCame) {
  connect();
  say(kEnvelope);
  EXPECT_EQ(codes(say("DATA\r\n")), "354");
  EXPECT_EQ(codes(say(kMessage)), "250");
  ASSERT_GE(script.told.size(), 3U);
  EXPECT_EQ(script.told.front(), "envelope 192.0.2.7 client.example <them@client.example>");
  EXPECT_EQ(script.told.back(), "finish");
  std::string shown;
  for (const std::string& told : script.told)
    if (told.starts_with("message ")) shown += told.substr(8);
  EXPECT_EQ(shown, "Subject: hello\r\n\r\n.dotted\r\nend\r\n");
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_NE(journal.rows[0].sender, nullptr);
  EXPECT_EQ(journal.rows[0].action, judge::Action::Accept);
  EXPECT_EQ(journal.rows[0].reasons.front().name, reasons::kClean);
}

TEST_F(GatewaySenderTest, TheEndWaitsForTheVerdict) {
  script.later = true;
  modes().spf = judge::Mode::Enforce;
  for (const bool refused : {true, false}) {
    connect();
    EXPECT_EQ(codes(say(std::string(kEnvelope) + "DATA\r\n")), "250 250 250 354");
    EXPECT_EQ(say(std::string(kMessage) + "NOOP\r\n"), "");
    EXPECT_TRUE(journal.rows.empty());
    ASSERT_NE(script.open, nullptr);
    if (!refused) script.evidence.spf->result = auth::spf::Result::Pass;
    script.open->answer_spf();
    script.open->answer();
    const std::string heard = settle();
    EXPECT_EQ(codes(heard), refused ? "550 250" : "250 250");
    if (refused) EXPECT_TRUE(heard.starts_with("550 5.7.23 ")) << heard;
    EXPECT_EQ(pool->delivered.size(), refused ? 0U : 1U);
    ASSERT_EQ(journal.rows.size(), 1U);
    EXPECT_EQ(journal.rows[0].reasons.front().name, refused ? reasons::kSpfFail : reasons::kClean);
    journal.rows.clear();
    hang_up();
    settle();
  }
}

TEST_F(GatewaySenderTest, ChecksThatTakeTooLongAreUnknown) {
  script.later = true;
  modes() = {.spf = judge::Mode::Enforce, .dmarc = judge::Mode::Enforce, .own_domain = judge::Mode::Enforce};
  options.timeouts.checks = std::chrono::milliseconds(20);
  connect();
  say(std::string(kEnvelope) + "DATA\r\n");
  std::string heard = say(kMessage);
  for (int i = 0; i < 200 && heard.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    heard = settle();
  }
  EXPECT_EQ(codes(heard), "250");
  EXPECT_EQ(pool->delivered.size(), 1U);
}

constexpr std::string_view kForged =
    "Authentication-Results: mx.example.org; spf=pass\r\nSubject: hello\r\nAuthentication-Results: "
    "mx.example.org;\r\n dmarc=pass\r\nAuthentication-Results: mail.hosted.example; spf=pass\r\n\r\nbody\r\n.\r\n";

TEST_F(GatewaySenderTest, OurResultsStandAboveAllAndForgedOnesGo) {
  options.authentication_results = true;
  options.authserv_id = "mx.example.org";
  options.own_names = {"mx.example.org", "mx.example.org", "hosted.example"};
  script.evidence.spf->domain = "client.example";
  for (const bool in_file : {false, true}) {
    options.spool.memory = in_file ? 0 : 100'000;
    server.reset();
    pool->delivered.clear();
    connect();
    say(std::string(kEnvelope) + "DATA\r\n");
    EXPECT_EQ(codes(say(kForged)), "250");
    ASSERT_EQ(pool->delivered.size(), 1U);
    const std::string& got = pool->delivered[0].message;
    EXPECT_TRUE(got.starts_with("Authentication-Results: mx.example.org;")) << got;
    const std::size_t received = got.find("\r\nReceived: from client.example");
    ASSERT_NE(received, std::string::npos) << got;
    EXPECT_NE(got.substr(0, received).find("spf=fail"), std::string::npos) << got;
    EXPECT_EQ(got.find("spf=pass"), std::string::npos);
    EXPECT_EQ(got.find("dmarc=pass"), std::string::npos);
    EXPECT_TRUE(got.ends_with("\r\nSubject: hello\r\n\r\nbody\r\n")) << got;
    hang_up();
    settle();
  }
}

TEST_F(GatewaySenderTest, OfATrustedRelayResultsUnderADomainOfOursStay) {
  options.authentication_results = true;
  options.authserv_id = "mx.example.org";
  options.own_names = {"mx.example.org", "mx.example.org", "hosted.example"};
  ruleset->relays.push_back({.name = "filter", .networks = {ip::parse_network("192.0.2.0/24").value()}});
  connect();
  say(std::string(kEnvelope) + "DATA\r\n");
  say(kForged);
  ASSERT_EQ(pool->delivered.size(), 1U);
  const std::string& got = pool->delivered[0].message;
  EXPECT_NE(got.find("mail.hosted.example; spf=pass"), std::string::npos) << got;
  EXPECT_EQ(got.find("dmarc=pass"), std::string::npos) << got;
}

TEST_F(GatewaySenderTest, WhereResultsAreSwitchedOffTheMessageStaysAsItCame) {
  connect();
  say(std::string(kEnvelope) + "DATA\r\n");
  say(kForged);
  ASSERT_EQ(pool->delivered.size(), 1U);
  EXPECT_TRUE(pool->delivered[0].message.starts_with("Received: "));
  EXPECT_NE(pool->delivered[0].message.find("spf=pass"), std::string::npos);
}

TEST_F(GatewaySenderTest, WithoutChecksForgedResultsGoAndNoneAreWritten) {
  script.off = true;
  options.authentication_results = true;
  options.authserv_id = "mx.example.org";
  options.own_names = {"mx.example.org", "mx.example.org", "hosted.example"};
  connect();
  say(std::string(kEnvelope) + "DATA\r\n");
  say(kForged);
  ASSERT_EQ(pool->delivered.size(), 1U);
  EXPECT_EQ(pool->delivered[0].message.find("Authentication-Results"), std::string::npos);
}

TEST_F(GatewaySenderTest, AClientThatGoesAwayMeanwhileLeavesNothingOpen) {
  script.later = true;
  connect();
  say(std::string(kEnvelope) + "DATA\r\n");
  say(kMessage);
  hang_up();
  settle();
  ASSERT_NE(script.open, nullptr);
  script.open->answer();
  settle();
  EXPECT_EQ(pool->delivered.size(), 1U) << "what was ended is delivered";
  EXPECT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(script.open, nullptr);
}

TEST_F(GatewaySenderTest, TheServerMayStopMeanwhile) {
  script.later = true;
  connect();
  say(std::string(kEnvelope) + "DATA\r\n");
  say(kMessage);
  server->shut_down();
  settle();
  script.open->answer();
  EXPECT_EQ(codes(settle()), "250 421");
  EXPECT_EQ(journal.rows.size(), 1U);
}

TEST_F(GatewaySenderTest, NotifyNeverIsAskedForWhereEnforced) {
  for (const bool enforced : {true, false}) {
    pool->delivered.clear();
    modes().notify_never = enforced ? judge::Mode::Enforce : judge::Mode::Observe;
    script.later = enforced;
    server.reset();
    connect();
    const std::string heard = say(kEnvelope);
    EXPECT_EQ(codes(heard), enforced ? "" : "250 250 250") << "RCPT waits for SPF";
    if (enforced) {
      script.open->answer_spf();
      EXPECT_EQ(codes(settle()), "250 250 250");
    }
    say("DATA\r\n");
    EXPECT_EQ(codes(say(kMessage)), enforced ? "" : "250");
    if (enforced) {
      script.open->answer();
      EXPECT_EQ(codes(settle()), "250");
    }
    ASSERT_EQ(pool->delivered.size(), 1U);
    EXPECT_EQ(pool->delivered[0].notify_never, std::vector<bool>{enforced});
    EXPECT_EQ(journal.rows.back().reasons.back().name,
              enforced ? reasons::kNotifyNever : reasons::kNotifyNeverObserved);
    hang_up();
    settle();
  }
}

}  // namespace
}  // namespace anechoic::gateway::test
