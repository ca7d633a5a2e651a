// SPDX-License-Identifier: Apache-2.0
#include "mail/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"

namespace anechoic::mail {
namespace {

constexpr std::int8_t kNoDigit = -1;

constexpr std::array<std::int8_t, 256> base64_digits() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::int8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return digits;
}
constexpr std::array<std::int8_t, 256> kBase64 = base64_digits();

std::int8_t base64_digit(char c) {
  return kBase64[static_cast<unsigned char>(c)];
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Is the line behind the padding at the front of `text` base64 as well?
bool goes_on(std::string_view text) {
  (void)take_line(text);
  const std::string_view line = take_line(text);
  return !line.empty() && line.size() <= 998 && line.size() % 4 == 0 &&
         std::ranges::all_of(line, [](char c) { return c == '=' || base64_digit(c) != kNoDigit; });
}

// The octet written behind '=', or -1.
int hex_octet(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return -1;
  const int high = ascii::hex_value(text[at]);
  const int low = ascii::hex_value(text[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// How many octets a soft line end takes that begins behind '='.
std::optional<std::size_t> soft_line_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && ascii::is_blank(text[end])) ++end;
  if (end < text.size() && text[end] == '\r') ++end;
  if (end < text.size() && text[end] == '\n') return end + 1 - at;
  return end == text.size() ? std::optional(end - at) : std::nullopt;
}

}  // namespace

std::string decode_base64(std::string_view text, std::size_t limit) {
  std::string out;
  out.reserve(std::min(limit, text.size() / 4 * 3 + 3));
  std::uint32_t bits = 0;
  unsigned have = 0;
  for (std::size_t i = 0; i < text.size() && out.size() < limit; ++i) {
    const std::int8_t digit = base64_digit(text[i]);
    if (digit == kNoDigit) {
      if (text[i] != '=') continue;
      if (!goes_on(text.substr(i))) break;
      have = 0;
      i = text.find('\n', i);
      continue;
    }
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>((bits >> have) & 0xFFU);
    }
  }
  return out;
}

std::string decode_quoted_printable(std::string_view text, std::size_t limit) {
  std::string out;
  out.reserve(std::min(limit, text.size()));
  for (std::size_t i = 0; i < text.size() && out.size() < limit;) {
    const std::size_t plain = std::min(text.find('=', i), text.size());
    out += text.substr(i, std::min(plain - i, limit - out.size()));
    if (plain == text.size() || out.size() == limit) break;
    i = plain + 1;
    if (const int octet = hex_octet(text, i); octet >= 0) {
      out += static_cast<char>(octet);
      i += 2;
    } else if (const auto soft = soft_line_end(text, i)) {
      i += *soft;
    } else {
      out += '=';
    }
  }
  return out;
}

std::string decode_q(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < limit; ++i) {
    const int octet = text[i] == '=' ? hex_octet(text, i + 1) : -1;
    if (octet >= 0) {
      out += static_cast<char>(octet);
      i += 2;
    } else {
      out += text[i] == '_' ? ' ' : text[i];
    }
  }
  return out;
}

std::string decode_uuencode(std::string_view text, std::size_t limit) {
  std::string out;
  bool begun = false;
  while (!text.empty() && out.size() < limit) {
    const std::string_view line = take_line(text);
    if (!begun) {
      begun = line.starts_with("begin ");
      continue;
    }
    if (line.empty() || line == "end") break;
    const auto value = [&](std::size_t at) {
      return at < line.size() ? (static_cast<std::uint32_t>(static_cast<unsigned char>(line[at])) - 32U) & 63U : 0U;
    };
    const std::size_t octets = std::min<std::size_t>(value(0), line.size() / 4 * 3);
    for (std::size_t i = 0; i < octets && out.size() < limit; ++i) {
      const std::size_t group = 1 + i / 3 * 4;
      const std::uint32_t bits =
          value(group) << 18U | value(group + 1) << 12U | value(group + 2) << 6U | value(group + 3);
      out += static_cast<char>((bits >> (16U - 8U * (i % 3))) & 0xFFU);
    }
  }
  return out;
}

}  // namespace anechoic::mail
