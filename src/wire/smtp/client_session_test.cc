// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/client_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "testing/client_dialogue.h"

namespace anechoic::smtp {
namespace {

using dialogue::Dialogue;
using dialogue::dialogues;
using dialogue::Line;
using dialogue::mail_command;
using dialogue::mailbox;
using dialogue::print;
using dialogue::unescape;

enum class Chunks : std::uint8_t { Whole, Bytes };

class Player {
 public:
  Player(const Dialogue& dialogue, Chunks chunks)
      : session_(std::make_shared<ClientOptions>(dialogue.options)), chunks_(chunks) {}

  void step(const Line& line) {
    // When the lines that it should have written end, it must have written just these.
    if (line.what != "C:" && std::exchange(in_output_, false)) EXPECT_EQ(written_, expected_);
    if (line.what == "S:") {
      input_ += line.text + "\r\n";
      return;
    }
    flush();
    if (line.what == ">") command(line.text);
    if (line.what == "C:") {
      expected_ += line.text + "\r\n";
      in_output_ = true;
    }
    if (line.what == "E:") EXPECT_EQ(print(session_.next()), line.text);
    if (line.what == "close") session_.closed();
    written_ += session_.take_output();
  }

  // Replies that stand together in the dialogue arrive together.
  void flush() {
    if (chunks_ == Chunks::Whole) {
      session_.feed(input_);
    } else {
      for (const char c : input_) session_.feed({&c, 1});
    }
    input_.clear();
    written_ += session_.take_output();
  }

  void check_output() const { EXPECT_EQ(written_, expected_); }
  ClientSession& session() { return session_; }

 private:
  void command(const std::string& text) {
    std::istringstream words(text);
    std::string verb;
    words >> verb;
    if (verb == "mail") session_.send(mail_command(words));
    if (verb == "rcpt") {
      std::string address;
      words >> address;
      session_.send(SendRcpt{{mailbox(address)}});
    }
    if (verb == "data") session_.send(SendData{});
    if (verb == "reset") session_.send(SendReset{});
    if (verb == "quit") session_.quit();
    if (verb == "tls") session_.tls_started();
    if (verb == "idle") EXPECT_TRUE(session_.idle());
    if (verb == "busy") EXPECT_FALSE(session_.idle());
    if (verb == "end") written_ += session_.end_body();
    if (verb == "body") {
      const std::string bytes = unescape(text.substr(5));
      if (chunks_ == Chunks::Whole) {
        written_ += session_.body(bytes);
      } else {
        for (const char c : bytes) written_ += session_.body({&c, 1});
      }
    }
  }

  ClientSession session_;
  Chunks chunks_;
  std::string input_;
  std::string written_;
  std::string expected_;
  bool in_output_ = false;
};

class Dialogues : public ::testing::TestWithParam<Dialogue> {};

TEST_P(Dialogues, Whole) {
  Player player(GetParam(), Chunks::Whole);
  for (const Line& line : GetParam().lines) player.step(line);
  player.flush();
  player.check_output();
}

TEST_P(Dialogues, ByteByByte) {
  Player player(GetParam(), Chunks::Bytes);
  for (const Line& line : GetParam().lines) player.step(line);
  player.flush();
  player.check_output();
}

// At the n-th line of the backend something else happens. Nothing but an end may follow, and it stays.
void break_at(const Dialogue& dialogue, std::size_t n, std::string_view how) {
  SCOPED_TRACE(std::string(how) + " at reply line " + std::to_string(n));
  Player player(dialogue, Chunks::Whole);
  std::size_t replies = 0;
  for (const Line& line : dialogue.lines) {
    if (line.what == "S:" && replies++ == n) break;
    if (line.what != "E:" && !(line.what == ">" && (line.text == "idle" || line.text == "busy"))) player.step(line);
  }
  player.flush();
  ClientSession& session = player.session();
  if (how == "close") {
    session.closed();
  } else {
    session.feed(how);
  }
  int events = 0;
  ClientEvent event = session.next();
  const auto ended = [&] {
    const auto* of_backend = std::get_if<BackendEvent>(&event);
    return std::holds_alternative<NotReady>(event) ||
           (of_backend != nullptr && std::holds_alternative<Lost>(*of_backend));
  };
  while (!ended()) {
    ASSERT_FALSE(std::holds_alternative<ClientNeedInput>(event)) << "it goes on";
    ASSERT_LT(++events, 20);
    event = session.next();
  }
  const std::string end = print(event);
  session.feed("250 2.0.0 Ok\r\n");
  session.closed();
  session.send(SendMail{});
  session.send(SendReset{});
  EXPECT_EQ(print(session.next()), end);
  EXPECT_FALSE(session.has_output());
  EXPECT_FALSE(session.idle());
  EXPECT_FALSE(session.ready());
  EXPECT_EQ(session.body("x\r\n") + session.end_body(), "");
}

TEST_P(Dialogues, BrokenAtEveryReply) {
  const auto replies = std::ranges::count(GetParam().lines, "S:", &Line::what);
  for (std::size_t n = 0; n < static_cast<std::size_t>(replies); ++n) {
    for (const std::string_view how : {"close", "421 4.3.2 going down\r\n", "\x16\x03\x01 not SMTP\r\n", "250\n",
                                       "999 no such class\r\n", "25\r\n", "150 wrong\r\n"}) {
      // A reply inside a reply of several lines differs in code, so 421 is garbage there: an end all the same.
      break_at(GetParam(), n, how);
    }
    break_at(GetParam(), n, std::string(5000, 'x'));
  }
}

INSTANTIATE_TEST_SUITE_P(ClientSession, Dialogues, ::testing::ValuesIn(dialogues()), [](const auto& param) {
  std::string name = param.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(ClientSession, DialoguesWereFound) {
  EXPECT_GT(dialogues().size(), 20U);
}

TEST(ClientSession, ManyRecipientsLeaveInOneGroup) {
  ClientSession session(std::make_shared<ClientOptions>());
  session.feed("220 mx\r\n250-mx\r\n250 PIPELINING\r\n");
  ASSERT_EQ(print(session.next()), "ready pipelining");
  (void)session.take_output();
  session.send(SendMail{});
  for (int i = 0; i < 100; ++i) session.send(SendRcpt{{{"u" + std::to_string(i), "example.org"}}});
  session.send(SendReset{});
  const std::string out = session.take_output();
  EXPECT_EQ(std::ranges::count(out, '\n'), 102);
  std::string replies = "250 ok\r\n";
  for (int i = 0; i < 100; ++i) replies += "550 5.1.1 u" + std::to_string(i) + "\r\n";
  session.feed(replies + "250 ok\r\n");
  EXPECT_EQ(print(session.next()), "mail 250 ok");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(print(session.next()), "rcpt 550 5.1.1 u" + std::to_string(i));
  EXPECT_EQ(print(session.next()), "reset 250 ok");
  EXPECT_TRUE(session.idle());
}

TEST(ClientSession, XforwardLinesKeepTheBound) {
  auto options = std::make_shared<ClientOptions>();
  options->xforward = true;
  ClientSession session(options);
  session.feed("220 mx\r\n250-mx\r\n250-PIPELINING\r\n250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n");
  (void)session.next();
  (void)session.take_output();
  SendMail command;
  command.identity = Identity{};
  command.identity->name = std::string(300, 'n');
  command.identity->helo = std::string(300, 'h');
  command.identity->ident = std::string(200, '\n');  // 600 octets of xtext: fits no line
  command.identity->port = 25;
  session.send(command);
  const std::string out = session.take_output();
  EXPECT_EQ(out, "XFORWARD NAME=" + std::string(300, 'n') + " PORT=25\r\nXFORWARD HELO=" + std::string(300, 'h') +
                     "\r\nMAIL FROM:<>\r\n");
}

TEST(ClientSession, IdentityIsNotSentUnlessAskedFor) {
  auto options = std::make_shared<ClientOptions>();
  ClientSession session(options);
  session.feed("220 mx\r\n250-mx\r\n250 XFORWARD NAME ADDR\r\n");
  (void)session.next();
  (void)session.take_output();
  SendMail command;
  command.identity = Identity{};
  command.identity->addr = "192.0.2.1";
  session.send(command);
  EXPECT_EQ(session.take_output(), "MAIL FROM:<>\r\n");
}

TEST(ClientSession, NoDsnIsAskedForOnlyWhereDsnIsOffered) {
  for (const bool offered : {true, false}) {
    ClientSession session(std::make_shared<const ClientOptions>());
    session.feed(std::string("220 x\r\n"));
    (void)session.next();
    (void)session.take_output();
    session.feed(offered ? "250-x\r\n250-DSN\r\n250 PIPELINING\r\n" : "250-x\r\n250 PIPELINING\r\n");
    (void)session.next();
    ASSERT_TRUE(session.ready());
    session.send(SendMail{});
    session.send(SendRcpt{{{"one", "example.org"}}, true});
    session.send(SendRcpt{{{"two", "example.org"}}});
    EXPECT_EQ(session.take_output(), std::string("MAIL FROM:<>\r\nRCPT TO:<one@example.org>") +
                                         (offered ? " NOTIFY=NEVER" : "") + "\r\nRCPT TO:<two@example.org>\r\n");
  }
}

}  // namespace
}  // namespace anechoic::smtp
