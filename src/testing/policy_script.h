// SPDX-License-Identifier: Apache-2.0
// Reads the golden policy scripts (src/judge/verdict/testdata/*.policy), which more than one runner plays: decide()
// alone, and the whole inspector. A script is lines of words; `#` starts a comment; `->` parts a step from what it must
// give.
//
//   settings (before the first step)
//     hostname NAME | soft_bounce | null_sender_per_minute N | max_received N | max_own_received N
//     domain NAME [catch_all] [spf] [dmarc] [own-domain] [notify-never]     the last four: enforced
//     relay NAME NETWORK 550|451
//   steps
//     client ADDRESS                      a new session from there
//     mail <PATH>                         a new transaction
//     rcpt <PATH> [WORD...] -> ACTION [REPLY] REASON [no-dsn]       spf=RESULT may be known
//     headers [received=N] [own=N] -> ACTION [REPLY] REASON
//     connect | helo -> ACTION REASON
//     end [spf=RESULT|temperror] [proved=yes|no|unknown] [vouched=yes|no|unknown] [dmarc=pass|fail|reject|unknown]
//       -> ACTION [REPLY] REASON       dmarc=fail: with another policy than reject
//   what the sources say of a recipient: exists listed stale absent accepts-all down mode=observe|450|550 rate=N
//   ACTION: accept, reject, defer; REPLY: "550 5.1.1"
//
// Throws std::runtime_error with file and line for a line that it can't read.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "judge/verdict/decide.h"

namespace anechoic::testing {

struct PolicyStep {
  enum class Kind { Client, Mail, Rcpt, Headers, Connect, Helo, End };
  Kind kind = Kind::Client;
  int line = 0;
  std::string argument;  // address or path, without < and >
  judge::Facts facts;    // what the step adds: recipient, its status, rate, counts
  std::string expected;  // "reject 550 5.1.1 unknown-recipient"
};

struct PolicyScript {
  judge::Ruleset ruleset;
  std::vector<PolicyStep> steps;
};

// What a runner compares with PolicyStep::expected.
[[nodiscard]] inline std::string to_line(const judge::Verdict& verdict) {
  std::string line(judge::to_string(verdict.action()));
  if (verdict.reply().code != 0) {
    const smtp::EnhancedCode& enhanced = verdict.reply().enhanced;
    line += " " + std::to_string(verdict.reply().code) + " " + std::to_string(enhanced.klass) + "." +
            std::to_string(enhanced.subject) + "." + std::to_string(enhanced.detail);
  }
  line += " " + std::string(verdict.reasons().front().name);
  return verdict.notify_never() ? line + " no-dsn" : line;
}

class PolicyScriptReader {
 public:
  [[nodiscard]] static PolicyScript read(const std::string& file) {
    std::ifstream in(file);
    if (!in) {
      throw std::runtime_error("can't open " + file);
    }
    PolicyScriptReader reader;
    std::string text;
    while (std::getline(in, text)) {
      ++reader.line_;
      try {
        reader.take(text);
      } catch (const std::exception& error) {
        throw std::runtime_error(file + ":" + std::to_string(reader.line_) + ": " + error.what());
      }
    }
    if (reader.script_.steps.empty()) {
      throw std::runtime_error(file + ": no steps");
    }
    return std::move(reader.script_);
  }

 private:
  using Kind = PolicyStep::Kind;

  void take(std::string text) {
    if (const auto comment = text.find('#'); comment != std::string::npos) {
      text.erase(comment);
    }
    std::string expected;
    if (const auto arrow = text.find("->"); arrow != std::string::npos) {
      expected = join(words_of(text.substr(arrow + 2)));
      text.erase(arrow);
    }
    const std::vector<std::string> words = words_of(text);
    if (words.empty()) {
      return;
    }
    if (!setting(words)) {
      step(words, std::move(expected));
    }
  }

  bool setting(const std::vector<std::string>& words) {
    judge::Ruleset& rules = script_.ruleset;
    if (words[0] == "hostname") {
      rules.hostname = words.at(1);
    } else if (words[0] == "soft_bounce") {
      rules.soft_bounce = true;
    } else if (words[0] == "null_sender_per_minute") {
      rules.null_sender_per_minute = number(words.at(1));
    } else if (words[0] == "max_received") {
      rules.max_received = number(words.at(1));
    } else if (words[0] == "max_own_received") {
      rules.max_own_received = number(words.at(1));
    } else if (words[0] == "domain") {
      judge::Policy policy;
      policy.domain = words.at(1);
      for (std::size_t i = 2; i < words.size(); ++i) {
        using judge::Mode;
        policy.catch_all = policy.catch_all || words[i] == "catch_all";
        if (words[i] == "spf") policy.modes.spf = Mode::Enforce;
        if (words[i] == "dmarc") policy.modes.dmarc = Mode::Enforce;
        if (words[i] == "own-domain") policy.modes.own_domain = Mode::Enforce;
        if (words[i] == "notify-never") policy.modes.notify_never = Mode::Enforce;
      }
      rules.domains.emplace(policy.domain, policy);
    } else if (words[0] == "relay") {
      judge::TrustedRelay relay;
      relay.name = words.at(1);
      relay.networks.push_back(ip::parse_network(words.at(2)).value());
      relay.unknown_recipient = static_cast<std::uint16_t>(number(words.at(3)));
      rules.relays.push_back(std::move(relay));
    } else {
      return false;
    }
    return true;
  }

  void step(const std::vector<std::string>& words, std::string expected) {
    PolicyStep step;
    step.line = line_;
    step.kind = kind_of(words[0]);
    step.expected = std::move(expected);
    std::size_t next = 1;
    if (step.kind == Kind::Client || step.kind == Kind::Mail || step.kind == Kind::Rcpt) {
      step.argument = words.at(next++);
      if (step.argument.starts_with('<') && step.argument.ends_with('>')) {
        step.argument = step.argument.substr(1, step.argument.size() - 2);
      }
    }
    judge::RecipientStatus status{.existence = {},
                                  .source = "people",
                                  .mode = judge::RecipientMode::Reject550,
                                  .stale = {},
                                  .listed_exactly = {}};
    bool known = false;
    bool down = false;
    for (; next < words.size(); ++next) {
      word(words[next], step, status, known, down);
    }
    if (down) {
      step.facts.recipient_status = judge::Fact<judge::RecipientStatus>::unknown("canary missing");
      step.facts.down_mode = status.mode;
    } else if (known) {
      step.facts.recipient_status = judge::Fact<judge::RecipientStatus>::known(status);
    }
    if (step.kind != Kind::Client && step.kind != Kind::Mail && step.expected.empty()) {
      throw std::runtime_error("a step needs '-> ACTION REASON'");
    }
    script_.steps.push_back(std::move(step));
  }

  static void word(const std::string& word, PolicyStep& step, judge::RecipientStatus& status, bool& known, bool& down) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
    if (name == "exists" || name == "listed" || name == "stale") {
      known = true;
      status.listed_exactly = status.listed_exactly || name == "listed";
      status.stale = status.stale || name == "stale";
    } else if (name == "absent") {
      known = true;
      status.existence = judge::Existence::Absent;
    } else if (name == "accepts-all") {
      known = true;
      status.existence = judge::Existence::AcceptsAll;
    } else if (name == "down") {
      down = true;
    } else if (name == "mode") {
      status.mode = value == "observe" ? judge::RecipientMode::Observe
                    : value == "450"   ? judge::RecipientMode::Defer450
                                       : judge::RecipientMode::Reject550;
    } else if (name == "rate") {
      step.facts.null_sender_rate = judge::Fact<unsigned>::known(number(value));
    } else if (name == "received") {
      step.facts.received_fields = judge::Fact<unsigned>::known(number(value));
    } else if (name == "own") {
      step.facts.own_received_fields = judge::Fact<unsigned>::known(number(value));
    } else if (!sender_word(name, value, step.facts.sender)) {
      throw std::runtime_error("unknown word " + word);
    }
  }

  static bool sender_word(const std::string& name, const std::string& value, judge::Sender& sender) {
    const auto yes_or_no = [&value] {
      return value == "unknown" ? judge::Fact<bool>::unknown("no answer") : judge::Fact<bool>::known(value == "yes");
    };
    if (name == "spf") {
      static constexpr std::string_view kResults[] = {"none", "neutral", "pass", "fail", "softfail", "permerror"};
      sender.spf = judge::Fact<judge::Spf>::unknown("no answer");
      for (std::size_t i = 0; i < std::size(kResults); ++i) {
        if (value == kResults[i]) sender.spf = judge::Fact<judge::Spf>::known(static_cast<judge::Spf>(i));
      }
    } else if (name == "proved") {
      sender.reverse_path_proved = yes_or_no();
    } else if (name == "vouched") {
      sender.vouched = yes_or_no();
    } else if (name == "dmarc") {
      sender.dmarc = value == "unknown"
                         ? judge::Fact<judge::Dmarc>::unknown("no answer")
                         : judge::Fact<judge::Dmarc>::known({value != "pass", value == "reject", "author.example"});
    } else {
      return false;
    }
    return true;
  }

  static Kind kind_of(std::string_view word) {
    constexpr std::pair<std::string_view, Kind> kKinds[] = {
        {"client", Kind::Client},   {"mail", Kind::Mail}, {"rcpt", Kind::Rcpt}, {"headers", Kind::Headers},
        {"connect", Kind::Connect}, {"helo", Kind::Helo}, {"end", Kind::End}};
    for (const auto& [name, kind] : kKinds) {
      if (name == word) {
        return kind;
      }
    }
    throw std::runtime_error("unknown line " + std::string(word));
  }

  // Words are parted by blanks; a path between < and > is one word whatever it holds.
  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t", at)) != std::string::npos) {
      std::size_t end = text[at] == '<' ? text.find('>', at) : text.find_first_of(" \t", at);
      end = end == std::string::npos ? text.size() : end + (text[at] == '<' ? 1 : 0);
      words.push_back(text.substr(at, end - at));
      at = end;
    }
    return words;
  }

  static std::string join(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
      line += (line.empty() ? "" : " ") + word;
    }
    return line;
  }

  static unsigned number(const std::string& text) { return static_cast<unsigned>(std::stoul(text)); }

  PolicyScript script_;
  int line_ = 0;
};

// The paths of a script: "" is the null sender in mail, "Postmaster" is bare in rcpt; anything else must parse.
[[nodiscard]] inline mail::ReversePath reverse_path_of(const PolicyStep& step) {
  mail::ReversePath path;
  if (!step.argument.empty()) {
    path.mailbox = mail::parse_mailbox(step.argument, mail::Utf8::Allowed).value();
  }
  return path;
}
[[nodiscard]] inline mail::ForwardPath forward_path_of(const PolicyStep& step) {
  if (step.argument.find('@') == std::string::npos) {
    return {{step.argument, ""}};
  }
  return {mail::parse_mailbox(step.argument, mail::Utf8::Allowed).value()};
}

}  // namespace anechoic::testing
