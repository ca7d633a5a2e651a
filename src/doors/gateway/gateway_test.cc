// SPDX-License-Identifier: Apache-2.0
// The door as a whole, over a socket pair: what the client hears, what the backend gets, what the journal says.
#include <algorithm>

#include "doors/gateway/gateway_fixture.h"

namespace anechoic::gateway::test {
namespace {

constexpr std::string_view kHello = "EHLO client.example\r\n";
constexpr std::string_view kMail = "MAIL FROM:<them@client.example>\r\n";
constexpr std::string_view kMessage =
    "Subject: hello\r\nMessage-ID: <1@client.example>\r\n\r\n..dotted\r\nend\r\n.\r\n";

TEST_F(GatewayTest, TakesAMessageToTheBackendWithOneReceivedField) {
  EXPECT_EQ(codes(connect()), "220");
  EXPECT_EQ(codes(say(kHello)), "250");
  EXPECT_EQ(codes(say(kMail)), "250");
  EXPECT_EQ(codes(say("RCPT TO:<ann@example.org>\r\n")), "250");
  EXPECT_EQ(codes(say("DATA\r\n")), "354");
  EXPECT_EQ(codes(say(kMessage)), "250");
  ASSERT_EQ(pool->delivered.size(), 1U);
  const Delivered& got = pool->delivered.front();
  EXPECT_EQ(got.reverse_path, "<them@client.example>");
  EXPECT_EQ(got.recipients, std::vector<std::string>{"<ann@example.org>"});
  EXPECT_TRUE(got.message.starts_with("Received: from client.example"));
  EXPECT_NE(got.message.find("for <ann@example.org>"), std::string::npos);
  EXPECT_NE(got.message.find("\r\nSubject: hello\r\nMessage-ID: <1@client.example>\r\n\r\n.dotted\r\nend\r\n"),
            std::string::npos);
  EXPECT_EQ(pool->released, 1U);
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows.front().action, judge::Action::Accept);
  EXPECT_EQ(journal.rows.front().message_id, "<1@client.example>");
  EXPECT_EQ(codes(say("QUIT\r\n")), "221");
  EXPECT_TRUE(closed);
  EXPECT_EQ(journal.rows.size(), 1U) << "a session with a transaction has no row of its own";
}

TEST_F(GatewayTest, AnswersAPipelinedTransactionInOrder) {
  connect();
  const std::string all =
      std::string(kHello) + std::string(kMail) +
      "RCPT TO:<ann@example.org>\r\nRCPT TO:<nobody@example.org>\r\nRCPT TO:<x@elsewhere.example>\r\n"
      "RCPT TO:<bob@example.org>\r\nDATA\r\n";
  EXPECT_EQ(codes(say(all)), "250 250 250 550 554 250 354");
  EXPECT_EQ(codes(say(kMessage)), "250");
  ASSERT_EQ(pool->delivered.size(), 1U);
  EXPECT_EQ(pool->delivered[0].recipients.size(), 2U);
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].accepted, 2U);
  EXPECT_EQ(journal.rows[0].refused, 2U);
  EXPECT_EQ(journal.rows[0].refused_by_reason.at(judge::reasons::kUnknownRecipient), 1U);
  EXPECT_EQ(journal.rows[0].refused_by_reason.at(judge::reasons::kRelayDenied), 1U);
}

TEST_F(GatewayTest, ByteByByteIsTheSame) {
  connect();
  const std::string all =
      std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n" + std::string(kMessage);
  std::string heard;
  for (const char byte : all) heard += say({&byte, 1});
  EXPECT_EQ(codes(heard), "250 250 250 354 250");
  ASSERT_EQ(pool->delivered.size(), 1U);
}

TEST_F(GatewayTest, ASlowGuardDoesNotDisturbTheOrder) {
  connect();
  const std::string all =
      std::string(kHello) + std::string(kMail) + "RCPT TO:<slow@example.org>\r\nRCPT TO:<nobody@example.org>\r\n";
  EXPECT_EQ(codes(say(all)), "");
  ASSERT_EQ(guard->slow.size(), 1U);
  auto done = std::move(guard->slow.front());
  guard->slow.clear();
  done();
  EXPECT_EQ(codes(settle()), "250 250 250 550");
}

TEST_F(GatewayTest, TheClientMayLeaveWhileAGuardThinks) {
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<slow@example.org>\r\n");
  ASSERT_EQ(guard->slow.size(), 1U);
  hang_up();
  auto done = std::move(guard->slow.front());
  guard->slow.clear();
  done();
  settle();
  EXPECT_EQ(server->sessions(), 0U);
  EXPECT_EQ(journal.rows.size(), 1U);
}

TEST_F(GatewayTest, ARefusalAfterDataIsTheClientsAnswer) {
  pool->plans[0].replies[Step::Body] = {550, {5, 7, 1}, "no spam"};
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  const std::string heard = say(kMessage);
  EXPECT_EQ(codes(heard), "550");
  EXPECT_NE(heard.find("no spam"), std::string::npos);
  EXPECT_TRUE(pool->delivered.empty());
}

TEST_F(GatewayTest, ABackendThatDiesIsReplacedUntilTheDot) {
  for (const Step step : {Step::Connect, Step::Mail, Step::Rcpt, Step::Data, Step::InBody}) {
    pool->delivered.clear();
    pool->plans = {Plan{.lose = true, .lose_at = step}, Plan{}};
    connect();
    const std::string heard = say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
    if (step == Step::Connect) {
      EXPECT_EQ(codes(heard), "250 250 451 554") << "the pool has tried every endpoint before it says no";
    } else {
      EXPECT_EQ(codes(heard), "250 250 250 354") << int(step);
      EXPECT_EQ(codes(say(kMessage)), "250") << int(step);
      EXPECT_EQ(pool->delivered.size(), 1U) << int(step);
    }
    hang_up();
    settle();
  }
}

TEST_F(GatewayTest, SilenceAfterTheDotIs451AndInDoubt) {
  pool->plans = {Plan{.lose = true, .lose_at = Step::Body}, Plan{}};
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  EXPECT_EQ(codes(say(kMessage)), "451");
  EXPECT_TRUE(pool->delivered.empty()) << "the second backend must not get it: the first may have it";
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_TRUE(journal.rows[0].in_doubt);
}

TEST_F(GatewayTest, NoBackendIs451AtRcpt) {
  pool->plans.clear();
  connect();
  EXPECT_EQ(codes(say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\n")), "250 250 451");
  EXPECT_EQ(codes(say("RSET\r\n")), "250");
  EXPECT_EQ(codes(say("QUIT\r\n")), "221");
}

TEST_F(GatewayTest, ABackendThatRefusesUsIs451AndAnAlarm) {
  pool->plans[0].replies[Step::Rcpt] = {554, {5, 7, 1}, "Relay access denied"};
  connect();
  EXPECT_EQ(codes(say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\n")), "250 250 451");
  EXPECT_FALSE(alarms.empty());
}

TEST_F(GatewayTest, MixedResultsAreOnDiskBeforeThe451) {
  pool->plans[0].final_replies = {{250, {2, 0, 0}, "ok"}, {550, {5, 2, 2}, "full"}};
  connect();
  (void)say(std::string(kHello) + std::string(kMail) +
            "RCPT TO:<ann@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n");
  EXPECT_EQ(codes(say(kMessage)), "") << "the disk is not done";
  ASSERT_EQ(mixed.waiting.size(), 2U);
  for (auto& done : mixed.waiting) done();
  EXPECT_EQ(codes(settle()), "451");

  // The retry: the refused hears his reply at RCPT, the delivered is left out.
  pool->delivered.clear();
  EXPECT_EQ(codes(say(std::string(kMail) + "RCPT TO:<ann@example.org>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n")),
            "250 250 550 354");
  EXPECT_EQ(codes(say(kMessage)), "250");
  EXPECT_TRUE(pool->delivered.empty());
}

TEST_F(GatewayTest, TheClientMayLeaveInTheMiddleOfTheBody) {
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  (void)say("Subject: half");
  hang_up();
  settle();
  EXPECT_TRUE(pool->delivered.empty());
  EXPECT_EQ(server->sessions(), 0U);
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].reasons.front().name, judge::reasons::kClientGone);
}

TEST_F(GatewayTest, ARefusedClientThatQuitsIsRefusedInTheJournal) {
  connect();
  const std::string refused = say(std::string(kHello) + std::string(kMail) + "RCPT TO:<nobody@example.org>\r\n");
  EXPECT_EQ(codes(say("QUIT\r\n")), "221");
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_NE(refused.find('[' + journal.rows[0].id + ']'), std::string::npos) << "the client's log leads to ours";
  EXPECT_EQ(journal.rows[0].action, judge::Action::Reject);
  EXPECT_EQ(journal.rows[0].reasons.front().name, judge::reasons::kUnknownRecipient);
}

TEST_F(GatewayTest, WhatTheBackendRefusesHasTheIdToo) {
  pool->plans[0].replies[Step::Rcpt] = {550, {5, 1, 1}, "no such user"};
  connect();
  const std::string heard = say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\n");
  (void)say("QUIT\r\n");
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_NE(heard.find("550 5.1.1 no such user [" + journal.rows[0].id + "]\r\n"), std::string::npos) << heard;
}

TEST_F(GatewayTest, AnAcceptedRecipientIsNoAcceptedMessage) {
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\n");
  hang_up();
  settle();
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_NE(journal.rows[0].action, judge::Action::Accept);
}

TEST_F(GatewayTest, APortScanIsNoEarlyTalker) {
  connect();
  hang_up();
  settle();
  EXPECT_EQ(server->sessions(), 0U);
  ASSERT_EQ(journal.rows.size(), 1U);
  EXPECT_EQ(journal.rows[0].reasons.front().name, judge::reasons::kClientGone);
}

TEST_F(GatewayTest, AnEarlyTalkerIsTurnedAway) {
  const std::string heard = connect("EHLO too-early.example\r\n");
  EXPECT_EQ(codes(heard), "554");
  EXPECT_TRUE(closed);
  ASSERT_EQ(journal.rows.size(), 1U);
}

TEST_F(GatewayTest, AProxyHeaderNamesTheClient) {
  options.proxy_from = {ip::parse_network("192.0.2.0/24").value()};
  EXPECT_EQ(connect(), "") << "nothing before the header";
  EXPECT_EQ(codes(say("PROXY TCP4 203.0.113.9 192.0.2.1 999 25\r\n")), "220");
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  (void)say(kMessage);
  ASSERT_EQ(pool->delivered.size(), 1U);
  EXPECT_NE(pool->delivered[0].message.find("203.0.113.9"), std::string::npos);
}

TEST_F(GatewayTest, WhatAClientBehindAProxyMayIsNotTheProxysRight) {
  options.proxy_from = {ip::parse_network("192.0.2.0/24").value()};
  options.xclient_from = {ip::parse_network("192.0.2.7").value(), ip::parse_network("203.0.113.10").value()};
  connect();
  (void)say("PROXY TCP4 203.0.113.9 192.0.2.1 999 25\r\n");
  EXPECT_EQ(say(kHello).find("XCLIENT"), std::string::npos);
  EXPECT_EQ(codes(say("XCLIENT ADDR=127.0.0.1\r\n")), "502");
  hang_up();
  connect();
  (void)say("PROXY TCP4 203.0.113.10 192.0.2.1 999 25\r\n");
  EXPECT_NE(say(kHello).find("XCLIENT"), std::string::npos);
}

TEST_F(GatewayTest, ClientsBehindAProxyAreCountedEachForItself) {
  options.proxy_from = {ip::parse_network("192.0.2.0/24").value()};
  connections.set_options({100, 1});
  std::vector<int> others;
  for (const std::string_view address : {"203.0.113.9", "203.0.113.10"}) {
    connect();
    EXPECT_EQ(codes(say("PROXY TCP4 " + std::string(address) + " 192.0.2.1 999 25\r\n")), "220");
    others.push_back(std::exchange(client, -1));
  }
  connect();
  EXPECT_EQ(codes(say("PROXY TCP4 203.0.113.9 192.0.2.1 999 25\r\n")), "421");
  EXPECT_TRUE(closed);
  for (const int other : others) ::close(other);
  settle();
  EXPECT_EQ(connections.in_use(), 0U);
}

TEST_F(GatewayTest, SomethingElseThanAProxyHeaderIsCutOff) {
  options.proxy_from = {ip::parse_network("192.0.2.0/24").value()};
  connect();
  EXPECT_EQ(say("EHLO me.example\r\n"), "");
  EXPECT_TRUE(closed);
}

TEST_F(GatewayTest, XforwardHoldsForOneTransaction) {
  options.xforward_from = {ip::parse_network("192.0.2.7").value()};
  connect();
  const std::string transaction = std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n";
  (void)say(std::string(kHello) + "XFORWARD NAME=spike.example ADDR=203.0.113.5\r\n");
  (void)say(transaction);
  EXPECT_EQ(codes(say(kMessage)), "250");
  (void)say(transaction);
  EXPECT_EQ(codes(say(kMessage)), "250");
  ASSERT_EQ(pool->delivered.size(), 2U);
  EXPECT_NE(pool->delivered[0].message.find("203.0.113.5"), std::string::npos);
  EXPECT_EQ(pool->delivered[1].message.find("203.0.113.5"), std::string::npos);
}

TEST_F(GatewayTest, ALoopIsRefused) {
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  std::string looped;
  for (int i = 0; i < 3; ++i)
    looped += "Received: from a by mx.example.org with SMTP; Mon, 1 Jan 2024 00:00:00 +0000\r\n";
  EXPECT_EQ(codes(say(looped + "\r\nagain\r\n.\r\n")), "554");
  EXPECT_TRUE(pool->delivered.empty());
}

TEST_F(GatewayTest, AFullSpoolIs452) {
  options.spool.memory = 0;
  options.spool.total_disk = 10;
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  EXPECT_EQ(codes(say(kMessage)), "452");
  EXPECT_TRUE(pool->delivered.empty());
}

TEST_F(GatewayTest, AnIdleClientHears421AtShutDown) {
  connect();
  (void)say(kHello);
  server->shut_down();
  EXPECT_EQ(codes(settle()), "421");
  EXPECT_TRUE(closed);
  EXPECT_EQ(server->sessions(), 0U);
}

TEST_F(GatewayTest, ABusyClientMayFinishItsTransactionAtShutDown) {
  connect();
  (void)say(std::string(kHello) + std::string(kMail) + "RCPT TO:<ann@example.org>\r\nDATA\r\n");
  server->shut_down();
  EXPECT_EQ(codes(settle()), "");
  EXPECT_EQ(codes(say(kMessage)), "250 421");
  EXPECT_EQ(pool->delivered.size(), 1U);
  EXPECT_EQ(server->sessions(), 0U);
}

TEST_F(GatewayTest, TooManyConnectionsAre421) {
  connections.set_options({1, 1});
  connect();
  const int first = std::exchange(client, -1);
  EXPECT_EQ(codes(connect()), "421");
  ::close(first);
}

}  // namespace
}  // namespace anechoic::gateway::test
