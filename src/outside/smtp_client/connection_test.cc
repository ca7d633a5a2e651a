// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/connection.h"

#include <gmock/gmock.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "testing/backend_fixture.h"

namespace anechoic::smtp_client {
namespace {

using namespace std::chrono_literals;
using namespace anechoic::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using ConnectionTest = BackendFixture;

TEST_F(ConnectionTest, OneTransactionInFourWrites) {
  ScriptedServer server(loop);
  server.play(kHello + kTransaction);
  const auto connection = open(server).value();
  EXPECT_TRUE(connection->capabilities().pipelining);
  EXPECT_TRUE(connection->reusable());
  EXPECT_EQ(connection->endpoint(), "smtp://" + server.host_and_port());
  EXPECT_EQ(transact(*connection, "Subject: x\r\n\r\n.dotted\r\n"), "final 250 2.0.0 queued;");
  EXPECT_TRUE(connection->reusable());
  EXPECT_THAT(server.bodies, ElementsAre("Received: by us\r\nSubject: x\r\n\r\n..dotted\r\n.\r\n"));
  EXPECT_THAT(server.reads,
              ElementsAre("EHLO mx.example.org\r\n", "MAIL FROM:<a@example.net>\r\nRCPT TO:<u0@example.org>\r\n",
                          "DATA\r\n", server.bodies[0]));
  EXPECT_THAT(server.surprises, IsEmpty());
}

TEST_F(ConnectionTest, WithoutPipeliningOneByOne) {
  ScriptedServer server(loop);
  server.play(
      {say("220 x"), hear("EHLO"), say("250 x"), hear("MAIL"), say("250 ok"), hear("RCPT"), say("550 5.1.1 no")});
  const auto connection = open(server).value();
  queue_envelope(*connection);
  EXPECT_EQ(next(*connection), "mail 250 ok");
  EXPECT_EQ(next(*connection), "rcpt 550 5.1.1 no");
  EXPECT_THAT(server.surprises, IsEmpty());
  EXPECT_FALSE(connection->reusable()) << "a transaction is open";
}

TEST_F(ConnectionTest, SeveralMessagesAndReset) {
  ScriptedServer server(loop);
  server.play(kHello + kTransaction + kTransaction +
              Script{hear("MAIL"), hear("RCPT"), say("250 ok"), say("450 4.2.0 later"), hear("RSET"), say("250 ok")});
  const auto connection = open(server).value();
  EXPECT_EQ(transact(*connection, "1\r\n"), "final 250 2.0.0 queued;");
  EXPECT_EQ(transact(*connection, "2\r\n"), "final 250 2.0.0 queued;");
  queue_envelope(*connection);
  EXPECT_EQ(next(*connection), "mail 250 ok");
  EXPECT_EQ(next(*connection), "rcpt 450 4.2.0 later");
  connection->queue(smtp::SendReset{});
  EXPECT_EQ(next(*connection), "reset 250 ok");
  EXPECT_TRUE(connection->reusable());
}

TEST_F(ConnectionTest, AMessageCountEndsReuse) {
  ScriptedServer server(loop);
  server.play(kHello + kTransaction + kTransaction);
  Options options = quick_options();
  options.messages = 2;
  const auto connection = open(server, options).value();
  EXPECT_EQ(transact(*connection, "1\r\n"), "final 250 2.0.0 queued;");
  EXPECT_TRUE(connection->reusable());
  EXPECT_EQ(transact(*connection, "2\r\n"), "final 250 2.0.0 queued;");
  EXPECT_FALSE(connection->reusable());
}

TEST_F(ConnectionTest, ABigBodyGoesPieceByPiece) {
  ScriptedServer server(loop);
  server.play(kHello + kTransaction);
  const auto connection = open(server).value();
  std::string body = "Subject: big\r\n\r\n";
  std::string stuffed = "Received: by us\r\n" + body;
  while (body.size() < (2U << 20)) {
    body += ".a line of sixty-odd octets that is stuffed at its beginning\r\n";
    stuffed += "..a line of sixty-odd octets that is stuffed at its beginning\r\n";
  }
  EXPECT_EQ(transact(*connection, body), "final 250 2.0.0 queued;");
  ASSERT_THAT(server.bodies, SizeIs(1));
  EXPECT_TRUE(server.bodies[0] == stuffed + ".\r\n");
}

TEST_F(ConnectionTest, LmtpAnswersForEachRecipient) {
  ScriptedServer server(loop);
  server.play({say("220 x"), hear("LHLO mx.example.org"), say("250-x\r\n250-PIPELINING\r\n250 8BITMIME"), hear("MAIL"),
               hear("RCPT"), hear("RCPT"), hear("RCPT"), say("250 ok\r\n250 ok\r\n550 no\r\n250 ok"), hear("DATA"),
               say("354 go"), hear_body(), say("250 kept"), say("452 4.2.2 full")});
  const auto connection = open({"lmtp://" + server.host_and_port()}, quick_options()).value();
  EXPECT_EQ(transact(*connection, "x\r\n", 3), "final 250 kept; 452 4.2.2 full;");
  EXPECT_THAT(server.surprises, IsEmpty());
}

TEST_F(ConnectionTest, SpeaksOverAUnixSocket) {
  const std::string path = directory.path() / "lmtp";
  boost::asio::local::stream_protocol::acceptor acceptor(loop.context,
                                                         boost::asio::local::stream_protocol::endpoint(path));
  loop.spawn([](Loop& on, boost::asio::local::stream_protocol::acceptor& from) -> net::Task<void> {
    net::Stream stream(net::Socket(co_await from.async_accept(boost::asio::use_awaitable)), on.wheel);
    EXPECT_TRUE(stream.send_now("220 x\r\n"));
    const auto hello = co_await stream.receive(in_a_while());
    EXPECT_EQ(hello.value_or("?"), "LHLO mx.example.org\r\n");
    EXPECT_TRUE(stream.send_now("250 x\r\n"));
    (void)co_await stream.receive(in_a_while());
  }(loop, acceptor));
  Options options = quick_options();
  options.tls = Tls::IfOffered;
  const auto connection = open({"lmtp://" + path}, options);
  EXPECT_TRUE(connection) << connection.error().detail;
  (*connection)->part();
  loop.run_for(1ms);
}

TEST_F(ConnectionTest, PassesTheIdentityWithTheEnvelopeInOneWrite) {
  ScriptedServer server(loop);
  server.play({say("220 x"), hear("EHLO"),
               say("250-x\r\n250-PIPELINING\r\n250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"), hear("XFORWARD "),
               hear("MAIL"), hear("RCPT"), say("250 ok\r\n250 ok\r\n250 ok")});
  Options options = quick_options();
  options.xforward = true;
  const auto connection = open(server, options).value();
  smtp::Identity identity;
  identity.addr = "192.0.2.7";
  queue_envelope(*connection, 1, identity);
  EXPECT_EQ(next(*connection), "mail 250 ok");
  EXPECT_EQ(next(*connection), "rcpt 250 ok");
  ASSERT_THAT(server.reads, SizeIs(2));
  EXPECT_THAT(server.reads[1], HasSubstr("ADDR=192.0.2.7"));
  EXPECT_THAT(server.surprises, IsEmpty());
}

TEST_F(ConnectionTest, WhatRefusesUsIsRefusedInItsWords) {
  struct Case {
    Script script;
    Errc code;
    std::string says;
  };
  const Case cases[] = {
      {{say("554 5.7.1 go away")}, Errc::Refused, "554 5.7.1 go away"},
      {{say("421 4.3.2 busy")}, Errc::Unavailable, "421 4.3.2 busy"},
      {{say("HTTP/1.1 400 Bad Request")}, Errc::Syntax, ""},
      {{hang_up()}, Errc::Unavailable, "closed"},
      {{reset()}, Errc::Unavailable, "reset"},
      {{say("220 x"), hear("EHLO"), say("550 5.7.1 not you")}, Errc::Refused, "550 5.7.1 not you"},
      {{say("220 x"), hear("EHLO"), hang_up()}, Errc::Unavailable, "closed"},
      {kHello, Errc::Refused, "XFORWARD"},
  };
  Options options = quick_options();
  options.xforward = true;
  for (const Case& c : cases) {
    ScriptedServer server(loop);
    server.play(c.script);
    const auto connection = open(server, options);
    ASSERT_FALSE(connection) << c.says;
    EXPECT_EQ(connection.error().code, c.code) << connection.error().detail;
    EXPECT_THAT(connection.error().detail, HasSubstr("smtp://" + server.host_and_port() + ": "));
    EXPECT_THAT(connection.error().detail, HasSubstr(c.says));
  }
}

TEST_F(ConnectionTest, GreetingAndCommandsHaveDeadlines) {
  Options options = quick_options();
  options.greeting = 50ms;
  options.command = 50ms;
  for (const Script& script : {Script{stall()}, Script{say("220 x"), hear("EHLO"), stall()}}) {
    ScriptedServer server(loop);
    server.play(script);
    const auto connection = open(server, options);
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, Errc::Timeout) << connection.error().detail;
  }
  ScriptedServer server(loop);
  server.play(kHello + Script{hear("MAIL"), hear("RCPT"), say("250 ok"), stall()});
  const auto connection = open(server, options).value();
  queue_envelope(*connection);
  EXPECT_EQ(next(*connection), "mail 250 ok");
  EXPECT_EQ(next(*connection), "lost timeout");
  EXPECT_FALSE(connection->reusable());
}

TEST_F(ConnectionTest, TheFinalDotHasItsOwnDeadline) {
  Options options = quick_options();
  options.data_done = 50ms;
  ScriptedServer server(loop);
  Script script = kHello + kTransaction;
  script.back() = stall();
  server.play(script);
  const auto connection = open(server, options).value();
  EXPECT_EQ(transact(*connection, "x\r\n"), "lost timeout");
}

// Every step of the backend broken in every way: never a positive end, never a hang, always a word about it.
TEST_F(ConnectionTest, BrokenAtEveryStep) {
  const Script whole = kHello + kTransaction;
  struct Break {
    ScriptStep step;
    std::string_view name;
  };
  const Break breaks[] = {{hang_up(), "close"},
                          {reset(), "reset"},
                          {say("\x01garbage"), "garbage"},
                          {stall(), "stall"},
                          {say("421 4.3.2 going down"), "421"}};
  Options options = quick_options();
  options.greeting = options.command = options.data_done = options.data_block = 20ms;
  for (const Break& how : breaks) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      SCOPED_TRACE(std::string(how.name) + " at step " + std::to_string(at));
      ScriptedServer server(loop);
      Script script(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at));
      script.push_back(how.step);
      if (how.name == "garbage" || how.name == "421") script.push_back(stall());
      server.play(script);
      const auto connection = open(server, options);
      if (at < 3) {
        EXPECT_FALSE(connection);
        continue;
      }
      ASSERT_TRUE(connection) << connection.error().detail;
      const std::string end = transact(**connection, "Subject: x\r\n\r\nx\r\n");
      EXPECT_TRUE(end.starts_with("lost")) << end;
      EXPECT_FALSE((*connection)->reusable());
      EXPECT_TRUE(next(**connection).starts_with("lost")) << "Lost stays";
    }
  }
}

// The server answers in the middle of a big body.
TEST_F(ConnectionTest, AnEarlyRefusalIsTheAnswer) {
  Script script = kHello + kTransaction;
  script.resize(script.size() - 2);
  struct Case {
    Script then;
    std::string event;
  };
  const Case cases[] = {
      {{say("552 5.3.4 too big")}, "final 552 5.3.4 too big;"},
      {{say("421 4.3.2 down")}, "lost unavailable 421 4.3.2 down"},
      {{say("250 2.0.0 thanks")}, "lost syntax"},
      {{hang_up()}, "lost unavailable"},
  };
  for (const Case& c : cases) {
    ScriptedServer server(loop);
    server.play(script + Script{hear("Received")} + c.then + Script{deaf()});
    const auto connection = open(server).value();
    std::string body;
    while (body.size() < (8U << 20)) body += std::string(998, 'x') + "\r\n";
    EXPECT_EQ(transact(*connection, body), c.event);
    EXPECT_FALSE(connection->reusable());
  }
}

// R6: whether a copy may exist.
TEST_F(ConnectionTest, TellsWhetherTheFinalDotHadGoneOut) {
  Script script = kHello + kTransaction;
  script.resize(script.size() - 2);
  for (const bool small : {false, true}) {
    ScriptedServer server(loop);
    server.play(script + (small ? Script{hear_body(), hang_up()} : Script{hear("Received"), hang_up()}));
    const auto connection = open(server).value();
    std::string body = "Subject: x\r\n\r\n";
    while (!small && body.size() < (8U << 20)) body += std::string(998, 'x') + "\r\n";
    EXPECT_EQ(transact(*connection, body), "lost unavailable");
    const smtp::BackendEvent again = loop.run(connection->next_event());
    ASSERT_TRUE(std::holds_alternative<smtp::Lost>(again));
    EXPECT_EQ(std::get<smtp::Lost>(again).end_sent, small);
  }
}

// The same while the last piece, which holds the final dot, is on its way.
TEST_F(ConnectionTest, AnAnswerBeforeTheWholeLastPieceIsNoYes) {
  Script script = kHello + kTransaction;
  script.resize(script.size() - 2);
  struct Case {
    std::string says;
    std::string event;
  };
  const Case cases[] = {
      {"552 5.3.4 too big", "final 552 5.3.4 too big;"},
      {"421 4.3.2 down", "lost unavailable 421 4.3.2 down"},
      {"250 2.0.0 thanks", "lost syntax"},
  };
  for (const Case& c : cases) {
    ScriptedServer server(loop);
    server.play(script + Script{hear("Received"), say(c.says), deaf()});
    const auto connection = open(server).value();
    std::string prepended = "Received: by us\r\n";
    while (prepended.size() < (8U << 20)) prepended += "X: " + std::string(995, 'x') + "\r\n";
    spool::Spool message(spool_options, spool_quota);
    ASSERT_TRUE(message.append("\r\nx\r\n"));
    queue_envelope(*connection);
    (void)next(*connection);
    (void)next(*connection);
    connection->queue(smtp::SendData{});
    ASSERT_EQ(next(*connection), "data 354 go on");
    connection->set_message({.prepended = prepended, .body = &message, .id = "id"});
    connection->queue(smtp::SendBody{});
    EXPECT_EQ(next(*connection), c.event);
    EXPECT_FALSE(connection->reusable());
  }
}

TEST_F(ConnectionTest, ABodyThatIsNotTakenEndsAtItsDeadline) {
  ScriptedServer server(loop);
  Script script = kHello + kTransaction;
  script.resize(script.size() - 2);
  server.play(script + Script{deaf()});
  Options options = quick_options();
  options.data_block = 50ms;
  const auto connection = open(server, options).value();
  EXPECT_EQ(transact(*connection, std::string(8U << 20, 'x')), "lost timeout");
}

TEST_F(ConnectionTest, PartingSaysQuit) {
  ScriptedServer server(loop);
  server.play(kHello + Script{hear("QUIT")});
  const auto connection = open(server).value();
  EXPECT_FALSE(connection->is_dead());
  connection->part();
  loop.run_until([&] { return server.closed == 1; });
  EXPECT_THAT(server.lines, ElementsAre("EHLO mx.example.org", "QUIT"));
}

}  // namespace
}  // namespace anechoic::smtp_client
