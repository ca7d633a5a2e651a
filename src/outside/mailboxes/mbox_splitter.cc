// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/mbox_splitter.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/ascii.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::string_view kFrom = "From ";
constexpr std::size_t kWords = 24;

bool is_one_of(std::string_view word, std::string_view three_letters) {
  if (word.ends_with(',')) word.remove_suffix(1);
  if (word.size() != 3) return false;
  for (std::size_t at = 0; at < three_letters.size(); at += 3)
    if (ascii::iequals(word, three_letters.substr(at, 3))) return true;
  return false;
}

bool is_weekday(std::string_view word) {
  return is_one_of(word, "MonTueWedThuFriSatSun");
}
bool is_month(std::string_view word) {
  return is_one_of(word, "JanFebMarAprMayJunJulAugSepOctNovDec");
}
bool is_time(std::string_view word) {  // h:mm, hh:mm, hh:mm:ss
  const std::size_t colon = word.find(':');
  return (colon == 1 || colon == 2) && word.size() >= colon + 3 &&
         std::ranges::all_of(word, [](char c) { return ascii::is_digit(c) || c == ':'; });
}
bool is_year(std::string_view word) {
  return word.size() == 4 && std::ranges::all_of(word, ascii::is_digit) && (word[0] == '1' || word[0] == '2');
}

}  // namespace

bool is_from_line(std::string_view line, bool after_empty_line) {
  if (!line.starts_with(kFrom) || line.size() > MboxSplitter::kFromLine) return false;
  if (line.ends_with('\r')) line.remove_suffix(1);
  line.remove_prefix(kFrom.size());
  std::array<std::string_view, kWords> words;
  std::size_t count = 0;
  while (!(line = ascii::trim(line)).empty()) {
    if (count == kWords) return false;
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words[count++] = line.substr(0, end);
    line.remove_prefix(end);
  }
  const auto used = std::span(words).first(count);
  const auto month = std::ranges::find_if(used, is_month);
  const auto time = std::ranges::find_if(used, is_time);
  if (month == used.end() || time == used.end() || std::ranges::none_of(used, is_year)) return false;
  if (after_empty_line) return true;
  return month != used.begin() && is_weekday(*(month - 1)) && time == month + 2;
}

void MboxSplitter::hand_over() {
  if (!in_message_ || stopped_) return;
  stopped_ = !sink_({begin_, offset_ - begin_, from_line_, head_});
}

void MboxSplitter::take(std::string_view bytes) {
  offset_ += bytes.size();
  if (!in_message_) {
    preamble_ += bytes.size();
    return;
  }
  head_.append(bytes.substr(0, head_bytes_ - std::min(head_.size(), head_bytes_)));
}

// `line` may be a separator; it has its line end unless the mbox ends in it or it is too long for one.
void MboxSplitter::decide_line(std::string_view line) {
  std::string_view text = line;
  if (text.ends_with('\n')) text.remove_suffix(1);
  // An mbox that begins with "From " is one, even without a date there.
  const bool first = offset_ == 0 && text.starts_with(kFrom) && text.size() <= kFromLine;
  if (!first && !is_from_line(text, after_empty_line_)) {
    take(line);
    return;
  }
  hand_over();
  in_message_ = true;
  begin_ = offset_;
  offset_ += line.size();
  if (text.ends_with('\r')) text.remove_suffix(1);
  from_line_ = text;
  head_.clear();
}

bool MboxSplitter::feed(std::string_view bytes) {
  while (!bytes.empty() && !stopped_) {
    if (line_start_ && !candidate_ && bytes.front() == 'F') {
      candidate_ = true;
      line_.clear();
    }
    const void* const found = std::memchr(bytes.data(), '\n', bytes.size());
    const std::size_t size =
        found == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) + 1;
    const std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(size);
    if (candidate_) {
      line_.append(piece);
      line_empty_ = false;
      if (found == nullptr && line_.size() <= kFromLine &&
          line_.compare(0, kFrom.size(), kFrom.substr(0, line_.size())) == 0) {
        line_start_ = false;
        continue;
      }
      candidate_ = false;
      decide_line(line_);
    } else {
      line_empty_ = line_empty_ && (piece == "\n" || piece == "\r\n" || piece == "\r");
      take(piece);
    }
    line_start_ = found != nullptr;
    if (line_start_) {
      after_empty_line_ = line_empty_;
      line_empty_ = true;
    }
  }
  return !stopped_;
}

void MboxSplitter::finish() {
  if (candidate_ && !stopped_) decide_line(line_);
  candidate_ = false;
  hand_over();
  in_message_ = false;
}

}  // namespace anechoic::mailboxes
