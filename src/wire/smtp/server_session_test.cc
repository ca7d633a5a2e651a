// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "base/limits.h"
#include "testing/scripted_owner.h"

namespace anechoic::smtp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScriptedOwner;
using ::testing::StartsWith;

struct Fixture {
  explicit Fixture(ServerOptions options = {}) : session(std::make_shared<const ServerOptions>(std::move(options))) {
    session.greet({220, {}, "mx ESMTP"});
    talk("");
    owner.output.clear();
  }
  // Feeds at once, and returns what came back.
  std::string talk(std::string_view input) {
    session.feed(input);
    owner.drive(session);
    return std::exchange(owner.output, std::string());
  }
  std::string talk_slowly(std::string_view input) {
    std::string out;
    for (const char c : input) out += talk(std::string_view(&c, 1));
    return out;
  }
  ServerSession session;
  ScriptedOwner owner;
};

constexpr std::string_view kEnvelope = "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n";

TEST(ServerSession, TakesAMessage) {
  Fixture f;
  EXPECT_EQ(f.talk("EHLO client.example\r\n"),
            "250-localhost\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n"
            "250-SMTPUTF8\r\n250-CHUNKING\r\n250 LIMITS RCPTMAX=1000\r\n");
  EXPECT_TRUE(f.session.extended());
  EXPECT_EQ(f.talk("MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<Postmaster>\r\nDATA\r\n"),
            "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n");
  EXPECT_TRUE(f.session.in_body());
  EXPECT_EQ(f.talk("A: b\r\n\r\n..x\r\n.\r\nQUIT\r\n"), "250 2.0.0 Accepted\r\n221 2.0.0 Bye\r\n");
  EXPECT_THAT(f.owner.messages, ElementsAre("A: b\r\n\r\n.x\r\n"));
  EXPECT_THAT(f.owner.events, ElementsAre("message 12", "closed quit"));
  EXPECT_THAT(f.owner.questions, ElementsAre("helo client.example", "mail <>", "rcpt <Postmaster>", "data", "end"));
  EXPECT_EQ(f.owner.broken, "");
}

// Byte sequences that some program takes, or took, for the end of data, collected by the authors of SMTP smuggling
// tools. What follows them must never become a second message.
struct EndSequence {
  std::string_view bytes;
  bool ends;  // it holds CRLF.CRLF, so the message ends there
};
using namespace std::string_view_literals;
constexpr auto kEndSequences = std::to_array<EndSequence>({
    {"\n.\n"sv, false},
    {"\r.\r"sv, false},
    {"\r.\n"sv, false},
    {"\n.\r"sv, false},
    {"\n.\r\n"sv, false},
    {"\r\n.\n"sv, false},
    {"\r.\r\n"sv, false},
    {"\r\n.\r"sv, false},
    {"\r\n\0.\r\n"sv, false},
    {"\r\n.\0\r\n"sv, false},
    {"\r\n.\r\r\n"sv, false},
    {"\r\r\n.\r\r\n"sv, false},
    {"\0\r\n.\r\n"sv, true},
    {"\r\0\n.\r\n"sv, false},
    {"\r\n.\r\0\n"sv, false},
    {"\r\n.\r\n\0"sv, true},
});

TEST(ServerSession, NoEndSequenceHidesASecondMessage) {
  constexpr std::string_view kSecond =
      "MAIL FROM:<smuggled@x>\r\nRCPT TO:<victim@y>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";
  for (const BareNewline mode : {BareNewline::Reject, BareNewline::Normalize}) {
    for (const EndSequence& sequence : kEndSequences) {
      for (const bool slowly : {false, true}) {
        ServerOptions options;
        options.bare_newline = mode;
        Fixture f(options);
        f.talk(std::string(kEnvelope) + "DATA\r\n");
        std::string input = "Subject: first\r\n\r\ntext";
        input += sequence.bytes;
        input += kSecond;
        const std::string out = slowly ? f.talk_slowly(input) : f.talk(input);
        const auto shown = ::testing::PrintToString(sequence.bytes);
        EXPECT_LE(f.owner.messages.size(), 1U) << shown;
        for (const std::string& question : f.owner.questions) EXPECT_THAT(question, Not(HasSubstr("victim"))) << shown;
        EXPECT_EQ(f.owner.broken, "") << shown;
        const bool nul = sequence.bytes.contains('\0') && !sequence.bytes.ends_with('\0');
        if (nul) {
          EXPECT_THAT(f.owner.events, ElementsAre("aborted body-refused", "closed nul-in-body")) << shown;
          EXPECT_THAT(out, StartsWith("550 5.6.0")) << shown;
        } else if (sequence.ends) {
          EXPECT_EQ(f.owner.messages.size(), 1U) << shown;
        } else if (mode == BareNewline::Reject) {
          EXPECT_THAT(f.owner.events, ElementsAre("aborted body-refused")) << shown;
          EXPECT_THAT(out, StartsWith("550 5.6.0")) << shown;
        } else {
          ASSERT_EQ(f.owner.messages.size(), 1U) << shown;
          EXPECT_THAT(f.owner.messages[0], HasSubstr("MAIL FROM:<smuggled@x>\r\nRCPT")) << shown;
        }
      }
    }
  }
}

TEST(ServerSession, RefusesWhatIsPipelinedBehindStartTls) {
  ServerOptions options;
  options.starttls = true;
  Fixture f(options);
  f.talk("EHLO c\r\n");
  EXPECT_EQ(f.talk("STARTTLS\r\nNOOP\r\n"), "554 5.5.0 Input came behind STARTTLS\r\n");
  EXPECT_THAT(f.owner.events, ElementsAre("closed pipelined-tls"));
}

TEST(ServerSession, PurgesWhatComesBetweenStartTlsAndItsHandshake) {
  ServerOptions options;
  options.starttls = true;
  ServerSession session(std::make_shared<const ServerOptions>(options));
  session.greet({220, {}, "x"});
  session.feed("EHLO c\r\n");
  session.answer(std::get<AskHelo>(session.next()).id, {250, {}, ""});
  session.feed("STARTTLS\r\n");
  ASSERT_TRUE(std::holds_alternative<StartTls>(session.next()));
  session.feed("MAIL FROM:<injected@x>\r\n");
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next()));
  (void)session.take_output();
  session.tls_started();
  EXPECT_TRUE(session.in_tls());
  EXPECT_FALSE(session.extended());
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next()));
  EXPECT_FALSE(session.has_output());
}

TEST(ServerSession, ClosesOnEarlyTalkers) {
  ServerSession session(std::make_shared<const ServerOptions>());
  session.early_talker();
  EXPECT_THAT(session.take_output(), StartsWith("554 5.5.0 "));
  EXPECT_EQ(std::get<Closed>(session.next()).cause, CloseCause::EarlyTalker);
}

TEST(ServerSession, ReadsNoBodyAsCommands) {
  Fixture f;
  f.owner.rule = [](const std::string& question) -> std::optional<Reply> {
    if (question != "data") return std::nullopt;
    return Reply{451, {4, 3, 0}, "Not now"};
  };
  f.talk(kEnvelope);
  EXPECT_EQ(f.talk("DATA\r\nRSET\r\nMAIL FROM:<smuggled@x>\r\n"),
            "451 4.3.0 Not now\r\n554 5.5.0 A body came before it was asked for\r\n");
  EXPECT_THAT(f.owner.events, ElementsAre("closed early-talker"));
}

TEST(ServerSession, HoldsManyQuestionsOpenButNotMore) {
  ServerSession session(std::make_shared<const ServerOptions>());
  session.greet({220, {}, "x"});
  std::string input(kEnvelope);
  for (int i = 0; i < 100; ++i) input += "RCPT TO:<r" + std::to_string(i) + "@y>\r\n";
  session.feed(input);
  session.answer(std::get<AskHelo>(session.next()).id, {250, {}, ""});
  session.answer(std::get<AskMail>(session.next()).id, {250, {}, ""});
  (void)session.take_output();
  std::vector<QuestionId> open;
  for (;;) {
    const ServerEvent event = session.next();
    if (std::holds_alternative<NeedAnswers>(event)) break;
    open.push_back(std::get<AskRcpt>(event).id);
  }
  EXPECT_EQ(open.size(), limits::kOpenQuestions);
  EXPECT_TRUE(std::holds_alternative<NeedAnswers>(session.next()));
  // The second answer waits for the first; then both leave, and two more may be asked.
  session.answer(open[1], {550, {5, 1, 1}, "two"});
  EXPECT_FALSE(session.has_output());
  EXPECT_TRUE(std::holds_alternative<NeedAnswers>(session.next()));
  session.answer(open[0], {250, {2, 1, 5}, "one"});
  EXPECT_EQ(session.take_output(), "250 2.1.5 one\r\n550 5.1.1 two\r\n");
  EXPECT_TRUE(std::holds_alternative<AskRcpt>(session.next()));
  EXPECT_TRUE(std::holds_alternative<AskRcpt>(session.next()));
  EXPECT_TRUE(std::holds_alternative<NeedAnswers>(session.next()));
}

TEST(ServerSession, AsksFurtherWhileAnswersAreDue) {
  ServerSession session(std::make_shared<const ServerOptions>());
  session.greet({220, {}, "x"});
  session.feed(kEnvelope);
  session.answer(std::get<AskHelo>(session.next()).id, {250, {}, ""});
  session.answer(std::get<AskMail>(session.next()).id, {250, {}, ""});
  const auto first = std::get<AskRcpt>(session.next());
  EXPECT_TRUE(std::holds_alternative<NeedInput>(session.next()));  // another RCPT may come
  session.feed("RCPT TO:<c@y>\r\nDATA\r\n");
  const auto second = std::get<AskRcpt>(session.next());
  EXPECT_TRUE(std::holds_alternative<NeedAnswers>(session.next()));  // DATA waits
  session.answer(second.id, {250, {}, ""});
  session.answer(first.id, {550, {}, ""});
  EXPECT_TRUE(std::holds_alternative<AskData>(session.next()));
}

TEST(ServerSession, DropsOpenQuestionsWhenItIsShutDown) {
  ServerSession session(std::make_shared<const ServerOptions>());
  session.greet({220, {}, "x"});
  session.feed(kEnvelope);
  session.answer(std::get<AskHelo>(session.next()).id, {250, {}, ""});
  session.answer(std::get<AskMail>(session.next()).id, {250, {}, ""});
  const auto ask = std::get<AskRcpt>(session.next());
  (void)session.take_output();
  session.shut_down({421, {4, 3, 2}, "Going down"});
  session.answer(ask.id, {250, {}, "late"});
  session.feed("NOOP\r\n");
  EXPECT_EQ(session.take_output(), "421 4.3.2 Going down\r\n");
  EXPECT_EQ(std::get<Closed>(session.next()).cause, CloseCause::ShutDown);
  EXPECT_EQ(std::get<Closed>(session.next()).cause, CloseCause::ShutDown);
}

TEST(ServerSession, BoundsEverything) {
  Fixture f;
  EXPECT_EQ(f.talk(std::string(1'000'000, 'x')), "500 5.5.2 Line too long\r\n");
  EXPECT_EQ(f.talk("\r\nEHLO " + std::string(256, 'x') + "\r\n"), "501 5.5.4 Not a host name\r\n");
  f.talk("EHLO c\r\n");
  EXPECT_THAT(f.talk("MAIL FROM:<" + std::string(65, 'l') + "@x>\r\n"), StartsWith("501 5.1.7"));
  EXPECT_THAT(f.talk("MAIL FROM:<a@" + std::string(256, 'd') + ">\r\n"), StartsWith("501 5.1.7"));
  EXPECT_THAT(f.talk("BDAT 99999999999999999999\r\n"), StartsWith("501 5.5.4"));
  f.talk("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n");
  // A chunk of any length costs no memory and gives out no more than the bound.
  EXPECT_EQ(f.talk("BDAT 18446744073709551615\r\n"), "");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(f.talk(std::string(10 << 20, 'x') + "\r\n"), "");
  EXPECT_TRUE(f.session.in_body());
}

// The owner remembers the refused ones until the end of the transaction, too.
TEST(ServerSession, BoundsTheRefusedRecipientsOfATransaction) {
  ServerOptions options;
  options.recipients = 50;
  Fixture f(options);
  f.owner.rule = [](const std::string& question) -> std::optional<Reply> {
    if (question.contains("<no")) return Reply{550, {5, 1, 1}, "No"};
    return std::nullopt;
  };
  f.talk("EHLO c\r\nMAIL FROM:<a@x>\r\n");
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += "RCPT TO:<no" + std::to_string(i) + "@y>\r\n";
  for (const bool late : {false, true}) {
    f.owner.order = late ? ScriptedOwner::Order::Reversed : ScriptedOwner::Order::AtOnce;
    f.owner.questions.clear();
    EXPECT_THAT(f.talk(flood), HasSubstr("550 5.1.1 No\r\n452 4.5.3 Too many recipients"));
    EXPECT_EQ(f.owner.questions.size(), 50U);
    EXPECT_THAT(f.talk("RSET\r\nMAIL FROM:<a@x>\r\n"), StartsWith("250"));
  }
  EXPECT_EQ(f.talk("RCPT TO:<b@y>\r\n"), "250 2.1.5 Ok\r\n") << "they do not count in the next transaction";
}

TEST(ServerSession, IsInBodyOnlyWhileItRuns) {
  ServerSession session(std::make_shared<const ServerOptions>());
  session.greet({220, {}, "x"});
  session.feed(std::string(kEnvelope) + "DATA\r\n");
  session.answer(std::get<AskHelo>(session.next()).id, {250, {}, ""});
  EXPECT_FALSE(session.in_transaction());
  session.answer(std::get<AskMail>(session.next()).id, {250, {}, ""});
  EXPECT_TRUE(session.in_transaction());
  session.answer(std::get<AskRcpt>(session.next()).id, {250, {}, ""});
  session.answer(std::get<AskData>(session.next()).id, {354, {}, ""});
  EXPECT_TRUE(session.in_body());
  session.feed(".\r\n");
  const auto end = std::get<AskEnd>(session.next());
  EXPECT_FALSE(session.in_body());
  EXPECT_TRUE(session.in_transaction());
  EXPECT_TRUE(std::holds_alternative<NeedAnswers>(session.next()));
  session.answer(end.id, {250, {}, ""});
  EXPECT_FALSE(session.in_transaction());
}

}  // namespace
}  // namespace anechoic::smtp
