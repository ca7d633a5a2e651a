// SPDX-License-Identifier: Apache-2.0
// The small parts of a page: escaped text, numbers and dates as people read them.   Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace anechoic::desk {

// Safe in text and in quoted attributes of HTML and SVG. What is no UTF-8, controls, and characters that turn the
// direction of text become U+FFFD; at most `most` octets, then an ellipsis.
[[nodiscard]] std::string escape_html(std::string_view text, std::size_t most = 300);

[[nodiscard]] std::string with_commas(std::uint64_t number);                 // 2,039
[[nodiscard]] std::string percent(std::uint64_t part, std::uint64_t whole);  // "73 %", "0.4 %", "<0.1 %"
[[nodiscard]] std::string day_and_time(WallTime at);                         // "2026-11-22 06:15" (UTC)
[[nodiscard]] std::string day(WallTime at);                                  // "22 Nov 2026"

}  // namespace anechoic::desk
