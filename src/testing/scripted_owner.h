// SPDX-License-Identifier: Apache-2.0
// Owns a ServerSession in tests: answers its questions by rules, writes down what happened, and holds the session to
// its invariants (CRLF line ends in bodies, each event once, nothing behind Closed).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "testing/body_check.h"
#include "wire/smtp/server_session.h"

namespace anechoic::testing {

class ScriptedOwner {
 public:
  enum class Order : std::uint8_t { AtOnce, Reversed };  // of RCPT answers: as asked, or last first when it can't go on

  // What to answer to "helo NAME", "mail <PATH>", "rcpt <PATH>", "data", "end", "xclient": nullopt is the usual yes.
  std::function<std::optional<smtp::Reply>(const std::string&)> rule;
  Order order = Order::AtOnce;

  std::string output;               // all that was sent to the client
  std::vector<std::string> events;  // "message 12", "aborted reset", "tls", "xforward", "closed quit" and so on
  std::vector<std::string> questions;
  std::vector<std::string> messages;  // accepted ones
  std::string broken;                 // the first invariant that did not hold
  bool closed = false;

  // Runs until the session waits for input or is closed.
  void drive(smtp::ServerSession& session) {
    for (;;) {
      output += session.take_output();
      const smtp::ServerEvent event = session.next();
      const bool go_on = std::visit([&](const auto& e) { return on(session, e); }, event);
      output += session.take_output();
      if (!go_on) return;
    }
  }

 private:
  smtp::Reply decide(const std::string& question, smtp::Reply yes) {
    questions.push_back(question);
    if (rule) {
      if (auto reply = rule(question)) return *std::move(reply);
    }
    return yes;
  }
  // Answers the open RCPT questions, last first; false if there are none.
  bool answer_late(smtp::ServerSession& session) {
    if (late_.empty()) return false;
    for (auto late = late_.rbegin(); late != late_.rend(); ++late) session.answer(late->first, late->second);
    late_.clear();
    return true;
  }
  void hold(bool holds, std::string_view what) {
    if (!holds && broken.empty()) broken = what;
  }

  bool on(smtp::ServerSession& session, const smtp::NeedInput&) { return answer_late(session); }
  bool on(smtp::ServerSession& session, const smtp::NeedAnswers&) {
    hold(!late_.empty(), "NeedAnswers, but all questions are answered");
    return answer_late(session);
  }
  bool on(smtp::ServerSession& session, const smtp::StartTls&) {
    events.emplace_back("tls");
    output += session.take_output();
    session.tls_started();
    return true;
  }
  bool on(smtp::ServerSession& session, const smtp::AskHelo& ask) {
    session.answer(ask.id, decide("helo " + ask.name, {250, {}, "Hello"}));
    return true;
  }
  bool on(smtp::ServerSession& session, const smtp::AskMail& ask) {
    session.answer(ask.id, decide("mail " + mail::to_string(ask.path), {250, {2, 1, 0}, "Ok"}));
    return true;
  }
  bool on(smtp::ServerSession& session, const smtp::AskRcpt& ask) {
    const smtp::Reply reply = decide("rcpt " + mail::to_string(ask.path), {250, {2, 1, 5}, "Ok"});
    if (order == Order::AtOnce) {
      session.answer(ask.id, reply);
    } else {
      late_.emplace_back(ask.id, reply);
    }
    return true;
  }
  bool on(smtp::ServerSession& session, const smtp::AskData& ask) {
    hold(body_.empty(), "AskData within a body");
    session.answer(ask.id, decide("data", {354, {}, "Go on"}));
    return true;
  }
  bool on(smtp::ServerSession&, const smtp::BodyChunk& chunk) {
    hold(!chunk.bytes.empty(), "an empty BodyChunk");
    body_ += chunk.bytes;
    return true;
  }
  bool on(smtp::ServerSession& session, const smtp::AskEnd& ask) {
    hold(ask.octets == body_.size(), "AskEnd counts other octets than came");
    hold(has_right_line_ends(body_, true), "a body has a bare CR or LF, a NUL, or no line end at its end");
    events.push_back("message " + std::to_string(ask.octets));
    const smtp::Reply reply = decide("end", {250, {2, 0, 0}, "Accepted"});
    if (reply.positive()) messages.push_back(body_);
    body_.clear();
    session.answer(ask.id, reply);
    return true;
  }
  bool on(smtp::ServerSession&, const smtp::Aborted& aborted) {
    static constexpr std::string_view kCauses[] = {"reset", "greeting", "body-refused", "tls"};
    body_.clear();
    events.push_back("aborted " + std::string(kCauses[static_cast<std::size_t>(aborted.cause)]));
    return true;
  }
  bool on(smtp::ServerSession& session, const smtp::AskXclient& ask) {
    events.push_back("xclient " + ask.identity.addr.value_or("-") + " " + ask.identity.name.value_or("-"));
    session.answer(ask.id, decide("xclient", {220, {}, "mx.example.org ESMTP"}));
    return true;
  }
  bool on(smtp::ServerSession&, const smtp::GotXforward& got) {
    events.push_back("xforward " + got.identity.addr.value_or("-") + " " + got.identity.name.value_or("-"));
    return true;
  }
  bool on(smtp::ServerSession&, const smtp::Closed& end) {
    static constexpr std::string_view kCauses[] = {"quit",          "too-many-errors", "early-talker",
                                                   "pipelined-tls", "nul-in-body",     "shut-down"};
    if (!std::exchange(closed, true)) {
      events.push_back("closed " + std::string(kCauses[static_cast<std::size_t>(end.cause)]));
    }
    return false;
  }

  std::vector<std::pair<smtp::QuestionId, smtp::Reply>> late_;
  std::string body_;
};

}  // namespace anechoic::testing
