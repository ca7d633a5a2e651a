// SPDX-License-Identifier: Apache-2.0
// Characters and numbers of protocol text, without a locale.   Errors: nullopt.   Threads: pure functions.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace anechoic::ascii {

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
[[nodiscard]] constexpr bool is_alnum(char c) {
  return is_digit(c) || is_alpha(c);
}
[[nodiscard]] constexpr bool is_high(char c) {
  return static_cast<unsigned char>(c) > 126;
}  // DEL and non-ASCII
[[nodiscard]] constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 32 || c == 127;
}
[[nodiscard]] constexpr bool is_printable(char c) {
  return c >= 32 && c <= 126;
}  // with the space
[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
[[nodiscard]] constexpr char to_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = to_lower(c);
  return out;
}

// Equal but for the case of A-Z.
[[nodiscard]] constexpr bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}
[[nodiscard]] constexpr bool istarts_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

// Without the blanks at both ends.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// 0..15, or -1.
[[nodiscard]] constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lowered = to_lower(c);
  return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
}

// Digits only (no sign, no blank), the whole text, and no overflow.
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

}  // namespace anechoic::ascii
