// SPDX-License-Identifier: Apache-2.0
// From an origin to what is done with the message; docs/origin.md is the table of its rules.
//
// Observing accepts everything, and Decision::enforcing says what enforcing would do: it is the same in both modes.
// `unknown` is never refused, but for untagged null-sender mail to an address whose owner allowed it (joe-job mode), or
// at DATA in a domain whose owner did. Grace after a change of keys, and exceptions, are given as observing.
// Threads: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "judge/origin/evidence.h"
#include "judge/origin/weigh.h"

namespace anechoic::judge::origin {

enum class Stage : std::uint8_t { Rcpt, DataCommand, EndOfData };

// What becomes of mail of unknown origin, from mild to strict.
enum class Filing : std::uint8_t { Deliver, ByHeader, ToFolder };

struct Settings {
  bool enforce = false;
  Filing unknown = Filing::Deliver;
  Filing unknown_in_joe_job = Filing::ByHeader;  // the stricter of both holds
  bool joe_job_refuses_untagged = false;         // the owner allowed it: untagged null-sender mail, at RCPT
  bool refuse_untagged_at_data = false;          // the same at the DATA command, where all mail leaves tagged
};

struct Situation {
  Stage stage = Stage::EndOfData;
  bool joe_job = false;        // the recipient's address is in that mode
  bool role_account = false;   // postmaster or abuse is among the recipients
  bool trusted_relay = false;  // the client is one: it would make a bounce of our refusal
};

enum class Action : std::uint8_t { Accept, FileByHeader, FileToFolder, Refuse };

// Which rule decided: a closed set, as the reasons are.
enum class Rule : std::uint8_t {
  RoleAccount,
  JoeJob,
  UntaggedAtData,
  JudgedLater,
  Ours,
  NotOurs,
  NotAnAnswer,
  Unknown,
  TrustedRelay,
};
inline constexpr std::array kEveryRule{Rule::RoleAccount, Rule::JoeJob,  Rule::UntaggedAtData,
                                       Rule::JudgedLater, Rule::Ours,    Rule::NotOurs,
                                       Rule::NotAnAnswer, Rule::Unknown, Rule::TrustedRelay};

struct Decision {
  Action action = Action::Accept;
  Action enforcing = Action::Accept;  // what enforcing does, or would have done
  Rule rule = Rule::JudgedLater;
  // Where enforcing refuses: the text behind "550 5.7.1", for the postmaster who made the bounce. ASCII, one line.
  std::string_view text{};
  friend bool operator==(const Decision&, const Decision&) = default;
};

[[nodiscard]] Decision act(const Evidence& evidence, const Judgement& judgement, const Situation& situation,
                           const Settings& settings);

[[nodiscard]] std::string_view to_string(Action action);  // "accept", "file-by-header", "file-to-folder", "refuse"
[[nodiscard]] std::string_view to_string(Rule rule);

}  // namespace anechoic::judge::origin
