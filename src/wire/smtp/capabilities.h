// SPDX-License-Identifier: Apache-2.0
// What a backend offers, read from its reply to EHLO or LHLO. Unknown keywords are ignored (RULES R4).
// Any text may be parsed.   Threads: values.                                             RFC 5321 4.1.1.1, RFC 1870 3
#pragma once

#include <string_view>

#include "wire/smtp/backend_dialogue.h"

namespace anechoic::smtp {

// `text`: the reply's lines parted by '\n'; the first one is the server's name.
[[nodiscard]] Capabilities parse_capabilities(std::string_view text);

// Does the list of XFORWARD attributes in Capabilities::xforward have this one (in capitals)?
[[nodiscard]] bool has_attribute(std::string_view list, std::string_view name);

}  // namespace anechoic::smtp
