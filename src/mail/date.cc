// SPDX-License-Identifier: Apache-2.0
// The words of a date are told apart by what they look like, not by where they stand: mailers put them in any order.
#include "mail/date.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kMaxText = 200;

struct Zone {
  std::string_view name;
  int minutes;
};
// Those of RFC 5322 4.3, and others that mailers write.
constexpr std::array kZones = {
    Zone{"ut", 0},      Zone{"utc", 0},     Zone{"gmt", 0},    Zone{"z", 0},      Zone{"est", -300}, Zone{"edt", -240},
    Zone{"cst", -360},  Zone{"cdt", -300},  Zone{"mst", -420}, Zone{"mdt", -360}, Zone{"pst", -480}, Zone{"pdt", -420},
    Zone{"akst", -540}, Zone{"akdt", -480}, Zone{"hst", -600}, Zone{"wet", 0},    Zone{"west", 60},  Zone{"bst", 60},
    Zone{"cet", 60},    Zone{"met", 60},    Zone{"cest", 120}, Zone{"mest", 120}, Zone{"mez", 60},   Zone{"mesz", 120},
    Zone{"eet", 120},   Zone{"eest", 180},  Zone{"msk", 180},  Zone{"msd", 240},  Zone{"sast", 120}, Zone{"hkt", 480},
    Zone{"sgt", 480},   Zone{"awst", 480},  Zone{"jst", 540},  Zone{"kst", 540},  Zone{"aest", 600}, Zone{"aedt", 660},
    Zone{"nzst", 720},  Zone{"nzdt", 780},
};

struct Parts {
  std::optional<int> year;
  std::optional<unsigned> month;
  std::optional<unsigned> day;
  std::optional<std::chrono::microseconds> time;
  int zone = 0;  // minutes east
  bool has_zone = false;
  bool month_first = false;  // it stood before the day
};

std::optional<unsigned> number(std::string_view text) {
  return text.size() > 9 ? std::nullopt : ascii::parse_number<unsigned>(text);
}

std::optional<unsigned> month_of(std::string_view word) {
  constexpr std::array<std::string_view, 12> kNames{"jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
  if (word.size() < 3) return std::nullopt;
  for (unsigned i = 0; i < kNames.size(); ++i) {
    if (ascii::istarts_with(word, kNames[i])) return i + 1;
  }
  return std::nullopt;
}

// Two digits: 00 to 49 are 2000 and later; three: since 1900.   RFC 5322 4.3
int full_year(unsigned value, std::size_t digits) {
  if (digits <= 2) return static_cast<int>(value) + (value < 50 ? 2000 : 1900);
  if (digits == 3) return static_cast<int>(value) + 1900;
  return static_cast<int>(value);
}

// "hh:mm[:ss[.fraction]]"; also with dots for colons.
std::optional<std::chrono::microseconds> time_of(std::string_view word) {
  std::array<unsigned, 3> values{};
  std::size_t count = 0;
  std::string_view rest = word;
  while (count < 3 && !rest.empty()) {
    const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const auto value = number(rest.substr(0, end));
    if (!value || end > 2) return std::nullopt;
    values[count++] = *value;
    rest.remove_prefix(end);
    if (rest.empty() || count == 3) break;
    if (rest.front() != ':' && rest.front() != '.') return std::nullopt;
    rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
  }
  if (count < 2 || values[0] > 23 || values[1] > 59 || values[2] > 60) return std::nullopt;
  std::chrono::microseconds time =
      std::chrono::hours(values[0]) + std::chrono::minutes(values[1]) + std::chrono::seconds(std::min(values[2], 59U));
  if (rest.empty()) return time;
  if (rest.front() != '.' && rest.front() != ',') return std::nullopt;
  const std::string_view fraction = rest.substr(1);
  if (fraction.empty() || !std::ranges::all_of(fraction, ascii::is_digit)) return std::nullopt;
  std::int64_t micros = 0;
  for (std::size_t i = 0; i < 6; ++i) micros = micros * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return time + std::chrono::microseconds(micros);
}

// "+hhmm", "-hh:mm", "+hh".
std::optional<int> offset_of(std::string_view word) {
  if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) return std::nullopt;
  std::string digits;
  for (const char c : word.substr(1)) {
    if (c != ':') digits += c;
  }
  if (digits.size() == 1 || digits.size() == 3) digits.insert(0, "0");
  const auto value = number(digits);
  if (!value || digits.size() > 4) return std::nullopt;
  const unsigned minutes = digits.size() == 2 ? *value * 60 : *value / 100 * 60 + *value % 100;
  if (minutes > 24 * 60) return std::nullopt;
  return word[0] == '-' ? -static_cast<int>(minutes) : static_cast<int>(minutes);
}

void set_zone(Parts& parts, int minutes) {
  if (parts.has_zone) return;
  parts.zone = minutes;
  parts.has_zone = true;
}

// "2026-11-22", "2026/11/22", "22-Nov-2026", "22/Nov/26", "22.11.2026".
bool read_whole_date(std::string_view word, Parts& parts) {
  const char separator = word.contains('-') ? '-' : word.contains('/') ? '/' : '.';
  const std::size_t first = word.find(separator);
  const std::size_t second = first == std::string_view::npos ? first : word.find(separator, first + 1);
  if (second == std::string_view::npos || first == 0) return false;
  const std::string_view a = word.substr(0, first);
  const std::string_view b = word.substr(first + 1, second - first - 1);
  const std::string_view c = word.substr(second + 1);
  const auto month = month_of(b);
  const bool year_first = a.size() == 4 && !month;
  const auto year = number(year_first ? a : c);
  const auto day = number(year_first ? c : a);
  const bool by_number = year_first || (separator == '.' && c.size() == 4);
  if (!year || !day || (!month && !(by_number && number(b)))) return false;
  parts.year = full_year(*year, year_first ? a.size() : c.size());
  parts.month = month ? month : number(b);
  parts.day = day;
  return true;
}

void read_number(std::string_view word, Parts& parts) {
  const auto value = number(word);
  if (!value) return;
  const bool can_be_day = (word.size() <= 2 || word.starts_with('0')) && *value >= 1 && *value <= 31;
  if (!parts.day && can_be_day) {
    parts.day = value;
  } else if (!parts.year && (word.size() == 4 || (parts.day && parts.month && word.size() >= 2 && word.size() <= 3))) {
    parts.year = full_year(*value, word.size());
  }
}

// A time with its zone glued to it: "10:20:30Z", "10:20:30+02:00", "10:20:30GMT".
bool read_time(std::string_view word, Parts& parts) {
  if (!word.contains(':') && !parts.day) return false;
  const std::size_t end = std::min(word.find_first_not_of("0123456789:.,"), word.size());
  const auto time = time_of(word.substr(0, end));
  if (!time || parts.time) return false;
  parts.time = time;
  const std::string_view rest = word.substr(end);
  if (const auto offset = offset_of(rest)) {
    set_zone(parts, *offset);
  } else if (const auto zone =
                 std::ranges::find_if(kZones, [&](const Zone& z) { return ascii::iequals(z.name, rest); });
             zone != kZones.end()) {
    set_zone(parts, zone->minutes);
  } else if (ascii::iequals(rest, "pm") && *time < std::chrono::hours(12)) {
    *parts.time += std::chrono::hours(12);
  }
  return true;
}

void read_word(std::string_view word, Parts& parts) {
  if (ascii::is_digit(word.front())) {
    // ISO 8601 joins date and time.
    const std::size_t joint = word.find_first_of("Tt");
    if (joint != std::string_view::npos && read_whole_date(word.substr(0, joint), parts)) {
      read_time(word.substr(joint + 1), parts);
    } else if (!read_time(word, parts) && !read_whole_date(word, parts)) {
      read_number(word, parts);
    }
    return;
  }
  if (const auto offset = offset_of(word); offset && parts.time) {
    parts.has_zone = false;  // a number behind a name is the better word
    set_zone(parts, *offset);
    return;
  }
  if (parts.time && (ascii::iequals(word, "am") || ascii::iequals(word, "pm"))) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(*parts.time).count();
    if (ascii::iequals(word, "pm") && hours < 12) *parts.time += std::chrono::hours(12);
    if (ascii::iequals(word, "am") && hours == 12) *parts.time -= std::chrono::hours(12);
    return;
  }
  if (const auto month = month_of(word); month && (!parts.month || (parts.month_first && parts.day))) {
    parts.month = month;  // "mar, 22 nov": the first was a weekday
    parts.month_first = !parts.day;
  }
  const std::string_view name = word.substr(0, word.find_first_of("+-"));
  const auto zone = std::ranges::find_if(kZones, [&](const Zone& z) { return ascii::iequals(z.name, name); });
  if (zone == kZones.end() || !parts.time) return;
  const auto offset = offset_of(word.substr(name.size()));  // "GMT+0200"
  set_zone(parts, offset ? *offset : zone->minutes);
}

}  // namespace

std::optional<WallTime> parse_date(std::string_view text) {
  text = text.substr(0, kMaxText);
  if (text.starts_with("From ")) text.remove_prefix(std::min(text.find(' ', 5), text.size()));
  Parts parts;
  constexpr std::string_view kSeparators = " \t\r\n,;()\"[]";
  std::size_t depth = 0;
  while (!text.empty()) {
    const std::size_t skip = std::min(text.find_first_not_of(kSeparators), text.size());
    for (const char c : text.substr(0, skip)) {
      if (c == '(') ++depth;
      if (c == ')' && depth != 0) --depth;
    }
    text.remove_prefix(skip);
    const std::size_t end = std::min(text.find_first_of(kSeparators), text.size());
    // A comment names the zone at most: "(CEST)".
    if (end != 0 && (depth == 0 || !parts.has_zone)) read_word(text.substr(0, end), parts);
    text.remove_prefix(end);
  }
  if (!parts.year || !parts.month || !parts.day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*parts.year), std::chrono::month(*parts.month),
                                         std::chrono::day(*parts.day)};
  if (!date.ok() || *parts.year < 1900 || *parts.year > 9999) return std::nullopt;
  return WallTime(std::chrono::sys_days(date)) + parts.time.value_or(std::chrono::microseconds(0)) -
         std::chrono::minutes(parts.zone);
}

std::string format_rfc3339(WallTime at) {
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - days));
  const auto padded = [](auto value, std::size_t width) {
    std::string digits = std::to_string(value);
    return digits.size() < width ? digits.insert(0, width - digits.size(), '0') : digits;
  };
  return padded(static_cast<int>(date.year()), 4) + "-" + padded(static_cast<unsigned>(date.month()), 2) + "-" +
         padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(time.hours().count(), 2) + ":" +
         padded(time.minutes().count(), 2) + ":" + padded(time.seconds().count(), 2) + "Z";
}

}  // namespace anechoic::mail
