// SPDX-License-Identifier: Apache-2.0
// Dates as messages write them: RFC 5322, its obsolete zones and two-digit years, asctime, mbox "From " lines, ISO
// 8601, and the usual mistakes. Nothing where there is no date.   Threads: pure functions.            RFC 5322 3.3, 4.3
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace anechoic::mail {

[[nodiscard]] std::optional<WallTime> parse_date(std::string_view text);
// "2026-11-22T06:10:21Z"; RFC 3339
[[nodiscard]] std::string format_rfc3339(WallTime at);

}  // namespace anechoic::mail
