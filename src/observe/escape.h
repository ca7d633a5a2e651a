// SPDX-License-Identifier: Apache-2.0
// Text from the network, made harmless for a line of a log or a terminal. The result (of all but printable) is
// printable ASCII only: control characters, quotes, backslashes and all octets above 126 are written as \n, \t, \r, \",
// \\ or \xHH. Threads: pure.
#pragma once

#include <string>
#include <string_view>

namespace anechoic::observe {

// As it is when it needs no quoting (no space, quote, backslash, '=', control or octet above 126, and not empty), else
// in double quotes and escaped. Reading it back by \-escapes gives the same bytes.
[[nodiscard]] std::string quote_if_needed(std::string_view text);

// In double quotes and escaped, always.
[[nodiscard]] std::string quote(std::string_view text);

// Escaped, for where no quotes stand around it: spaces and quotes stay.
[[nodiscard]] std::string escape(std::string_view text);

// For people: as escape(), but UTF-8 stays, other than controls, invisible characters and those that change the
// direction of what follows, of which each octet is written \xHH.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace anechoic::observe
