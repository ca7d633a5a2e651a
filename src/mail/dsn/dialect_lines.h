// SPDX-License-Identifier: Apache-2.0
// The second half of the dialect interpreter: a recognised bounce's lines, one after the other.
// Total, linear.   Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "mail/dsn/dialect.h"

namespace anechoic::mail::dsn {

namespace rules {
struct Dialect;
}

// Between whom the bounce itself goes.
struct Correspondents {
  std::string from;
  std::string to;
};

// Fills recipients, before, after and original_line of `reading`. An offer to write to the sender of the bounce names
// no failing recipient.
void read_lines(const rules::Dialect& dialect, std::string_view text, const Correspondents& own,
                DialectReading& reading);

// Is this line one that returned messages begin behind, in any dialect?
[[nodiscard]] bool begins_original(std::string_view folded_line);

}  // namespace anechoic::mail::dsn
