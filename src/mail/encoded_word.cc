// SPDX-License-Identifier: Apache-2.0
#include "mail/encoded_word.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/utf8.h"
#include "mail/header_block.h"
#include "mail/transfer_encoding.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kMaxCharset = 64;
constexpr std::size_t kMaxWord = 2000;  // RFC 2047 2 says 75; mailers forget it

struct Word {
  std::string_view charset;
  char encoding = 'q';  // 'q' or 'b'
  std::string_view text;
  std::size_t size = 0;  // of the whole, with =? and ?=
};

// The encoded word at the start of `text`.
std::optional<Word> word_at(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t encoding = text.substr(0, kMaxCharset + 3).find('?', 2);
  if (encoding == std::string_view::npos || encoding + 2 >= text.size() || text[encoding + 2] != '?') {
    return std::nullopt;
  }
  Word word;
  word.charset = text.substr(2, encoding - 2);
  word.encoding = ascii::to_lower(text[encoding + 1]);
  if (word.encoding != 'q' && word.encoding != 'b') return std::nullopt;
  const std::size_t begin = encoding + 3;
  // A Q text that begins with '=' makes "?=" of the separator's question mark: the end is looked for behind it.
  std::size_t end = text.substr(0, begin + kMaxWord).find("?=", begin);
  if (end == std::string_view::npos) return std::nullopt;
  word.text = text.substr(begin, end - begin);
  word.size = end + 2;
  return word;
}

std::string without_white(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return !ascii::is_blank(c); });
  return out;
}

class Decoder {
 public:
  Decoder(std::string_view text, std::size_t limit) : text_(text), limit_(limit) {}

  std::string run() {
    while (!text_.empty() && out_.size() < limit_) {
      const std::size_t start = std::min(text_.find("=?"), text_.size());
      if (start != 0) {
        plain(text_.substr(0, start));
        text_.remove_prefix(start);
        continue;
      }
      const auto word = word_at(text_);
      if (word) {
        encoded(*word);
        text_.remove_prefix(word->size);
      } else {
        plain(text_.substr(0, 2));
        text_.remove_prefix(2);
      }
    }
    flush();
    return std::move(out_);
  }

 private:
  void plain(std::string_view text) {
    // Blanks between two words are not text.   RFC 2047 6.2
    if (behind_word_ && ascii::trim(text).empty() && word_at(text_.substr(text.size()))) return;
    flush();
    behind_word_ = false;
    add(to_utf8(text, "", limit_ - std::min(out_.size(), limit_)));
  }
  void encoded(const Word& word) {
    // A character may begin in one word and end in the next of the same charset.
    if (!ascii::iequals(word.charset, charset_)) flush();
    charset_ = word.charset;
    octets_ += word.encoding == 'b' ? decode_base64(without_white(word.text), limit_) : decode_q(word.text, limit_);
    behind_word_ = true;
    if (octets_.size() > 2 * limit_) flush();
  }
  void flush() {
    if (!octets_.empty()) add(to_utf8(octets_, charset_, limit_ - std::min(out_.size(), limit_)));
    octets_.clear();
  }
  void add(std::string_view text) {
    for (const char c : text) out_ += ascii::is_control(c) ? ' ' : c;
  }

  std::string_view text_;
  std::size_t limit_;
  std::string out_;
  std::string_view charset_;
  std::string octets_;
  bool behind_word_ = false;
};

}  // namespace

std::string decode_words(std::string_view value, std::size_t limit) {
  const std::string text = unfold(value);
  std::string out = Decoder(text, limit).run();
  const std::string_view trimmed = ascii::trim(out);
  return trimmed.size() == out.size() ? out : std::string(trimmed);
}

}  // namespace anechoic::mail
