// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/phrases.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <stdexcept>
#include <string>

#include "judge/kind/fold.h"
#include "rules/phrases.h"

namespace anechoic::judge {

namespace {

RE2::Options options() {
  RE2::Options options;
  // Phrases are octets to it: UTF-8 needs no more, and the automaton is smaller.
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_max_mem(Phrases::kMaxMemory);
  options.set_log_errors(false);
  return options;
}

// A phrase's outer spaces are kept: they ask for a whole word.
std::string fold_phrase(std::string_view text) {
  std::string folded = fold(text);
  if (text.starts_with(' ')) folded.insert(0, 1, ' ');
  if (text.ends_with(' ')) folded += ' ';
  return folded;
}

}  // namespace

class Phrases::Matcher {
 public:
  Matcher() : set_(options(), RE2::UNANCHORED) {}

  void add(const std::string& folded, const PhraseHit& hit) {
    if (set_.Add(RE2::QuoteMeta(folded), nullptr) != static_cast<int>(hits_.size()))
      throw std::logic_error("data/phrases: can't be compiled: " + std::string(hit.text));
    hits_.push_back(hit);
  }

  void compile() {
    if (!set_.Compile()) throw std::logic_error("data/phrases: too much to be compiled");
  }

  [[nodiscard]] std::vector<PhraseHit> find(std::string_view text) const {
    std::vector<PhraseHit> found;
    std::vector<int> numbers;
    if (text.empty() || !set_.Match({text.data(), text.size()}, &numbers)) return found;
    found.reserve(numbers.size());
    for (const int number : numbers) found.push_back(hits_[static_cast<std::size_t>(number)]);
    return found;
  }

 private:
  RE2::Set set_;
  std::vector<PhraseHit> hits_;
};

Phrases::Phrases() : subjects_(std::make_unique<Matcher>()), texts_(std::make_unique<Matcher>()) {
  for (const rules::phrases::PhraseRule& rule : rules::phrases::kPhrase) {
    for (const std::string_view text : rule.texts) {
      const PhraseHit hit{rule.signal, rule.weight, rule.language, text};
      std::string folded = fold_phrase(text);
      if (rule.where == PhraseWhere::SubjectStart) folded.insert(0, {kSubjectMark, ' '});
      (rule.where == PhraseWhere::Text ? texts_ : subjects_)->add(folded, hit);
    }
  }
  subjects_->compile();
  texts_->compile();
}

Phrases::~Phrases() = default;

std::vector<PhraseHit> Phrases::in_subject(std::string_view folded) const {
  return subjects_->find(folded);
}

std::vector<PhraseHit> Phrases::in_text(std::string_view folded) const {
  return texts_->find(folded);
}

}  // namespace anechoic::judge
