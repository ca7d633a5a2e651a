// SPDX-License-Identifier: Apache-2.0
// What a triage found: data for the summary, the JSON and the report. Bounded, whatever the mailbox held.
// Text in it may be a stranger's: who shows it escapes it.   Threads: values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "doors/mailbox/origin.h"
#include "doors/mailbox/tally.h"
#include "judge/kind/classify.h"

namespace anechoic::triage {

inline constexpr std::size_t kKinds = 11;   // of judge::Kind
inline constexpr std::size_t kOrigins = 4;  // of Origin

// An answer to mail of the owner.
struct Genuine {
  std::string mailbox;
  std::string place;  // "byte 4711" of an mbox, a file's name
  judge::Kind kind = judge::Kind::Dsn;
  std::string action;  // "failed", "delayed" ...; "" where that is no question
  Why why = Why::None;
  std::optional<WallTime> at;
  std::string recipient;
  mail::dsn::Reason reason = mail::dsn::Reason::Undefined;
  std::optional<bool> hard;
  std::string status;
  std::string reply_code;
  std::string diagnostic;
  std::string reported_by;
  std::string subject;  // of the message that is answered
  std::string message_id;
};

struct MailboxResult {
  std::string path;
  std::string format;
  std::uint64_t messages = 0;
  std::uint64_t false_answers = 0;
  std::uint64_t moved = 0;
  std::uint64_t gone = 0;
  std::uint64_t restored = 0;
  std::uint64_t missing = 0;
  std::string target;              // of moved ones
  std::vector<std::string> notes;  // for the user
};

struct Findings {
  static constexpr std::size_t kGenuine = 1'000;  // listed; more are counted
  static constexpr std::size_t kHours = 100'000;  // of the time line

  std::vector<MailboxResult> mailboxes;
  std::vector<std::string> failures;  // mailboxes that could not be done, with what to do
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::array<std::array<std::uint64_t, kOrigins>, kKinds> kinds{};
  std::map<std::int64_t, std::array<std::uint64_t, kOrigins>> hours;  // since 1970; [0] = not an answer
  std::uint64_t undated = 0;
  Tally sources;    // of false answers: the servers that sent them
  Tally reasons;    // of false bounces
  Tally languages;  // of false answers
  Tally why;        // of all answers, by to_string(Why)
  std::vector<Genuine> genuine;

  std::vector<std::string> me;
  bool me_guessed = false;             // from the sent mail, not named
  std::vector<std::string> proposals;  // where nobody said whose mailbox it is
  std::uint64_t sent = 0;
  bool sent_whole = true;
  std::optional<std::pair<WallTime, WallTime>> sent_span;

  [[nodiscard]] std::uint64_t of(Origin origin) const {
    std::uint64_t sum = 0;
    for (const auto& kind : kinds) sum += kind[static_cast<std::size_t>(origin)];
    return sum;
  }
  [[nodiscard]] std::uint64_t of(judge::Kind kind) const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : kinds[static_cast<std::size_t>(kind)]) sum += count;
    return sum;
  }
  [[nodiscard]] std::uint64_t of(judge::Kind kind, Origin origin) const {
    return kinds[static_cast<std::size_t>(kind)][static_cast<std::size_t>(origin)];
  }
};

// Messages that report or announce a failed or delayed delivery, or what to do about another answer: one sentence.
[[nodiscard]] std::string_view advice(const Genuine& genuine);
// "no such mailbox" ...
[[nodiscard]] std::string_view plain_words(mail::dsn::Reason reason);
// "bounces", "virus notices" ...
[[nodiscard]] std::string_view plural(judge::Kind kind);

}  // namespace anechoic::triage
