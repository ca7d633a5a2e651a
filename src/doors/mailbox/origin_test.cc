// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/origin.h"

#include <gtest/gtest.h>

#include "mail/date.h"

namespace anechoic::triage {
namespace {

WallTime at(std::string_view text) {
  return mail::parse_date(text).value();
}

class OriginTest : public ::testing::Test {
 protected:
  OriginTest() {
    me_.add("alice@example.org");
    for (const auto& [id, to, subject, date] : std::initializer_list<std::array<std::string, 4>>{
             {"<1@example.org>", "bob@there.test", "Old times", "Thu, 01 Oct 2026 10:00:00 +0000"},
             {"<2@example.org>", "carol@there.test", "The budget of the garden", "Mon, 05 Oct 2026 10:00:00 +0000"},
             {"<3@example.org>", "users@lists.test", "A question about pumps", "Thu, 08 Oct 2026 10:00:00 +0000"},
             {"<4@example.org>", "dave@there.test", "Lunch", "Sat, 10 Oct 2026 10:00:00 +0000"}}) {
      sent_.add(mail::HeaderBlock::parse("From: alice@example.org\nTo: " + to + "\nSubject: " + subject +
                                         "\nDate: " + date + "\nMessage-ID: " + id + "\n\n"));
    }
    sent_.finish();
  }

  // A bounce of the message to carol, as it would come.
  static Evidence genuine() {
    Evidence evidence;
    evidence.arrival = at("Mon, 05 Oct 2026 10:05:00 +0000");
    evidence.message_ids = {"<2@example.org>"};
    evidence.senders = {"alice@example.org"};
    evidence.recipients = {"carol@there.test"};
    evidence.to = "carol@there.test";
    evidence.subject = "The budget of the garden";
    evidence.date = at("Mon, 05 Oct 2026 10:00:00 +0000");
    return evidence;
  }
  static Evidence forged() {
    Evidence evidence = genuine();
    evidence.message_ids = {"<spam@bot.test>"};
    evidence.recipients = {"victim@far.test"};
    evidence.to = "victim@far.test";
    evidence.subject = "Cheap watches";
    return evidence;
  }
  Why why(const Evidence& evidence) const { return judge_origin(evidence, me_, sent_).why; }

  Me me_;
  SentIndex sent_{};
};

TEST_F(OriginTest, GenuineOnes) {
  EXPECT_EQ(judge_origin(genuine(), me_, sent_).origin, Origin::Ours);
  EXPECT_EQ(why(genuine()), Why::SentMessageId);
  Evidence only_id;
  only_id.arrival = genuine().arrival;
  only_id.message_ids = {"<2@example.org>"};
  EXPECT_EQ(why(only_id), Why::SentMessageId);

  Evidence rewritten = genuine();  // a provider put its own Message-ID there
  rewritten.message_ids = {"<x@provider.test>"};
  EXPECT_EQ(why(rewritten), Why::SentRecipient);
  rewritten.subject = "Re: [garden] THE BUDGET  of the garden";
  EXPECT_EQ(why(rewritten), Why::SentRecipient);

  Evidence text_only = genuine();
  text_only.message_ids.clear();
  text_only.subject.clear();
  text_only.date.reset();
  EXPECT_EQ(why(text_only), Why::SentRecipient);

  Evidence away = text_only;
  away.answer = true;
  away.subject = "Out of office";
  EXPECT_EQ(why(away), Why::SentRecipient);

  Evidence forwarded = genuine();
  forwarded.recipients = {"carol@elsewhere.test"};
  EXPECT_EQ(why(forwarded), Why::SentForwarded);

  Evidence munged = genuine();  // a list writes its own address into From
  munged.senders = {"users@lists.test"};
  EXPECT_EQ(why(munged), Why::SentMessageId);
}

TEST_F(OriginTest, ForgedOnes) {
  EXPECT_EQ(judge_origin(forged(), me_, sent_).origin, Origin::NotOurs);
  EXPECT_EQ(why(forged()), Why::NotSent);
  Evidence stranger = forged();
  stranger.senders = {"mallory@bot.test"};
  EXPECT_EQ(why(stranger), Why::Stranger);
  EXPECT_EQ(judge_origin(stranger, me_, SentIndex()).origin, Origin::NotOurs) << "needs no sent mail";

  Evidence without_id = forged();
  without_id.message_ids.clear();
  EXPECT_EQ(why(without_id), Why::NotSent);

  Evidence copied = forged();  // the Message-ID of a public message of ours
  copied.message_ids = {"<3@example.org>"};
  EXPECT_EQ(why(copied), Why::CopiedMessageId);
  copied.date = at("Fri, 09 Oct 2026 10:00:00 +0000");
  EXPECT_EQ(why(copied), Why::CopiedMessageId);
}

TEST_F(OriginTest, WhomWeWroteToIsNeverAVictim) {
  for (const std::string subject : {"EXTERNAL: The budget of the garden", "The budget of th", "", "Something else"}) {
    Evidence evidence = genuine();  // its provider's Message-ID
    evidence.message_ids = {"<x@provider.test>"};
    evidence.subject = subject;
    EXPECT_NE(judge_origin(evidence, me_, sent_).origin, Origin::NotOurs) << subject;
    evidence.senders = {"bounces@munging.test"};
    EXPECT_NE(judge_origin(evidence, me_, sent_).origin, Origin::NotOurs) << subject;
  }
}

TEST_F(OriginTest, WhatRobotsInventIsNoOriginal) {
  Evidence welcome;
  welcome.arrival = at("Mon, 05 Oct 2026 11:00:00 +0000");
  welcome.answer = true;
  welcome.recipients = {"support@shop.test"};
  welcome.message_ids = {"<ticket-4711@shop.test>"};
  EXPECT_EQ(why(welcome), Why::NoOriginal);
  welcome.message_ids = {"<forged@example.org>"};
  EXPECT_EQ(why(welcome), Why::NotSent);
}

TEST_F(OriginTest, ACopiedMessageIdNeedsAStranger) {
  for (const std::string recipient :
       {"/C=XX/S=Carol/@there.test", "carol@xn--thre-5qa.test", "IMCEAEX-_O=X@there.test", "carol", "bob@there.test"}) {
    Evidence evidence = genuine();
    evidence.subject = "Cheap watches";
    evidence.recipients = {recipient};
    evidence.to = "victim@far.test";
    EXPECT_EQ(judge_origin(evidence, me_, sent_).origin, Origin::Unknown) << recipient;
  }
}

TEST(SentIndex, KnowsAllMessagesOfOneMessageId) {
  SentIndex sent;
  for (const std::string to : {"a@b.test", "c@d.test"})
    sent.add(mail::HeaderBlock::parse("From: alice@example.org, bob@example.org\nMessage-ID: <1@x.test>\nTo: " + to +
                                      "\nSubject: one\nDate: Thu, 01 Oct 2026 10:00:00 +0000\n\n"));
  sent.finish();
  EXPECT_EQ(sent.find_messages("<1@x.test>").size(), 2U);
  EXPECT_EQ(sent.authors().size(), 2U);
  Evidence evidence;
  evidence.arrival = at("Thu, 01 Oct 2026 11:00:00 +0000");
  evidence.message_ids = {"<1@x.test>"};
  for (const std::string to : {"a@b.test", "c@d.test"}) {
    evidence.recipients = {to};
    EXPECT_EQ(judge_origin(evidence, Me{}, sent).why, Why::SentMessageId) << to;
  }
}

TEST(SentIndex, AWrongClockCoversNothing) {
  SentIndex sent;
  for (const std::string date :
       {"01 Oct 2026", "03 Oct 2026", "05 Oct 2026", "06 Oct 2026", "01 Jan 1980", "25 Oct 2026", "01 Jan 2038"})
    sent.add(mail::HeaderBlock::parse("To: a@b.test\nDate: " + date + " 10:00:00 +0000\n\n"));
  sent.finish();
  EXPECT_EQ(sent.covers(at("04 Oct 2026 10:00:00 +0000")), Coverage::Yes);
  EXPECT_EQ(sent.covers(at("07 Oct 2026 22:00:00 +0000")), Coverage::Margin);
  for (const std::string_view date :
       {"20 Oct 2026 10:00:00 +0000", "01 Jan 2010 10:00:00 +0000", "01 Jan 2038 10:00:00 +0000"})
    EXPECT_EQ(sent.covers(at(date)), Coverage::No) << date;
}

TEST_F(OriginTest, WhatIsNotCertainStays) {
  Evidence evidence = forged();
  evidence.tagged = true;
  EXPECT_EQ(why(evidence), Why::Tagged);

  evidence = forged();
  evidence.message_ids.clear();
  evidence.subject.clear();
  EXPECT_EQ(why(evidence), Why::NoOriginal);

  evidence = forged();
  evidence.date.reset();
  evidence.arrival = at("Mon, 30 Nov 2026 10:00:00 +0000");
  EXPECT_EQ(why(evidence), Why::NotCovered);
  evidence.senders = {"mallory@bot.test"};
  EXPECT_EQ(why(evidence), Why::Stranger);

  evidence = forged();
  EXPECT_EQ(judge_origin(evidence, me_, SentIndex()).why, Why::NoSent);
  EXPECT_EQ(judge_origin(evidence, Me{}, SentIndex()).why, Why::NoOwner);

  evidence = forged();  // the same words as a message of ours, to somebody else
  evidence.subject = "A question about pumps";
  evidence.arrival = at("Fri, 09 Oct 2026 10:00:00 +0000");
  EXPECT_EQ(why(evidence), Why::Similar);

  Me postmaster;
  postmaster.add("postmaster@example.org");
  EXPECT_EQ(judge_origin(forged(), postmaster, SentIndex()).why, Why::Colleague);
}

TEST_F(OriginTest, ACopyOfAWholeMessageIsNotListedForEver) {
  Evidence copy = genuine();
  for (int victim = 0; victim < 3; ++victim) {
    copy.recipients = {"victim" + std::to_string(victim) + "@far.test"};
    EXPECT_EQ(why(copy), Why::SentForwarded);
  }
  EXPECT_EQ(judge_origin(copy, me_, sent_).origin, Origin::Unknown);
  EXPECT_EQ(judge_origin(genuine(), me_, sent_).origin, Origin::Ours);
}

TEST_F(OriginTest, TheMarginOfTheSentMail) {
  // The longest silence is four days: as long before and after it, absence still counts, unless the Message-ID looks
  // like one of ours.
  Evidence evidence = forged();
  evidence.date = evidence.arrival = at("Tue, 13 Oct 2026 10:00:00 +0000");
  EXPECT_EQ(why(evidence), Why::NotSent);
  evidence.message_ids = {"<99@example.org>"};
  EXPECT_EQ(why(evidence), Why::NotCovered);
  evidence.date = evidence.arrival = at("Fri, 09 Oct 2026 10:00:00 +0000");
  EXPECT_EQ(why(evidence), Why::NotSent);
  evidence.date = evidence.arrival = at("Thu, 15 Oct 2026 10:00:00 +0000");
  EXPECT_EQ(why(evidence), Why::NotCovered);
}

TEST(SentIndex, IsBoundedAndSaysSo) {
  SentIndex sent(2);
  const mail::HeaderBlock header = mail::HeaderBlock::parse("Date: Thu, 01 Oct 2026 10:00:00 +0000\nTo: a@b.test\n\n");
  for (int message = 0; message < 3; ++message) {
    EXPECT_TRUE(sent.is_whole());
    sent.add(header);
  }
  sent.finish();
  EXPECT_FALSE(sent.is_whole());
  EXPECT_EQ(sent.covers(at("Thu, 01 Oct 2026 10:00:00 +0000")), Coverage::No);
}

TEST(PlainSubject, ForComparing) {
  for (const auto& [subject, plain] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"Re: Hello", "hello"},
           {"AW: Fwd: [list] Re:  Hello \t World", "hello world"},
           {"***SPAM*** Hello", "hello"},
           {"[only]", "[only]"},
           {"", ""}}) {
    EXPECT_EQ(plain_subject(subject), plain) << subject;
  }
}

}  // namespace
}  // namespace anechoic::triage
