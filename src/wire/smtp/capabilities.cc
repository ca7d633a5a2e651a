// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/capabilities.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace anechoic::smtp {
namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

// Takes the next word off `line`; "" when there is none.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool is_keyword(std::string_view word, std::string_view keyword) {
  return std::ranges::equal(word, keyword, {}, upper);
}

// A number that can't be read counts as "offered without one": the backend will say at MAIL what is too big.
std::uint64_t size_value(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() ? value : 0;
}

void take_keyword(std::string_view line, Capabilities& offered) {
  const std::string_view keyword = take_word(line);
  if (is_keyword(keyword, "SIZE")) offered.size = size_value(take_word(line));
  if (is_keyword(keyword, "PIPELINING")) offered.pipelining = true;
  if (is_keyword(keyword, "8BITMIME")) offered.eightbitmime = true;
  if (is_keyword(keyword, "SMTPUTF8")) offered.smtputf8 = true;
  if (is_keyword(keyword, "STARTTLS")) offered.starttls = true;
  if (is_keyword(keyword, "ENHANCEDSTATUSCODES")) offered.enhanced_codes = true;
  if (is_keyword(keyword, "XCLIENT")) offered.xclient = true;
  if (is_keyword(keyword, "DSN")) offered.dsn = true;
  if (is_keyword(keyword, "XFORWARD")) {
    offered.xforward.clear();
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      if (!offered.xforward.empty()) offered.xforward += ' ';
      for (const char c : word) offered.xforward += upper(c);
    }
  }
}

}  // namespace

Capabilities parse_capabilities(std::string_view text) {
  Capabilities offered;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    text.remove_prefix(end + 1);
    take_keyword(text.substr(0, text.find('\n')), offered);
  }
  return offered;
}

bool has_attribute(std::string_view list, std::string_view name) {
  for (std::string_view word = take_word(list); !word.empty(); word = take_word(list)) {
    if (word == name) return true;
  }
  return false;
}

}  // namespace anechoic::smtp
