// SPDX-License-Identifier: Apache-2.0
// What the classifier saw in one message, before it is weighed (decide.h).   Threads: values.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "judge/kind/classify.h"
#include "judge/kind/signals.h"

namespace anechoic::judge {

enum class AutoSubmitted : std::uint8_t { Absent, No, Generated, Replied, Notified, Other };
enum class PrecedenceWord : std::uint8_t { None, Bulk, List, Junk, AutoReply, Other };

// How strongly the text speaks of one kind, in points (see add_hits()).
struct PhraseScore {
  int subject = 0;
  int head = 0;  // of the first kHeadBytes of the sender's own words
  int rest = 0;
  int best = 0;  // the weightiest phrase
  std::string_view text;
  struct Vote {
    std::string_view language;
    int weight = 0;
  };
  std::array<Vote, 8> votes;  // the first eight languages that spoke

  // The one that spoke most, "" = none.
  [[nodiscard]] std::string_view language() const {
    return std::ranges::max_element(votes, {}, &Vote::weight)->language;
  }
  [[nodiscard]] int points() const { return subject + head + rest; }
};

struct Evidence {
  static constexpr std::size_t kDetailBytes = 200;

  std::bitset<static_cast<std::size_t>(SignalId::Count)> seen;
  std::vector<Signal> signals;
  AutoSubmitted auto_submitted = AutoSubmitted::Absent;
  PrecedenceWord precedence = PrecedenceWord::None;
  bool sender_known = false;    // the envelope sender, null or not
  bool mailer_daemon = false;   // From's local part says so, and not only postmaster
  bool list_post = false;       // List-Post, or list software by name
  bool has_attachment = false;  // that is neither text nor a message
  bool acknowledges = false;    // a phrase that says a request was received
  std::string subject;          // folded, with Phrases::kSubjectMark; see header_evidence.cc
  std::array<PhraseScore, static_cast<std::size_t>(SignalId::Count)> scores;
  mail::dsn::Bounce bounce;

  // The first of a name is shown; `detail` is cut, and must be UTF-8.
  void add(SignalId id, std::string_view detail = {});
  [[nodiscard]] bool has(SignalId id) const { return seen[static_cast<std::size_t>(id)]; }
  template <typename... Ids>
  [[nodiscard]] bool has_any(Ids... ids) const {
    return (has(ids) || ...);
  }
  [[nodiscard]] const PhraseScore& score(SignalId id) const { return scores[static_cast<std::size_t>(id)]; }
};

}  // namespace anechoic::judge
