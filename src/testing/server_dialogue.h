// SPDX-License-Identifier: Apache-2.0
// Runs a dialogue file on a ServerSession.
//
// Settings: the members of ServerOptions (on/off for flags; 8bitmime, smtputf8 for what is offered; bare_newline:
// normalize); "order: reversed" for RCPT answers that come last first; and answers to questions of ScriptedOwner, or to
// "greeting":
//
//   answer: rcpt <nobody@example.org> => 550 5.1.1 No such user
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "testing/dialogue.h"
#include "testing/scripted_owner.h"

namespace anechoic::testing {

class ServerDialogue {
 public:
  explicit ServerDialogue(const Dialogue& dialogue) {
    for (const auto& [key, value] : dialogue.settings) set(key, value);
    session_.emplace(std::make_shared<const smtp::ServerOptions>(options_));
    owner.rule = [this](const std::string& question) -> std::optional<smtp::Reply> {
      const auto found = answers_.find(question);
      return found == answers_.end() ? std::nullopt : std::optional(found->second);
    };
    const auto greeting = answers_.find("greeting");
    session_->greet(greeting == answers_.end() ? smtp::Reply{220, {}, "localhost ESMTP"} : greeting->second);
    owner.drive(*session_);
  }

  void feed(std::string_view octets) {
    session_->feed(octets);
    owner.drive(*session_);
  }
  smtp::ServerSession& session() { return *session_; }
  [[nodiscard]] std::string bodies() const {
    std::string out;
    for (const std::string& message : owner.messages) out += message;
    return out;
  }

  ScriptedOwner owner;

 private:
  static smtp::Reply reply(std::string_view text) {
    smtp::Reply out;
    out.code = ascii::parse_number<std::uint16_t>(text.substr(0, 3)).value();
    text.remove_prefix(std::min<std::size_t>(text.size(), 4));
    if (const auto code = smtp::parse_enhanced(text.substr(0, text.find(' ')))) {
      out.enhanced = *code;
      text.remove_prefix(std::min(text.size(), text.find(' ') + 1));
    }
    out.text = text;
    return out;
  }

  void set(std::string_view key, std::string_view value) {
    const bool on = value == "on";
    const auto number = [&] { return ascii::parse_number<std::uint32_t>(value).value(); };
    if (key == "answer") {
      const std::size_t arrow = value.find(" => ");
      answers_[std::string(value.substr(0, arrow))] = reply(value.substr(arrow + 4));
    } else if (key == "order") {
      owner.order = value == "reversed" ? ScriptedOwner::Order::Reversed : ScriptedOwner::Order::AtOnce;
    } else if (key == "hostname") {
      options_.hostname = value;
    } else if (key == "message_size") {
      options_.message_size = number();
    } else if (key == "recipients") {
      options_.recipients = number();
    } else if (key == "hard_errors") {
      options_.hard_errors = number();
    } else if (key == "junk_commands") {
      options_.junk_commands = number();
    } else if (key == "line_octets") {
      options_.line_octets = number();
    } else if (key == "bare_newline") {
      options_.bare_newline = value == "normalize" ? smtp::BareNewline::Normalize : smtp::BareNewline::Reject;
    } else if (key == "starttls") {
      options_.starttls = on;
    } else if (key == "8bitmime") {
      options_.offer_8bitmime = on;
    } else if (key == "smtputf8") {
      options_.offer_smtputf8 = on;
    } else if (key == "xclient") {
      options_.xclient = on;
    } else if (key == "xforward") {
      options_.xforward = on;
    } else {
      throw std::runtime_error("unknown setting " + std::string(key));
    }
  }

  smtp::ServerOptions options_;
  std::map<std::string, smtp::Reply> answers_;
  std::optional<smtp::ServerSession> session_;
};

}  // namespace anechoic::testing
