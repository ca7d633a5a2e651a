// SPDX-License-Identifier: Apache-2.0
#include "observe/escape.h"

#include <algorithm>

namespace anechoic::observe {

namespace {

bool is_plain(char c) {
  return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
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

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) append_escaped(out, c);
  return out + '"';
}

std::string quote_if_needed(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_plain) ? std::string(text) : quote(text);
}

}  // namespace anechoic::observe
