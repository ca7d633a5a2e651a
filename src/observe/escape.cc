// SPDX-License-Identifier: Apache-2.0
#include "observe/escape.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/utf8.h"

namespace anechoic::observe {

namespace {

bool is_plain(char c) {
  return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

// Of two octets or more, and valid.
bool is_visible(std::string_view character) {
  std::uint32_t point = static_cast<unsigned char>(character[0]) & (0xFFU >> (character.size() + 1));
  for (const char c : character.substr(1)) point = point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  struct Range {
    std::uint32_t from;
    std::uint32_t until;
  };
  // C1 controls, soft hyphen, direction marks, line separators, joiners and other characters without a shape, private
  // use, tags.
  static constexpr std::array<Range, 13> kHidden = {{{0x80, 0x9F},
                                                     {0xAD, 0xAD},
                                                     {0x61C, 0x61C},
                                                     {0x180E, 0x180E},
                                                     {0x200B, 0x200F},
                                                     {0x2028, 0x202E},
                                                     {0x2060, 0x206F},
                                                     {0xE000, 0xF8FF},
                                                     {0xFEFF, 0xFEFF},
                                                     {0xFFF0, 0xFFFB},
                                                     {0xFFFE, 0xFFFF},
                                                     {0x1D173, 0x1D17A},
                                                     {0xE0000, 0x10FFFF}}};
  return std::ranges::none_of(kHidden,
                              [point](const Range& range) { return point >= range.from && point <= range.until; });
}

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '"':
    case '\\':
      out += '\\';
      out += c;
      return;
    default:
      break;
  }
  const auto octet = static_cast<unsigned char>(c);
  if (octet >= 0x20 && octet < 0x7f) {
    out += c;
    return;
  }
  out += "\\x";
  out += kHex[octet >> 4U];
  out += kHex[octet & 15U];
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '"') {
      out += c;
    } else {
      append_escaped(out, c);
    }
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8::character_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length > 1 && is_visible(character)) {
      out += character;
    } else {
      for (const char c : character) out += escape(std::string_view(&c, 1));
    }
    text.remove_prefix(character.size());
  }
  return out;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) append_escaped(out, c);
  return out + '"';
}

std::string quote_if_needed(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_plain) ? std::string(text) : quote(text);
}

}  // namespace anechoic::observe
