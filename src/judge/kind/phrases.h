// SPDX-License-Identifier: Apache-2.0
// Finds the phrases of data/phrases/*.toml in folded text (fold.h), all at once and in linear time.
//
// Compiled at construction from tables that are part of the program.
// Threads: const and without state of its own: threads may share one.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "judge/kind/phrase_rule.h"

namespace anechoic::judge {

struct PhraseHit {
  SignalId signal = SignalId::None;
  int weight = 0;
  std::string_view language;
  std::string_view text;  // as the data writes it
  bool twin = false;      // the same words in another language: speaks for the language only
  bool acknowledges = false;

  friend bool operator==(const PhraseHit&, const PhraseHit&) = default;
};

class Phrases {
 public:
  // What stands before a subject that SubjectStart phrases may begin at; Folder's leading space follows.
  static constexpr char kSubjectMark = '\x01';

  Phrases();
  ~Phrases();

  // Each phrase once, however often it stands there.
  [[nodiscard]] std::vector<PhraseHit> in_subject(std::string_view folded) const;
  [[nodiscard]] std::vector<PhraseHit> in_text(std::string_view folded) const;

 private:
  class Matcher;
  std::unique_ptr<Matcher> subjects_;
  std::unique_ptr<Matcher> texts_;
};

}  // namespace anechoic::judge
