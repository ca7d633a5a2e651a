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

}  // namespace
}  // namespace anechoic::smtp
