// SPDX-License-Identifier: Apache-2.0
// Points in time as they are typed: "2026-11-22", "2026-11-22T06:15", "2026-11-22T06:15:00Z" (UTC), or how long ago:
// "2h", "30m". Errors: Syntax, with what is accepted.   Threads: pure.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace anechoic::app {

[[nodiscard]] Result<WallTime> parse_when(std::string_view text, WallTime now);

}  // namespace anechoic::app
