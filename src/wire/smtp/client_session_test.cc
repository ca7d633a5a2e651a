// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/client_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace anechoic::smtp {
namespace {

namespace fs = std::filesystem;

// The lines of testdata/client/*.dialogue; the format is in the README there.
struct Line {
  std::string what;  // "S:", "C:", "E:", ">", "close", "option"
  std::string text;
};

struct Dialogue {
  std::string name;
  ClientOptions options;
  std::vector<Line> lines;
};

void set_option(ClientOptions& options, const std::string& text) {
  if (text == "lmtp") options.protocol = Protocol::Lmtp;
  if (text == "tls=never") options.tls = TlsUse::Never;
  if (text == "tls=required") options.tls = TlsUse::Required;
  if (text == "xforward") options.xforward = true;
  if (text.starts_with("hostname ")) options.hostname = text.substr(9);
}

Dialogue read_dialogue(const fs::path& path) {
  Dialogue dialogue{path.stem().string(), {}, {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t space = std::min(line.find(' '), line.size());
    Line read{line.substr(0, space), space < line.size() ? line.substr(space + 1) : ""};
    if (read.what == "option") {
      set_option(dialogue.options, read.text);
    } else {
      dialogue.lines.push_back(read);
    }
  }
  return dialogue;
}

std::vector<Dialogue> dialogues() {
  std::vector<Dialogue> all;
  for (const auto& entry : fs::directory_iterator(ANECHOIC_SOURCE_DIR "/src/wire/smtp/testdata/client")) {
    if (entry.path().extension() == ".dialogue") all.push_back(read_dialogue(entry.path()));
  }
  std::ranges::sort(all, {}, &Dialogue::name);
  return all;
}

std::string print(const Reply& reply) {
  std::string out = std::to_string(reply.code);
  const EnhancedCode& e = reply.enhanced;
  if (e.present()) {
    out += " " + std::to_string(e.klass) + "." + std::to_string(e.subject) + "." + std::to_string(e.detail);
  }
  if (!reply.text.empty()) out += " ";
  for (const char c : reply.text) out += c == '\n' ? std::string(" / ") : std::string(1, c);
  return out;
}

std::string print(const Error& error, const std::optional<Reply>& reply) {
  return std::string(to_string(error.code)) + (reply ? " " + print(*reply) : "");
}

std::string print(const Capabilities& offered) {
  std::string out = "ready";
  if (offered.size) out += " size=" + std::to_string(*offered.size);
  if (offered.pipelining) out += " pipelining";
  if (offered.eightbitmime) out += " 8bitmime";
  if (offered.smtputf8) out += " smtputf8";
  if (offered.starttls) out += " starttls";
  if (offered.enhanced_codes) out += " codes";
  if (!offered.xforward.empty()) {
    std::string list = offered.xforward;
    std::ranges::replace(list, ' ', ',');
    out += " xforward=" + list;
  }
  return out;
}

struct Printer {
  std::string operator()(const MailReply& e) const { return "mail " + print(e.reply); }
  std::string operator()(const RcptReply& e) const { return "rcpt " + print(e.reply); }
  std::string operator()(const DataReply& e) const { return "data " + print(e.reply); }
  std::string operator()(const ResetReply& e) const { return "reset " + print(e.reply); }
  std::string operator()(const Lost& e) const { return "lost " + print(e.error, e.reply); }
  std::string operator()(const FinalReplies& e) const {
    std::string out = "final";
    for (const Reply& reply : e.replies) out += (out == "final" ? " " : " | ") + print(reply);
    return out;
  }
  std::string operator()(const ClientNeedInput& /*e*/) const { return "-"; }
  std::string operator()(const ClientStartTls& /*e*/) const { return "starttls"; }
  std::string operator()(const Ready& e) const { return print(e.capabilities); }
  std::string operator()(const NotReady& e) const { return "notready " + print(e.error, e.reply); }
  std::string operator()(const BackendEvent& e) const { return std::visit(*this, e); }
};

std::string print(const ClientEvent& event) {
  return std::visit(Printer{}, event);
}

mail::Mailbox mailbox(const std::string& address) {
  const std::size_t at = address.rfind('@');
  return {address.substr(0, at), address.substr(at + 1)};
}

SendMail mail_command(std::istringstream& words) {
  SendMail command;
  std::string word;
  words >> word;
  if (word != "<>") command.path.mailbox = mailbox(word);
  while (words >> word) {
    if (word.starts_with("size=")) command.parameters.size = std::stoull(word.substr(5));
    if (word == "8bit") command.parameters.body = Body::EightBitMime;
    if (word == "7bit") command.parameters.body = Body::SevenBit;
    if (word == "utf8") command.parameters.smtputf8 = true;
    if (word.starts_with("from=")) {
      command.identity = Identity{};
      command.identity->name = "";
      command.identity->addr = word.substr(5);
      command.identity->port = 4711;
      command.identity->proto = "ESMTP";
      command.identity->source = "REMOTE";
    }
    if (word.starts_with("helo=")) command.identity->helo = word.substr(5);
  }
  return command;
}

std::string unescape(std::string text) {
  for (const auto& [from, to] : {std::pair("\\r", "\r"), std::pair("\\n", "\n")}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) text.replace(at, 2, to);
  }
  return text;
}

enum class Chunks : std::uint8_t { Whole, Bytes };

class Player {
 public:
  Player(const Dialogue& dialogue, Chunks chunks)
      : session_(std::make_shared<ClientOptions>(dialogue.options)), chunks_(chunks) {}

  void step(const Line& line) {
    if (line.what == "S:") {
      input_ += line.text + "\r\n";
      return;
    }
    flush();
    if (line.what == ">") command(line.text);
    if (line.what == "C:") expected_ += line.text + "\r\n";
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

}  // namespace
}  // namespace anechoic::smtp
