// SPDX-License-Identifier: Apache-2.0
// What z= of a signature tells of the header as it was signed: which fields are not as they were. It is not signed more
// than other tags, and is for people: a reason, never a result.   Threads: pure.                     RFC 6376 3.5 (z=)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/header_block.h"

namespace anechoic::auth::dkim {

// Names of copied fields of which no signed field has the same text (blanks apart), as written there, printable; at
// most kMostChanged.
inline constexpr std::size_t kMostChanged = 3;
[[nodiscard]] std::vector<std::string> changed_fields(std::string_view copied,
                                                      const std::vector<const mail::Field*>& signed_fields);

}  // namespace anechoic::auth::dkim
