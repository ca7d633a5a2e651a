// SPDX-License-Identifier: Apache-2.0
// The encoding of values in XCLIENT, XFORWARD and DSN parameters.   RFC 3461 4
//
// Errors: nullopt.   Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace anechoic::smtp {

// Any octets may come out; the caller looks at them.
[[nodiscard]] std::optional<std::string> decode_xtext(std::string_view text);
[[nodiscard]] std::string encode_xtext(std::string_view value);

}  // namespace anechoic::smtp
