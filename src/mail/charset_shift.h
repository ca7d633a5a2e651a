// SPDX-License-Identifier: Apache-2.0
// Charsets that write Japanese or Chinese in seven bits, between shifts, as the eight-bit charsets of the same
// characters: those have the vendors' characters (circled digits, for one) that mail is full of and iconv's own
// converters refuse.
//
// Total, linear; at most twice as long.   Threads: pure functions.                                  RFC 1468, RFC 1843
#pragma once

#include <string>
#include <string_view>

namespace anechoic::mail {

[[nodiscard]] std::string iso_2022_jp_as_euc(std::string_view bytes);
[[nodiscard]] std::string hz_as_gb18030(std::string_view bytes);

}  // namespace anechoic::mail
