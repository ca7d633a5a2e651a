// SPDX-License-Identifier: Apache-2.0
#include "mail/charset_shift.h"

#include <array>
#include <cstdint>

namespace anechoic::mail {
namespace {

enum class Set : std::uint8_t { Ascii, Two, Kana, Supplement };

struct Escape {
  std::string_view text;  // behind ESC
  Set set;
};
constexpr std::array kEscapes = {
    Escape{"$B", Set::Two},   Escape{"$@", Set::Two},   Escape{"$(B", Set::Two},  Escape{"$(D", Set::Supplement},
    Escape{"(B", Set::Ascii}, Escape{"(J", Set::Ascii}, Escape{"(H", Set::Ascii}, Escape{"(I", Set::Kana},
};

bool is_graphic(char c) {
  return c > ' ' && c < 127;
}

char high(char c) {
  return static_cast<char>(static_cast<unsigned char>(c) | 0x80U);
}

}  // namespace

std::string iso_2022_jp_as_euc(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  Set set = Set::Ascii;
  for (std::size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    if (c == '\x1B') {
      const std::string_view behind = bytes.substr(i + 1);
      bool known = false;
      for (const Escape& escape : kEscapes) {
        if (known || !behind.starts_with(escape.text)) continue;
        set = escape.set;
        i += 1 + escape.text.size();
        known = true;
      }
      if (known) continue;
    }
    if (c == '\n' || c == '\r') set = Set::Ascii;  // RFC 1468: no line ends shifted
    const bool pair = (set == Set::Two || set == Set::Supplement) && i + 1 < bytes.size() && is_graphic(c) &&
                      is_graphic(bytes[i + 1]);
    if (pair) {
      if (set == Set::Supplement) out += '\x8F';
      out += high(c);
      out += high(bytes[i + 1]);
      i += 2;
      continue;
    }
    if (set == Set::Kana && is_graphic(c)) {
      out += '\x8E';
      out += high(c);
    } else {
      out += c;
    }
    ++i;
  }
  return out;
}

std::string hz_as_gb18030(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  bool shifted = false;
  for (std::size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    const char next = i + 1 < bytes.size() ? bytes[i + 1] : '\0';
    if (c == '~' && (next == '{' || next == '}' || next == '~' || next == '\n')) {
      if (next == '~') out += '~';
      if (next == '{' || next == '}') shifted = next == '{';
      i += 2;
      continue;
    }
    if (c == '\n') shifted = false;
    if (shifted && is_graphic(c) && is_graphic(next)) {
      out += high(c);
      out += high(next);
      i += 2;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

}  // namespace anechoic::mail
