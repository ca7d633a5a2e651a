// SPDX-License-Identifier: Apache-2.0
#include "desk/triage_report/chart.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "desk/triage_report/html.h"

namespace anechoic::desk {
namespace {

using triage::Origin;
using Counts = std::array<std::uint64_t, triage::kOrigins>;

constexpr double kWidth = 1000;
constexpr double kHeight = 240;
constexpr double kLeft = 56;
constexpr double kBottom = 28;
constexpr double kTop = 8;
constexpr std::size_t kMostColumns = 120;
constexpr std::size_t kTicks = 6;
// Hours of a column: hour, 3, 6, 12, day, 2 days, week, 4 weeks, about a quarter, a year.
constexpr std::array<std::int64_t, 10> kSteps = {1, 3, 6, 12, 24, 48, 168, 672, 2184, 8736};

struct Piece {
  Origin origin;
  const char* colour;
  const char* label;
};
// From the bottom up.
constexpr std::array<Piece, 4> kPieces = {{{Origin::NotOurs, "false", "false"},
                                           {Origin::Unknown, "unknown", "not certain"},
                                           {Origin::Ours, "ours", "of your mail"},
                                           {Origin::None, "other", "other mail"}}};

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

WallTime time_of(std::int64_t hour) {
  return WallTime(std::chrono::hours(hour));
}

std::uint64_t sum(const Counts& counts) {
  return counts[0] + counts[1] + counts[2] + counts[3];
}

// A few messages with absurd dates must not squeeze all others into one column: the span holds all but 0.5 % at each
// end.
std::pair<std::int64_t, std::int64_t> span_of(const triage::Findings& findings) {
  std::uint64_t all = 0;
  for (const auto& [hour, counts] : findings.hours) all += sum(counts);
  const std::uint64_t spare = all / 200;
  std::uint64_t seen = 0;
  std::int64_t first = findings.hours.begin()->first;
  std::int64_t last = findings.hours.rbegin()->first;
  for (const auto& [hour, counts] : findings.hours) {
    first = hour;
    if ((seen += sum(counts)) > spare) break;
  }
  seen = 0;
  for (auto entry = findings.hours.rbegin(); entry != findings.hours.rend(); ++entry) {
    last = entry->first;
    if ((seen += sum(entry->second)) > spare) break;
  }
  return {first, last};
}

// A round number not below `value`, of which a quarter is a whole one.
std::uint64_t round_up(std::uint64_t value) {
  for (std::uint64_t power = 1;; power *= 10)
    for (const std::uint64_t factor : {4U, 8U, 12U, 16U, 20U, 24U, 28U, 32U, 40U})
      if (power * factor >= value) return power * factor;
}

std::string grid(std::uint64_t most) {
  std::string svg;
  for (int line = 0; line <= 4; ++line) {
    const double y = kTop + (kHeight - kTop - kBottom) * (1 - line / 4.0);
    svg += "<line class=\"grid\" x1=\"" + number(kLeft) + "\" x2=\"" + number(kWidth) + "\" y1=\"" + number(y) +
           "\" y2=\"" + number(y) + "\"/><text class=\"axis\" text-anchor=\"end\" x=\"" + number(kLeft - 8) +
           "\" y=\"" + number(y + 4) + "\">" + with_commas(most * static_cast<std::uint64_t>(line) / 4) + "</text>";
  }
  return svg;
}

std::string column(const Counts& counts, double x, double width, std::uint64_t most, const std::string& when) {
  std::string svg = "<g>";
  std::string title = when;
  double y = kHeight - kBottom;
  for (const auto& [origin, colour, label] : kPieces) {
    const std::uint64_t count = counts[static_cast<std::size_t>(origin)];
    if (count == 0) continue;
    const double height = static_cast<double>(count) * (kHeight - kTop - kBottom) / static_cast<double>(most);
    y -= height;
    svg += "<rect class=\"" + std::string(colour) + "\" x=\"" + number(x) + "\" width=\"" + number(width) + "\" y=\"" +
           number(y) + "\" height=\"" + number(std::max(height, origin == Origin::Ours ? 2.0 : 0.6)) + "\"/>";
    title += ": " + with_commas(count) + " " + label;
  }
  return svg + "<title>" + title + "</title></g>";
}

}  // namespace

std::string time_line(const triage::Findings& findings) {
  if (findings.hours.empty()) return "";
  const auto [first, last] = span_of(findings);
  std::int64_t step = kSteps.back();
  for (const std::int64_t candidate : kSteps) {
    if (static_cast<std::size_t>((last - first) / candidate) >= kMostColumns) continue;
    step = candidate;
    break;
  }
  const std::int64_t begin = first - (first % step + step) % step;
  const auto columns = std::min<std::size_t>(static_cast<std::size_t>((last - begin) / step) + 1, 400);
  std::vector<Counts> heights(columns);
  for (const auto& [hour, counts] : findings.hours) {
    if (hour < begin) continue;
    const auto index = static_cast<std::size_t>((hour - begin) / step);
    if (index >= columns) continue;
    for (std::size_t origin = 0; origin < counts.size(); ++origin) heights[index][origin] += counts[origin];
  }
  std::uint64_t most = 1;
  for (const Counts& counts : heights) most = std::max(most, sum(counts));
  most = round_up(most);

  const double slot = (kWidth - kLeft) / static_cast<double>(columns);
  const double gap = std::min(slot * 0.15, 4.0);
  std::string svg = "<svg viewBox=\"0 0 " + number(kWidth) + " " + number(kHeight) +
                    "\" role=\"img\" aria-label=\"Messages over time\">" + grid(most);
  for (std::size_t index = 0; index < columns; ++index) {
    const std::int64_t hour = begin + static_cast<std::int64_t>(index) * step;
    const double x = kLeft + slot * static_cast<double>(index);
    if (sum(heights[index]) > 0) {
      const std::string when = step < 24 ? day_and_time(time_of(hour)) : day(time_of(hour));
      svg += column(heights[index], x + gap / 2, slot - gap, most, when);
    }
    const std::size_t every = std::max<std::size_t>((columns + kTicks - 1) / kTicks, 1);
    if (index % every == 0 && x < kWidth - 70)
      svg += "<text class=\"axis\" x=\"" + number(x) + "\" y=\"" + number(kHeight - 8) + "\">" +
             (last - first < 48 ? day_and_time(time_of(hour)).substr(11) : day(time_of(hour))) + "</text>";
  }
  return svg + "</svg>";
}

std::string bars(const std::vector<Bar>& rows) {
  std::uint64_t most = 1;
  for (const Bar& row : rows) most = std::max(most, row.count);
  std::string html = "<div class=\"bars\">";
  for (const Bar& row : rows) {
    const double share = 100.0 * static_cast<double>(row.count) / static_cast<double>(most);
    html += "<div class=\"bar\"><span class=\"label\">" + escape_html(row.label, 120) +
            "</span><span class=\"track\"><span class=\"fill " + row.colour +
            "\" style=\"width:" + number(std::max(share, 0.5)) + "%\"></span></span><span class=\"count\">" +
            with_commas(row.count) + "<small>" + escape_html(row.note) + "</small></span></div>";
  }
  return html + "</div>";
}

}  // namespace anechoic::desk
