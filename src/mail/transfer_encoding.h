// SPDX-License-Identifier: Apache-2.0
// Takes base64, quoted-printable and uuencode off. Forgiving: what is no part of the encoding is skipped or kept as it
// stands, never an error.
//
// Total, linear, at most `limit` octets of result.   Threads: pure functions.              RFC 2045 6.7, 6.8, RFC 2047
// 4
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace anechoic::mail {

// Padding ends it, unless the next line is base64 again (mailers that encode line by line).
[[nodiscard]] std::string decode_base64(std::string_view text, std::size_t limit);
[[nodiscard]] std::string decode_quoted_printable(std::string_view text, std::size_t limit);
// The Q encoding of header words: '_' is a space, no soft line ends.
[[nodiscard]] std::string decode_q(std::string_view text, std::size_t limit);
// From the first `begin` line; "" without one.
[[nodiscard]] std::string decode_uuencode(std::string_view text, std::size_t limit);

}  // namespace anechoic::mail
