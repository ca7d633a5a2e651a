// SPDX-License-Identifier: Apache-2.0
// Finds which of many literal phrases stand in a text, in one pass: the phrases of a rule file (scripts/rules-to-cpp,
// fields of type `phrases`), which are lower case, against text that fold() made.
//
//   PhraseHits hits(rules::kPhraseTable);
//   hits.look_in(fold(text));
//   if (hits.any(rule.any)) ...
//
// fold() keeps the length: what it can't turn to lower case within as many bytes stays as it is.
// Linear in the text, but for phrases that share their rarest four bytes.   Threads: values, pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace anechoic::mail {

struct Phrase {
  std::string_view text;
  std::uint16_t key = 0;  // where the four bytes begin by which it is found
};

struct PhraseTable {
  std::span<const Phrase> phrases;
  std::span<const std::uint16_t> order;  // numbers of phrases, by bucket
  std::span<const std::uint16_t> first;  // bucket -> where it begins in `order`; one more at the end
};

class PhraseHits {
 public:
  static constexpr std::size_t kMaxPhrases = 4096;

  explicit PhraseHits(const PhraseTable& table) : table_(table) {}

  void look_in(std::string_view folded);  // adds to what was found before
  [[nodiscard]] bool has(std::uint16_t phrase) const { return ((words_[phrase / 64U] >> (phrase % 64U)) & 1U) != 0; }
  void set(std::uint16_t phrase) { words_[phrase / 64U] |= std::uint64_t{1} << (phrase % 64U); }
  // At least one; false for none.
  [[nodiscard]] bool any(std::span<const std::uint16_t> phrases) const;

 private:
  const PhraseTable& table_;
  std::array<std::uint64_t, kMaxPhrases / 64> words_{};
};

// Lower case of ASCII, Latin, Greek and Cyrillic letters, in place of the upper case ones; other bytes as they are.
[[nodiscard]] std::string fold(std::string_view utf8);

// White space of any kind and length becomes one space, so that phrases may be broken over lines.
[[nodiscard]] std::string join_blanks(std::string text);

}  // namespace anechoic::mail
