// SPDX-License-Identifier: Apache-2.0
// What every body that leaves a reader holds to, for tests and fuzz targets.
#pragma once

#include <string_view>

namespace anechoic::testing {

// No NUL, no bare CR or LF; if `whole`, the last line ends too.
[[nodiscard]] inline bool has_right_line_ends(std::string_view body, bool whole) {
  if (whole && !body.empty() && !body.ends_with("\r\n")) return false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\0') return false;
    if (body[i] == '\r' && (i + 1 == body.size() || body[i + 1] != '\n')) return false;
    if (body[i] == '\n' && (i == 0 || body[i - 1] != '\r')) return false;
  }
  return true;
}

}  // namespace anechoic::testing
