// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/codes.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/ascii.h"

namespace anechoic::mail::dsn {
namespace {

// RFC 5321 4.2.3, RFC 7504, RFC 4954, and those that the world uses besides.
constexpr std::array<std::string_view, 37> kKnownCodes{
    "421", "432", "450", "451", "452", "453", "454", "455", "458", "459", "471", "500", "501",
    "502", "503", "504", "510", "511", "512", "513", "521", "523", "530", "533", "534", "535",
    "538", "541", "550", "551", "552", "553", "554", "555", "556", "557", "571"};

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && count < 4 && ascii::is_digit(text[at + count])) ++count;
  return count;
}

// The length of an enhanced status at `at`, 0 = none. Version numbers and addresses of four numbers are none.
std::size_t status_length(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '2' && text[at] != '4' && text[at] != '5')) return 0;
  if (at > 0 && (ascii::is_alnum(text[at - 1]) || text[at - 1] == '.')) return 0;
  if (at + 1 >= text.size() || text[at + 1] != '.') return 0;
  const std::size_t subject = digits_at(text, at + 2);
  if (subject == 0 || subject > 3 || at + 2 + subject >= text.size() || text[at + 2 + subject] != '.') return 0;
  if (subject > 1 || text[at + 2] > '7') return 0;
  const std::size_t detail = digits_at(text, at + 3 + subject);
  const std::size_t end = at + 3 + subject + detail;
  if (detail == 0 || detail > 3) return 0;
  if (end < text.size() && (ascii::is_alnum(text[end]) || text[end] == '_')) return 0;
  if (end + 1 < text.size() && text[end] == '.' && ascii::is_digit(text[end + 1])) return 0;
  return end - at;
}

// A place where a reply is quoted: the end of what stands before the code.
bool announces(std::string_view before) {
  while (!before.empty() &&
         (ascii::is_blank(before.back()) || before.back() == '\'' || before.back() == '"' || before.back() == '<')) {
    before.remove_suffix(1);
  }
  if (before.empty()) return true;
  constexpr std::array<std::string_view, 19> kAnnouncements{"said:",
                                                            "said",
                                                            "smtp;",
                                                            "lmtp;",
                                                            ">>>",
                                                            "<<<",
                                                            "error:",
                                                            "reply:",
                                                            "replied:",
                                                            "response:",
                                                            "returned",
                                                            "error code",
                                                            "code",
                                                            "error",
                                                            "was:",
                                                            "...",
                                                            "refused to talk to me:",
                                                            "response was",
                                                            "reason:"};
  return std::ranges::any_of(kAnnouncements,
                             [&](std::string_view word) {
                               return before.size() >= word.size() &&
                                      ascii::iequals(before.substr(before.size() - word.size()), word);
                             }) ||
         before.back() == ':' || before.back() == ';' || before.back() == '<' || before.back() == '(' ||
         before.back() == ')';
}

// "500 seconds": a number of something.
bool counts(std::string_view behind) {
  constexpr std::array<std::string_view, 11> kUnits{"second", "minute",  "hour",      "day",  "byte",     "kb",
                                                    "mb",     "message", "recipient", "time", "character"};
  return std::ranges::any_of(kUnits, [&](std::string_view unit) { return ascii::istarts_with(behind, unit); });
}

struct Candidate {
  std::size_t at = std::string_view::npos;
  int worth = 0;
};

int worth_of(std::string_view text, std::size_t at) {
  const char before = at == 0 ? ' ' : text[at - 1];
  if (ascii::is_alnum(before) || before == '.' || before == '-' || before == '@' || before == '_' || before == '/' ||
      before == '=' || before == '%')
    return 0;
  if (digits_at(text, at) != 3 || text[at + 1] > '7') return 0;
  const char after = at + 3 < text.size() ? text[at + 3] : ' ';
  if (!ascii::is_blank(after) && !std::string_view("-:,;'\".)]>#\n").contains(after)) return 0;
  if (after == '.' && at + 4 < text.size() && !ascii::is_blank(text[at + 4])) return 0;
  const bool before_status = status_length(text, std::min(at + 4, text.size())) > 0 && text[at] == text[at + 4];
  if (before_status) return 4;
  const bool known = std::ranges::find(kKnownCodes, text.substr(at, 3)) != kKnownCodes.end();
  if (announces(text.substr(0, at))) return known ? 3 : 1;
  return known && (ascii::is_blank(after) || after == '-') && !counts(text.substr(std::min(at + 4, text.size()))) ? 2
                                                                                                                  : 0;
}

}  // namespace

bool is_vague(std::string_view status) {
  return status.empty() || status.ends_with(".0.0");
}

std::string find_status(std::string_view text) {
  std::string vague;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t length = status_length(text, at);
    if (length == 0) continue;
    std::string status(text.substr(at, length));
    if (!is_vague(status)) return status;
    if (vague.empty()) vague = std::move(status);
    at += length;
  }
  return vague;
}

Codes find_codes(std::string_view text) {
  Codes codes;
  Candidate best;
  for (std::size_t at = 0; at + 3 <= text.size(); ++at) {
    if (text[at] != '4' && text[at] != '5') continue;
    const int worth = worth_of(text, at);
    if (worth > best.worth) best = {.at = at, .worth = worth};
    if (worth == 4) break;
  }
  if (best.worth > 0) {
    codes.reply_code = text.substr(best.at, 3);
    codes.status = find_status(text.substr(best.at));
    // A status of another class belongs to something else.
    if (!codes.status.empty() && codes.status[0] != codes.reply_code[0]) codes.status.clear();
  }
  if (is_vague(codes.status)) {
    std::string anywhere = find_status(text);
    if (codes.status.empty() || !is_vague(anywhere)) codes.status = std::move(anywhere);
  }
  return codes;
}

}  // namespace anechoic::mail::dsn
