// SPDX-License-Identifier: Apache-2.0
#include "desk/triage_report/html.h"

#include <array>
#include <cstdio>

#include "base/utf8.h"

namespace anechoic::desk {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::size_t length_of(char first) {
  const auto octet = static_cast<unsigned char>(first);
  if (octet < 0x80) return 1;
  if (octet < 0xE0) return 2;
  return octet < 0xF0 ? 3 : 4;
}

// U+0080..9F; U+200B..F, U+202A..E and U+2066..9 hide or turn text.
bool is_deceiving(std::string_view character) {
  if (character.size() == 2) return character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0;
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  if (second == 0x80) return (third >= 0x8B && third <= 0x8F) || (third >= 0xAA && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\'':
      out += "&#39;";
      return;
    case '\t':
    case '\n':
      out += ' ';
      return;
    default:
      if (c < ' ' || c == 127)
        out += kReplacement;
      else
        out += c;
  }
}

std::string formatted(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

std::string escape_html(std::string_view text, std::size_t most) {
  std::string out;
  bool cut = false;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, length_of(text.front()));
    if (out.size() + character.size() > most) {
      cut = true;
      break;
    }
    if (!utf8::is_valid(character)) {
      out += kReplacement;
      text.remove_prefix(1);
      continue;
    }
    if (character.size() == 1)
      append_escaped(out, character.front());
    else
      out += is_deceiving(character) ? kReplacement : character;
    text.remove_prefix(character.size());
  }
  return cut ? out + "…" : out;
}

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0 || part == 0) return "0 %";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (share < 0.1) return "under 0.1 %";
  return formatted(share < 10 && part != whole ? "%.1f %%" : "%.0f %%", share);
}

std::string day_and_time(WallTime at) {
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::minutes>(at - days));
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()));
  return text.data();
}

std::string day(WallTime at) {
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         kMonths[(static_cast<unsigned>(date.month()) + 11) % 12] + " " + std::to_string(static_cast<int>(date.year()));
}

}  // namespace anechoic::desk
