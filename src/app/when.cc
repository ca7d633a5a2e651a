// SPDX-License-Identifier: Apache-2.0
#include "app/when.h"

#include <charconv>
#include <chrono>

#include "app/config/values.h"

namespace anechoic::app {

namespace {

// Takes `digits` digits, and `behind` after them where it is not 0.
bool take(std::string_view& text, unsigned digits, char behind, int& value) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || value < 0) return false;
  text.remove_prefix(digits);
  if (behind == 0) return true;
  if (!text.starts_with(behind)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<WallTime> parse_when(std::string_view text, WallTime now) {
  if (const auto ago = config::parse_duration(text)) return now - *ago;
  const auto wrong = fail(Errc::Syntax, "write a time as 2026-11-22, 2026-11-22T06:15 (UTC), or how long ago, as 2h");
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (!take(text, 4, '-', year) || !take(text, 2, '-', month) || !take(text, 2, 0, day)) return wrong;
  if (text.starts_with('T') || text.starts_with(' ')) {
    text.remove_prefix(1);
    if (!take(text, 2, ':', hour) || !take(text, 2, 0, minute)) return wrong;
    if (text.starts_with(':')) {
      text.remove_prefix(1);
      if (!take(text, 2, 0, second)) return wrong;
    }
    if (text.starts_with('Z')) text.remove_prefix(1);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!text.empty() || !date.ok() || hour > 23 || minute > 59 || second > 59) return wrong;
  return WallTime{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                  std::chrono::seconds{second}};
}

}  // namespace anechoic::app
