// SPDX-License-Identifier: Apache-2.0
#include "app/config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace anechoic::config {

namespace {

constexpr std::string_view kSizeHelp = "write a number of octets, or one with K, M, G or T behind it, as \"50M\"";
constexpr std::string_view kDurationHelp = "write numbers with their units ms, s, m, h or d, as \"90s\" or \"1h30m\"";

// Takes the digits at the front of `text`.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

struct Unit {
  std::string_view name;
  std::uint64_t worth;
};

constexpr std::array<Unit, 5> kSizes{{{"T", 1ULL << 40}, {"G", 1ULL << 30}, {"M", 1ULL << 20}, {"K", 1024}, {"", 1}}};
// "ms" stands before "m", so that the longer unit is seen first.
constexpr std::array<Unit, 5> kDurations{{{"d", 86'400'000}, {"h", 3'600'000}, {"ms", 1}, {"m", 60'000}, {"s", 1'000}}};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  std::string_view rest = text;
  if (!take_number(rest, number)) return fail(Errc::Syntax, std::string(kSizeHelp));
  for (const Unit& unit : kSizes) {
    if (rest != unit.name) continue;
    // Settings live in TOML integers and in off_t, both of which are signed.
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.worth)
      return fail(Errc::Limit, "that is more octets than a file can have");
    return number * unit.worth;
  }
  return fail(Errc::Syntax, std::string(kSizeHelp));
}

std::string size_text(std::uint64_t octets) {
  for (const Unit& unit : kSizes)
    if (octets != 0 && octets % unit.worth == 0) return std::to_string(octets / unit.worth) + std::string(unit.name);
  return std::to_string(octets);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  if (text.empty()) return fail(Errc::Syntax, std::string(kDurationHelp));
  constexpr auto kMost = static_cast<std::uint64_t>(kLongest.count());
  std::uint64_t sum = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    if (!take_number(text, number)) return fail(Errc::Syntax, std::string(kDurationHelp));
    const auto* const unit = std::ranges::find_if(kDurations, [&](const Unit& u) { return text.starts_with(u.name); });
    if (unit == kDurations.end()) return fail(Errc::Syntax, std::string(kDurationHelp));
    text.remove_prefix(unit->name.size());
    if (number > kMost / unit->worth || sum + number * unit->worth > kMost)
      return fail(Errc::Limit, "that is longer than ten years");
    sum += number * unit->worth;
  }
  return std::chrono::milliseconds(sum);
}

std::string duration_text(std::chrono::milliseconds duration) {
  auto left = static_cast<std::uint64_t>(duration.count());
  if (left == 0) return "0s";
  std::string text;
  for (const std::string_view name : {"d", "h", "m", "s", "ms"}) {
    const std::uint64_t worth = std::ranges::find(kDurations, name, &Unit::name)->worth;
    if (left < worth) continue;
    text += std::to_string(left / worth) + std::string(name);
    left %= worth;
  }
  return text;
}

unsigned edit_distance(std::string_view a, std::string_view b) {
  std::vector<unsigned> row(b.size() + 1);
  for (unsigned j = 0; j <= b.size(); ++j) row[j] = j;
  for (unsigned i = 1; i <= a.size(); ++i) {
    unsigned diagonal = row[0];
    row[0] = i;
    for (unsigned j = 1; j <= b.size(); ++j) {
      const unsigned changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace anechoic::config
