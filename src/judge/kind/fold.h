// SPDX-License-Identifier: Apache-2.0
// Text made comparable: both the phrases and what they are looked for in go through the same fold, so that case,
// accents, line breaks and typography make no difference.
//
// UTF-8 in, UTF-8 out: lower case; Latin letters without their accents; Greek without tonos; white space of every kind
// as one space; typographic quotes and dashes as ' " and -; full-width forms as ASCII; no spaces between ideographs and
// kana (their text is wrapped anywhere). Octets that are not UTF-8 become spaces.
// Linear, one pass; appends at most `limit` octets and a character.   Threads: values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace anechoic::judge {

class Folder {
 public:
  // `out` is appended to; it starts and ends with a space by finish(), so that a phrase can ask for a whole word.
  Folder(std::string& out, std::size_t limit);

  void append(std::string_view utf8);
  void finish();
  [[nodiscard]] bool full() const { return out_.size() >= end_; }

 private:
  void put(char32_t point);
  std::size_t append_ascii(std::string_view text);  // how much of it was ASCII, or fitted

  std::string& out_;
  std::size_t end_;
  bool space_ = true;       // a space is owed before the next character
  bool ideograph_ = false;  // the last character was one
};

[[nodiscard]] std::string fold(std::string_view utf8, std::size_t limit = 4096);  // without the outer spaces

}  // namespace anechoic::judge
