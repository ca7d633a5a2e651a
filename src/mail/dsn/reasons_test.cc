// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/reasons.h"

#include <gtest/gtest.h>

namespace anechoic::mail::dsn {
namespace {

struct Case {
  std::string_view text, status, code, reason;
};

TEST(Reasons, WordsDecideFirst) {
  constexpr Case kCases[] = {
      {"550 5.1.1 <bob@example.com>... User unknown", "5.1.1", "550", "user-unknown"},
      {"550 Requested action not taken: mailbox unavailable", "", "550", "user-unknown"},
      {"Sorry, no mailbox here by that name. vpopmail (#5.1.1)", "5.1.1", "", "user-unknown"},
      {"550 User unknown in reply to end of DATA command", "", "550", "filtered"},
      {"552 5.2.2 over quota", "5.2.2", "552", "mailbox-full"},
      {"452 4.3.1 Insufficient system storage", "4.3.1", "452", "system-full"},
      {"552 message size exceeds fixed maximum message size", "5.3.4", "552", "too-big"},
      {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "5.7.1", "554",
       "blocked-sender"},
      {"550 5.7.26 This mail is unauthenticated, SPF = did not pass, DKIM = did not pass", "5.7.26", "550",
       "authentication"},
      {"554 5.7.1 <bob@example.com>: Relay access denied", "5.7.1", "554", "relay-denied"},
      {"450 4.7.1 Client host rejected: cannot find your reverse hostname", "4.7.1", "450", "require-ptr"},
      {"553 5.1.8 Domain of sender address does not exist", "5.1.8", "553", "sender-rejected"},
      {"Host or domain name not found. Name service error for name=x.example type=A: Host not found", "5.4.4", "",
       "host-unknown"},
      {"550 5.1.10 x has a null MX: domain does not accept mail", "5.1.10", "550", "not-accepting"},
      {"too many hops, this message is looping (#5.4.6)", "5.4.6", "", "loop"},
      {"550 This message contains a virus (Eicar-Test-Signature)", "", "550", "virus"},
      {"421 4.7.0 Too many connections", "4.7.0", "421", "too-many-connections"},
      {"450 4.2.1 The user you are trying to contact is receiving mail at a rate", "4.2.1", "450", "rate-limited"},
      {"530 5.7.0 Must issue a STARTTLS command first", "5.7.0", "530", "security-policy"},
      {"connect to mx.example.com[192.0.2.1]:25: Connection timed out", "4.4.1", "", "expired"},
      {"The email account that you tried to reach is disabled", "5.2.1", "550", "suspended"},
      {"Empfänger unbekannt", "", "550", "user-unknown"},
      {"EMPFÄNGER UNBEKANNT", "", "550", "user-unknown"},
      {"Пользователь не найден", "", "550", "user-unknown"},
      {"Postfach ist voll", "", "", "mailbox-full"},
      // Names that stand in the midst of a phrase.
      {"550 Recipient <bob@example.com> unknown here", "", "550", "user-unknown"},
      {"User 'bob@example.com' does not exist", "", "", "user-unknown"},
      {"the mailbox bob@example.com is full", "", "", "mailbox-full"},
      {"550 Domain mail.example.com not found", "", "550", "host-unknown"},
      // The domain, not the address.
      {"The host name (example.com) does not seem to be registered with anybody", "", "", "host-unknown"},
      {"550 5.4.310 DNS domain example.com doesn't exist", "5.4.310", "550", "host-unknown"},
      {"A lookup of mx example.com gave code NXDOMAIN", "4.0.0", "", "host-unknown"},
      {"A lookup of mx example.com gave code SERVFAIL", "4.0.0", "", "network-error"},
      // What is meant by a refusal for now.
      {"421-4.7.28 An unusual rate of unsolicited mail: your host is rate limited", "4.7.28", "421", "rate-limited"},
      {"450 4.2.0 <bob@example.com>: Recipient address rejected: Greylisted, see postmaster", "4.2.0", "450",
       "rate-limited"},
      {"451 Not now, try again later", "", "451", "rate-limited"},
      {"451 4.3.0 Local problem, try again later", "4.3.0", "451", "system"},
      // The content.
      {"554 5.7.1 We have a suspicion of spam here", "5.7.1", "554", "spam-content"},
      {"550 Message rejected: attachments of type .bat", "", "550", "content-error"},
      {"552 Blocked because its content presents a potential security issue", "5.7.0", "552", "policy"},
      {"La messagerie de ce client est pleine", "", "550", "mailbox-full"},
      {"受信者のメールボックスは容量が超過しました", "", "", "mailbox-full"},
      {"Skrzynka odbiorcza jest pełna", "", "", "mailbox-full"},
      {"De mailbox van deze klant is vol", "", "", "mailbox-full"},
      {"Ящик этого клиента полон", "", "", "mailbox-full"},
      {"The domain example.com couldn't be found", "", "", "host-unknown"},
      {"The domain of sender example.com does not exist", "", "", "sender-rejected"},
      {"صندوق البريد ممتلئ حاليا", "", "", "mailbox-full"},
      {"bounce-category: bad-mailbox 550 5.2.1 <bob@example.com>... User unknown", "5.2.1", "550", "suspended"},
  };
  for (const Case& c : kCases) {
    const auto reason = reason_of_text(c.text, "", c.status, c.code);
    ASSERT_TRUE(reason.has_value()) << c.text;
    EXPECT_EQ(to_string(reason->reason), c.reason) << c.text;
  }
  EXPECT_EQ(reason_of_text("554 5.7.1 Message rejected", "", "5.7.1", "554").has_value(), false);
  EXPECT_EQ(reason_of_text("550 no", "", "", "550").has_value(), false);
}

TEST(Reasons, StatusAndReplyCodes) {
  EXPECT_EQ(reason_of_status("5.2.2"), Reason::MailboxFull);
  EXPECT_EQ(reason_of_status("5.7.99"), Reason::SecurityPolicy);
  EXPECT_EQ(reason_of_status("5.0.0"), std::nullopt);
  EXPECT_EQ(reason_of_reply("552"), Reason::MailboxFull);
  EXPECT_EQ(reason_of_reply("550"), std::nullopt);
  EXPECT_EQ(status_of_reason(Reason::UserUnknown, Action::Failed), "5.1.1");
  EXPECT_EQ(status_of_reason(Reason::MailboxFull, Action::Delayed), "4.2.2");
}

TEST(Reasons, HardIsTheAddressItself) {
  EXPECT_EQ(is_hard(Reason::UserUnknown, Action::Failed, "5.1.1", "550"), true);
  EXPECT_EQ(is_hard(Reason::UserUnknown, Action::Delayed, "4.1.1", "450"), false);
  EXPECT_EQ(is_hard(Reason::HostUnknown, Action::Failed, "5.4.4", ""), true);
  EXPECT_EQ(is_hard(Reason::NotAccepting, Action::Failed, "5.1.10", "556"), true);
  EXPECT_EQ(is_hard(Reason::NotAccepting, Action::Failed, "4.3.2", "421"), false);
  EXPECT_EQ(is_hard(Reason::MailboxFull, Action::Failed, "5.2.2", "552"), false);
  EXPECT_EQ(is_hard(Reason::BlockedSender, Action::Failed, "5.7.1", "554"), false);
  EXPECT_EQ(is_hard(Reason::NoRelaying, Action::Failed, "5.7.1", "554"), false);
  EXPECT_EQ(is_hard(Reason::TooBig, Action::Failed, "5.3.4", "552"), false);
  EXPECT_EQ(is_hard(Reason::Suspended, Action::Failed, "5.2.1", "550"), false);
  EXPECT_EQ(is_hard(Reason::Delivered, Action::Delivered, "2.0.0", ""), std::nullopt);
  EXPECT_EQ(is_hard(Reason::Feedback, Action::Unknown, "", ""), std::nullopt);
}

}  // namespace
}  // namespace anechoic::mail::dsn
