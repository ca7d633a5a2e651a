// SPDX-License-Identifier: Apache-2.0
// The values that settings are written in, beyond what TOML knows: sizes ("50M") and durations ("5m", "1h30m").
// Errors: Syntax, Limit; the detail says what is accepted. Any bytes may be parsed.   Threads: pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::config {

// Octets: a number, or a number with K, M, G or T behind it (powers of 1024).
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);
// The shortest text that parse_size() reads back as the same number.
[[nodiscard]] std::string size_text(std::uint64_t octets);

// One or more numbers with their units: ms, s, m, h, d. At most kLongest.
inline constexpr std::chrono::milliseconds kLongest = std::chrono::days(3660);
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);  // REQUIRES: not negative

// How many letters must be put in, taken out or changed to make one word of the other (case does not count).
[[nodiscard]] unsigned edit_distance(std::string_view a, std::string_view b);

}  // namespace anechoic::config
