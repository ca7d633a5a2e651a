// SPDX-License-Identifier: Apache-2.0
// The drawings of the report, as SVG and HTML without a script; colours are the page's classes.   Threads: pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "doors/mailbox/findings.h"

namespace anechoic::desk {

// Columns over time, one piece for each origin; "" if nothing has a date.
[[nodiscard]] std::string time_line(const triage::Findings& findings);

struct Bar {
  std::string label;  // not escaped
  std::uint64_t count = 0;
  std::string colour;  // class: false, ours, unknown, other
  std::string note;    // behind the count
};
// Horizontal bars with their counts, the longest as wide as the place.
[[nodiscard]] std::string bars(const std::vector<Bar>& rows);

}  // namespace anechoic::desk
