// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/phrases.h"

#include <map>
#include <string>
#include <utility>

#include "judge/kind/fold.h"
#include "judge/kind/literal_set.h"
#include "rules/phrases.h"

namespace anechoic::judge {

namespace {

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
  void add(const std::string& folded, const PhraseHit& hit) {
    const std::size_t number = set_.add(folded);
    hits_.push_back(hit);
    // Of the same words for the same signal, the weightiest counts.
    std::size_t& first = known_.try_emplace({hit.signal, folded}, number).first->second;
    if (first == number) return;
    const std::size_t lesser = hit.weight > hits_[first].weight ? std::exchange(first, number) : number;
    hits_[lesser].twin = true;
  }
  void compile() {
    set_.compile();
    known_.clear();
  }

  [[nodiscard]] std::vector<PhraseHit> find(std::string_view text) const {
    std::vector<PhraseHit> found;
    for (const std::size_t number : set_.find(text)) found.push_back(hits_[number]);
    return found;
  }

 private:
  LiteralSet set_;
  std::vector<PhraseHit> hits_;
  std::map<std::pair<SignalId, std::string>, std::size_t> known_;
};

Phrases::Phrases() : subjects_(std::make_unique<Matcher>()), texts_(std::make_unique<Matcher>()) {
  for (const rules::phrases::PhraseRule& rule : rules::phrases::kPhrase) {
    for (const std::string_view text : rule.texts) {
      const PhraseHit hit{rule.signal, rule.weight, rule.language, text, false, rule.acknowledges};
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
