// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/relay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "wire/smtp/relay_replies.h"
#include "wire/smtp/reply_reader.h"

namespace anechoic::smtp {
namespace {

namespace fs = std::filesystem;

// testdata/relay/NAME.dialogue; the format is in the README there.
struct Script {
  std::string name;
  RelayOptions options;
  std::vector<std::pair<std::string, std::vector<std::string>>> steps;  // an input, and its actions
};

std::vector<Script> scripts() {
  std::vector<Script> all;
  for (const auto& entry : fs::directory_iterator(ANECHOIC_SOURCE_DIR "/src/wire/smtp/testdata/relay")) {
    if (entry.path().extension() != ".dialogue") continue;
    Script script{entry.path().stem().string(), {}, {}};
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("option attempts="))
        script.options.attempts = static_cast<unsigned>(std::stoul(line.substr(16)));
      if (line == "option soft") script.options.soft_bounce = true;
      if (line.starts_with("> ")) script.steps.push_back({line.substr(2), {}});
      if (line.starts_with("A: ")) script.steps.back().second.push_back(line.substr(3));
    }
    all.push_back(script);
  }
  std::ranges::sort(all, {}, &Script::name);
  return all;
}

Reply read_reply(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  const std::size_t end = text.find_last_not_of(' ') + 1;
  Reply reply{static_cast<std::uint16_t>(std::stoul(text.substr(begin))), {}, ""};
  if (end > begin + 4) reply.text = text.substr(begin + 4, end - begin - 4);
  split_enhanced(reply);
  return reply;
}

std::string rest_of(std::istringstream& words) {
  std::string rest;
  std::getline(words, rest);
  return rest;
}

Recipient read_recipient(std::istringstream& words) {
  Recipient recipient{};
  std::string name;
  std::string how;
  words >> recipient.id >> name >> how;
  recipient.path.mailbox = {name, "example.org"};
  recipient.decision = Proceed{1};
  if (how.starts_with("group=")) recipient.decision = Proceed{static_cast<GroupId>(std::stoul(how.substr(6)))};
  if (how == "refuse") recipient.decision = Refuse{read_reply(rest_of(words))};
  if (how == "delivered") {
    recipient.remembered = Remembered{true, {250, {2, 0, 0}, "saved"}, ""};
    words >> recipient.remembered->message_key;
  }
  if (how == "refused") recipient.remembered = Remembered{false, read_reply(rest_of(words)), "KEY"};
  return recipient;
}

BodyEnded read_end(std::istringstream& words) {
  BodyEnded end{};
  words >> end.id >> end.message_key;
  end.decision = Proceed{};
  if (end.message_key == "refuse") end.decision = Refuse{read_reply(rest_of(words))};
  return end;
}

Lost read_lost(const std::string& how) {
  if (how == "refused") return {{Errc::Refused, "XFORWARD"}, Reply{503, {5, 5, 0}, "no"}};
  if (how == "timeout") return {{Errc::Timeout, "deadline"}, std::nullopt};
  if (how == "421") return {{Errc::Unavailable, "421"}, Reply{421, {4, 3, 2}, "going down"}};
  return {{Errc::Unavailable, "closed"}, std::nullopt};
}

RelayInput read_input(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  words >> verb;
  const auto has = [&](std::string_view word) { return line.find(word) != std::string::npos; };
  if (verb == "rcpt") return read_recipient(words);
  if (verb == "end") return read_end(words);
  if (verb == "abandon") return Abandon{};
  if (verb == "begin") {
    Begin begin;
    begin.path.mailbox = mail::Mailbox{"a", "example.com"};
    begin.parameters.smtputf8 = has("utf8");
    if (has("8bit")) begin.parameters.body = Body::EightBitMime;
    return begin;
  }
  if (verb == "ready") {
    BackendReady ready;
    ready.capabilities.smtputf8 = has("utf8");
    ready.capabilities.eightbitmime = has("8bit");
    ready.capabilities.identity_passed = has("identity");
    return ready;
  }
  if (verb == "unavailable") {
    return BackendUnavailable{{has("refused") ? Errc::Refused : Errc::Timeout, "no backend"}, std::nullopt};
  }
  const std::string rest = rest_of(words);
  if (verb == "lost") return BackendEvent(read_lost(rest.empty() ? rest : rest.substr(1)));
  if (verb == "mail") return BackendEvent(MailReply{read_reply(rest)});
  if (verb == "rcpt-reply") return BackendEvent(RcptReply{read_reply(rest)});
  if (verb == "data") return BackendEvent(DataReply{read_reply(rest)});
  if (verb == "reset") return BackendEvent(ResetReply{read_reply(rest)});
  EXPECT_EQ(verb, "final");
  FinalReplies finals;
  std::istringstream parts(rest);
  for (std::string part; std::getline(parts, part, '|');) finals.replies.push_back(read_reply(part));
  return BackendEvent(finals);
}

struct Printer {
  std::string operator()(const OpenBackend& a) const {
    return "open " + std::to_string(a.group) + (a.another ? " another" : "");
  }
  std::string operator()(const Perform& a) const { return std::visit(*this, a.command); }
  std::string operator()(const SendMail& /*c*/) const { return "MAIL"; }
  std::string operator()(const SendRcpt& c) const { return "RCPT " + c.path.mailbox.local; }
  std::string operator()(const SendData& /*c*/) const { return "DATA"; }
  std::string operator()(const SendBody& /*c*/) const { return "BODY"; }
  std::string operator()(const SendReset& /*c*/) const { return "RSET"; }
  std::string operator()(const AnswerRcpt& a) const {
    return "answer " + std::to_string(a.id) + " " + to_string(a.reply);
  }
  std::string operator()(const AnswerEnd& a) const { return "end " + std::to_string(a.id) + " " + to_string(a.reply); }
  std::string operator()(const Remember& a) const {
    EXPECT_EQ(a.what.message_key, "KEY");
    EXPECT_EQ(mail::to_string(a.sender), "<a@example.com>");
    return "remember " + a.recipient.mailbox.local +
           (a.what.delivered ? " delivered" : " refused " + to_string(a.what.reply));
  }
  std::string operator()(const Alarm& /*a*/) const { return "alarm"; }
  std::string operator()(const Release& /*a*/) const { return "release"; }
  std::string operator()(const Drop& /*a*/) const { return "drop"; }
  std::string operator()(const Finished& a) const {
    return std::string("finished") + (a.outcome.body_sent ? " body" : "") + (a.outcome.in_doubt ? " doubt" : "") +
           (a.outcome.failovers != 0 ? " failovers=" + std::to_string(a.outcome.failovers) : "");
  }
};

std::vector<std::string> actions(Relay& relay) {
  std::vector<std::string> all;
  while (const auto action = relay.next()) all.push_back(std::visit(Printer{}, *action));
  return all;
}

class RelayDialogues : public ::testing::TestWithParam<Script> {};

TEST_P(RelayDialogues, EachInputBringsTheseActions) {
  Relay relay(GetParam().options);
  for (const auto& [input, wanted] : GetParam().steps) {
    SCOPED_TRACE("> " + input);
    EXPECT_FALSE(relay.finished());
    relay.on(read_input(input));
    const std::vector<std::string> got = actions(relay);
    // Which of the two comes first, telling the operator or closing the connection, is nobody's business.
    EXPECT_TRUE(std::ranges::is_permutation(got, wanted)) << ::testing::PrintToString(got);
    std::vector<std::string> in_order = got;
    std::vector<std::string> wanted_order = wanted;
    std::erase(in_order, "alarm");
    std::erase(wanted_order, "alarm");
    EXPECT_EQ(in_order, wanted_order);
  }
  EXPECT_TRUE(relay.finished());
  EXPECT_FALSE(relay.waits_for_backend());
}

INSTANTIATE_TEST_SUITE_P(Relay, RelayDialogues, ::testing::ValuesIn(scripts()), [](const auto& param) {
  std::string name = param.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Relay, ScriptsWereFound) {
  EXPECT_GT(scripts().size(), 35U);
}

TEST(Relay, OutcomeNamesEveryRecipient) {
  Relay relay(RelayOptions{});
  for (const char* line : {"begin", "rcpt 0 a refuse 550 5.1.1 not here", "rcpt 1 b group=1", "ready", "mail 250 ok",
                           "rcpt-reply 550 5.1.1 unknown", "rcpt 2 c group=1", "rcpt-reply 550 5.7.0 not you",
                           "rcpt 3 d group=2", "rcpt 4 e delivered KEY"}) {
    relay.on(read_input(line));
    (void)actions(relay);
  }
  relay.on(Abandon{});
  relay.on(read_input("reset 250 ok"));
  std::optional<Outcome> outcome;
  while (const auto action = relay.next()) {
    if (const auto* finished = std::get_if<Finished>(&*action)) outcome = finished->outcome;
  }
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->recipients.size(), 5U);
  std::vector<std::string> got;
  for (const RelayedRecipient& each : outcome->recipients) {
    got.push_back(each.path.mailbox.local + " " + std::to_string(each.reply.code) + (each.relayed ? " relayed" : ""));
  }
  const std::vector<std::string> wanted = {"a 550", "b 550 relayed", "c 451", "d 452", "e 250"};
  EXPECT_EQ(got, wanted);
  EXPECT_FALSE(outcome->end);
}

TEST(Relay, AddressesThatNeedUtf8NeedTheParameter) {
  Relay relay(RelayOptions{});
  relay.on(read_input("begin"));
  relay.on(read_input("rcpt 0 b\xc3\xbc group=1"));
  EXPECT_EQ(actions(relay), std::vector<std::string>{"answer 0 553 5.6.7 The address needs SMTPUTF8"});
}

TEST(Relay, InputsBeforeBeginAreAnswered) {
  Relay relay(RelayOptions{});
  relay.on(read_input("rcpt 0 b group=1"));
  EXPECT_EQ(actions(relay), std::vector<std::string>{"answer 0 503 5.5.1 Bad sequence of commands"});
  relay.on(read_input("end 1 KEY"));
  const std::vector<std::string> wanted = {"end 1 503 5.5.1 Bad sequence of commands", "finished"};
  EXPECT_EQ(actions(relay), wanted);
}

TEST(RelayReplies, WhatIsAboutUs) {
  struct Row {
    Reply reply;
    At at;
    bool identity;
    bool about_us;
  };
  const std::vector<Row> rows = {
      {{530, {5, 7, 0}, "Authentication required"}, At::Envelope, false, true},
      {{530, {}, "x"}, At::Message, false, true},
      {{530, {}, "x"}, At::Envelope, true, false},
      {{503, {5, 5, 1}, "x"}, At::Envelope, true, true},
      {{502, {}, "x"}, At::Data, false, true},
      {{550, {5, 7, 0}, "x"}, At::Envelope, false, true},
      {{550, {5, 7, 0}, "x"}, At::Envelope, true, false},
      {{550, {5, 7, 0}, "x"}, At::Message, false, false},
      {{550, {}, "Relay not permitted"}, At::Envelope, false, true},
      {{554, {5, 7, 1}, "<b@x>: RELAY ACCESS DENIED"}, At::Envelope, false, true},
      {{554, {5, 7, 1}, "<c[192.0.2.1]>: Client host rejected: Access denied"}, At::Envelope, false, true},
      {{450, {4, 7, 1}, "<mx>: Helo command rejected: Host not found"}, At::Envelope, false, true},
      {{554, {5, 7, 1}, "<b@x>: Relay access denied"}, At::Message, false, false},
      {{550, {5, 1, 1}, "<relay denied@x> unknown"}, At::Envelope, false, false},
      {{554, {5, 7, 1}, "Sender address rejected"}, At::Envelope, false, false},
      {{450, {4, 2, 0}, "greylisted"}, At::Envelope, false, false},
      {{250, {2, 7, 0}, "relaying denied, but ok"}, At::Envelope, false, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(is_about_us(row.reply, row.at, row.identity), row.about_us) << to_string(row.reply);
  }
}

TEST(RelayReplies, SoftBounceKeepsTheMeaning) {
  EXPECT_EQ(own_reply({550, {5, 1, 1}, "x"}, true), (Reply{450, {4, 1, 1}, "x"}));
  EXPECT_EQ(own_reply({552, {5, 3, 4}, "x"}, true), (Reply{452, {4, 3, 4}, "x"}));
  EXPECT_EQ(own_reply({554, {}, "x"}, true), (Reply{451, {}, "x"}));
  EXPECT_EQ(own_reply({554, {5, 7, 1}, "x"}, false), (Reply{554, {5, 7, 1}, "x"}));
  EXPECT_EQ(own_reply({250, {2, 0, 0}, "x"}, true), (Reply{250, {2, 0, 0}, "x"}));
  EXPECT_TRUE(own_refusal({354, {}, "x"}, false).temporary()) << "a refusal that is none";
  EXPECT_TRUE(own_refusal({0, {}, ""}, false).temporary());
}

// Also on the connection that replaces a lost one.
TEST(Relay, NoDsnIsAskedForPerRecipient) {
  Relay relay({});
  std::vector<bool> asked;
  const auto act = [&] {
    while (auto action = relay.next()) {
      const auto* perform = std::get_if<Perform>(&*action);
      const auto* rcpt = perform == nullptr ? nullptr : std::get_if<SendRcpt>(&perform->command);
      if (rcpt != nullptr) asked.push_back(rcpt->notify_never);
    }
  };
  relay.on(Begin{});
  relay.on(Recipient{1, {{"a", "x.example"}}, Proceed{0, true}, std::nullopt});
  relay.on(Recipient{2, {{"b", "x.example"}}, Proceed{0, false}, std::nullopt});
  act();
  relay.on(BackendReady{});
  act();
  relay.on(BackendEvent(Lost{{Errc::Unavailable, "gone"}, std::nullopt}));
  act();
  relay.on(BackendReady{});
  act();
  EXPECT_EQ(asked, (std::vector<bool>{true, false, true, false}));
}

}  // namespace
}  // namespace anechoic::smtp
