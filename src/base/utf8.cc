// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace anechoic::utf8 {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// How many octets below 0x80 `text` begins with.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t length = 0;
  std::uint64_t some = 0;
  while (text.size() - length >= sizeof(some)) {
    std::memcpy(&some, text.data() + length, sizeof(some));
    if ((some & 0x8080808080808080U) != 0) break;
    length += sizeof(some);
  }
  while (length < text.size() && static_cast<unsigned char>(text[length]) < 0x80U) ++length;
  return length;
}

}  // namespace

// RFC 3629 4
std::size_t character_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const std::uint32_t first = at(0);
  if (first < 0x80U) return 1;
  std::size_t length = 0;
  std::uint32_t low = 0x80U;
  std::uint32_t high = 0xBFU;
  if (first >= 0xC2U && first <= 0xDFU) {
    length = 2;
  } else if (first >= 0xE0U && first <= 0xEFU) {
    length = 3;
    if (first == 0xE0U) low = 0xA0U;   // overlong
    if (first == 0xEDU) high = 0x9FU;  // surrogates
  } else if (first >= 0xF0U && first <= 0xF4U) {
    length = 4;
    if (first == 0xF0U) low = 0x90U;   // overlong
    if (first == 0xF4U) high = 0x8FU;  // above U+10FFFF
  } else {
    return 0;
  }
  if (text.size() < length || at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return length;
}

bool is_valid(std::string_view text) {
  while (!text.empty()) {
    std::size_t length = ascii_prefix(text);
    if (length == 0) length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_c1_control(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) == 0xC2U && static_cast<unsigned char>(text[i + 1]) < 0xA0U) return true;
  }
  return false;
}

std::string_view cut(std::string_view text, std::size_t octets) {
  if (text.size() <= octets) return text;
  while (octets > 0 && is_continuation(text[octets])) --octets;
  return text.substr(0, octets);
}

}  // namespace anechoic::utf8
