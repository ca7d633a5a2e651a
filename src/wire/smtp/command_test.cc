// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/command.h"

#include <gtest/gtest.h>

#include <array>

#include "wire/smtp/server_table.h"

namespace anechoic::smtp {
namespace {

// One line of what was understood, or the reply.
std::string shown(std::string_view line, const CommandRules& rules = {}) {
  struct Visitor {
    std::string operator()(const PlainCommand& c) const { return "plain " + std::to_string(static_cast<int>(c.verb)); }
    std::string operator()(const HeloCommand& c) const { return (c.extended ? "ehlo " : "helo ") + c.name; }
    std::string operator()(const RcptCommand& c) const { return "rcpt " + mail::to_string(c.path); }
    std::string operator()(const BdatCommand& c) const {
      return "bdat " + std::to_string(c.octets) + (c.last ? " last" : "");
    }
    std::string operator()(const IdentityGiven& c) const {
      return (c.verb == Verb::Xclient ? "xclient " : "xforward ") + c.identity.addr.value_or("-");
    }
    std::string operator()(const MailCommand& c) const {
      std::string out = "mail " + mail::to_string(c.path);
      if (c.parameters.size) out += " size " + std::to_string(*c.parameters.size);
      if (c.parameters.body == Body::SevenBit) out += " 7bit";
      if (c.parameters.body == Body::EightBitMime) out += " 8bit";
      if (c.parameters.smtputf8) out += " utf8";
      return out;
    }
  };
  const auto command = parse_command(line, rules);
  if (!command) return to_string(command.error()).substr(0, 9);
  return std::visit(Visitor{}, *command);
}

struct Case {
  std::string_view line;
  std::string_view shown;
};

TEST(Command, ReadsMail) {
  for (const Case& c : std::to_array<Case>({
           {"MAIL FROM:<a@b>", "mail <a@b>"},
           {"mail from:<a@B>  ", "mail <a@b>"},
           {"MAIL FROM: <a@b>", "mail <a@b>"},
           {"MAIL FROM:<>", "mail <>"},
           {"MAIL FROM:<> size=0 body=7bit", "mail <> size 0 7bit"},
           {"MAIL FROM:<a@b> SIZE=18446744073709551615  BODY=8BITMIME", "mail <a@b> size 18446744073709551615 8bit"},
           {"MAIL FROM:<\"a>b\"@c> SMTPUTF8", "mail <\"a>b\"@c> utf8"},
           {"MAIL FROM:<@x,@y.example:a@b>", "mail <a@b>"},
           {"MAIL FROM:<@[IPv6:::1]:a@b>", "mail <a@b>"},
           {"MAIL FROM:<d\xC3\xB6@b> SMTPUTF8", "mail <d\xC3\xB6@b> utf8"},
           {"MAIL FROM:<d\xC3\xB6@b>", "553 5.6.7"},
           {"MAIL FROM:<\xFF@b> SMTPUTF8", "501 5.1.7"},
           {"MAIL", "501 5.5.4"},
           {"MAIL FROM", "501 5.5.4"},
           {"MAIL TO:<a@b>", "501 5.5.4"},
           {"MAIL FROM:a@b", "501 5.1.7"},
           {"MAIL FROM:<a@b", "501 5.1.7"},
           {"MAIL FROM:<a>", "501 5.1.7"},
           {"MAIL FROM:<postmaster>", "501 5.1.7"},
           {"MAIL FROM:<@x:>", "501 5.1.7"},
           {"MAIL FROM:<@x>", "501 5.1.7"},
           {"MAIL FROM:<@x,:a@b>", "501 5.1.7"},
           {"MAIL FROM:<x@y:a@b>", "501 5.1.7"},
           {"MAIL FROM:< a@b>", "501 5.1.7"},
           {"MAIL FROM:<a@b>SIZE=1", "501 5.5.4"},
           {"MAIL FROM:<a@b><c@d>", "501 5.5.4"},
           {"MAIL FROM:<a@b> SIZE=", "501 5.5.4"},
           {"MAIL FROM:<a@b> SIZE", "501 5.5.4"},
           {"MAIL FROM:<a@b> SIZE=-1", "501 5.5.4"},
           {"MAIL FROM:<a@b> SIZE=18446744073709551616", "501 5.5.4"},
           {"MAIL FROM:<a@b> SIZE=1 SIZE=1", "501 5.5.4"},
           {"MAIL FROM:<a@b> BODY=BINARYMIME", "501 5.5.4"},
           {"MAIL FROM:<a@b> BODY=7BIT BODY=7BIT", "501 5.5.4"},
           {"MAIL FROM:<a@b> SMTPUTF8=1", "501 5.5.4"},
           {"MAIL FROM:<a@b> SMTPUTF8 SMTPUTF8", "501 5.5.4"},
           {"MAIL FROM:<a@b> AUTH=<>", "555 5.5.4"},
           {"MAIL FROM:<a@b> RET=HDRS", "555 5.5.4"},
           {"MAIL FROM:<a@b> =", "555 5.5.4"},
       })) {
    EXPECT_EQ(shown(c.line), c.shown) << c.line;
  }
}

TEST(Command, ReadsRcpt) {
  for (const Case& c : std::to_array<Case>({
           {"RCPT TO:<a@b>", "rcpt <a@b>"},
           {"rcpt to: <a@[192.0.2.1]>", "rcpt <a@[192.0.2.1]>"},
           {"RCPT TO:<PostMaster>", "rcpt <PostMaster>"},
           {"RCPT TO:<@a:b@c>", "rcpt <b@c>"},
           {"RCPT TO:<>", "501 5.1.3"},
           {"RCPT TO:<abuse>", "501 5.1.3"},
           {"RCPT TO:<a@b> NOTIFY=NEVER", "555 5.5.4"},
           {"RCPT TO:<a@b> ORCPT=rfc822;x", "555 5.5.4"},
           {"RCPT TO:<a@b>x", "501 5.5.4"},
           {"RCPT FROM:<a@b>", "501 5.5.4"},
           {"RCPT TO:<d\xC3\xB6@b>", "553 5.6.7"},
       })) {
    EXPECT_EQ(shown(c.line), c.shown) << c.line;
  }
  CommandRules utf8;
  utf8.utf8_transaction = true;
  EXPECT_EQ(shown("RCPT TO:<d\xC3\xB6@b>", utf8), "rcpt <d\xC3\xB6@b>");
}

TEST(Command, BoundsPaths) {
  const std::string local(64, 'l');
  std::string domain;
  for (int i = 0; i < 3; ++i) domain += std::string(62, 'd') + ".";
  domain.resize(189);  // 64 + 1 + 189 and the brackets are 256
  domain.back() = 'd';
  EXPECT_EQ(shown("RCPT TO:<" + local + "@" + domain + ">").substr(0, 5), "rcpt ");
  EXPECT_EQ(shown("RCPT TO:<" + local + "@d" + domain + ">"), "501 5.1.3");
  EXPECT_EQ(shown("RCPT TO:<@" + domain + ":" + local + "@" + domain + ">").substr(0, 5), "rcpt ");
}

TEST(Command, ReadsTheRest) {
  const auto plain = [](Verb verb) { return "plain " + std::to_string(static_cast<int>(verb)); };
  EXPECT_EQ(shown("DATA"), plain(Verb::Data));
  EXPECT_EQ(shown("noop anything at all"), plain(Verb::Noop));
  EXPECT_EQ(shown("HELP"), plain(Verb::Help));
  EXPECT_EQ(shown("QUIT "), plain(Verb::Quit));
  EXPECT_EQ(shown("StartTls"), plain(Verb::StartTls));
  for (const Case& c : std::to_array<Case>({
           {"EHLO [127.0.0.1]", "ehlo [127.0.0.1]"},
           {"HELO under_score", "helo under_score"},
           {"EHLO", "501 5.5.4"},
           {"EHLO a b", "501 5.5.4"},
           {"EHLO a\tb", "501 5.5.4"},
           {"EHLO \xC3\xA9", "501 5.5.4"},
           {"EHLO\tx", "500 5.5.2"},
           {"BDAT 0", "bdat 0"},
           {"BDAT 18446744073709551615 last", "bdat 18446744073709551615 last"},
           {"BDAT 18446744073709551616", "501 5.5.4"},
           {"BDAT", "501 5.5.4"},
           {"BDAT -1", "501 5.5.4"},
           {"BDAT 1 LAST LAST", "501 5.5.4"},
           {"DATA x", "501 5.5.4"},
           {"RSET x", "501 5.5.4"},
           {"VRFY", "501 5.5.4"},
           {"EXPN x", "502 5.5.1"},
           {"AUTH LOGIN", "502 5.5.1"},
           {"XCLIENT ADDR=192.0.2.1", "502 5.5.1"},
           {"XFORWARD ADDR=192.0.2.1", "502 5.5.1"},
           {"", "500 5.5.2"},
           {" NOOP", "500 5.5.2"},
           {"NOOPX", "500 5.5.2"},
           {"GET / HTTP/1.1", "500 5.5.2"},
       })) {
    EXPECT_EQ(shown(c.line), c.shown) << c.line;
  }
  EXPECT_EQ(shown("EHLO " + std::string(255, 'x')).size(), 260U);
  EXPECT_EQ(shown("EHLO " + std::string(256, 'x')), "501 5.5.4");
}

TEST(Command, TakesOnlyWhatWasOffered) {
  CommandRules rules;
  rules.offer_8bitmime = rules.offer_smtputf8 = false;
  rules.xclient = true;
  EXPECT_EQ(shown("MAIL FROM:<a@b> BODY=7BIT", rules), "555 5.5.4");
  EXPECT_EQ(shown("MAIL FROM:<a@b> SMTPUTF8", rules), "555 5.5.4");
  EXPECT_EQ(shown("XCLIENT ADDR=192.0.2.1", rules), "xclient 192.0.2.1");
  EXPECT_EQ(shown("XFORWARD ADDR=192.0.2.1", rules), "502 5.5.1");
  rules.xforward = true;
  EXPECT_EQ(shown("XFORWARD ADDR=192.0.2.1", rules), "xforward 192.0.2.1");
  EXPECT_EQ(shown("XFORWARD ADDR=x", rules), "501 5.5.4");
}

TEST(ServerTable, SaysWhatMayFollow) {
  EXPECT_EQ(next_phase(Verb::Mail, Phase::Ready), Phase::HaveMail);
  EXPECT_EQ(next_phase(Verb::Bdat, Phase::HaveRcpt), Phase::Chunk);
  EXPECT_FALSE(next_phase(Verb::Data, Phase::Ready));
  EXPECT_FALSE(next_phase(Verb::Unknown, Phase::Ready));
  for (const Verb verb : {Verb::Ehlo, Verb::Noop, Verb::Rset}) EXPECT_FALSE(next_phase(verb, Phase::Refused));
}

}  // namespace
}  // namespace anechoic::smtp
