// SPDX-License-Identifier: Apache-2.0
// Text of any charset as UTF-8. Never fails: what can't be read becomes U+FFFD; the result is valid UTF-8, at most
// `limit` octets, never cut inside a character.
//
// Charset names are taken as mail writes them (utf8, latin1, ks_c_5601-1987, unicode-1-1-utf-7, unknown-8bit ...); only
// the listed ones reach iconv, so no stranger picks a converter by name. An unknown charset, or one that can't be true,
// is guessed by validity: UTF-8, else windows-1252. ISO-8859-1 is read as windows-1252, as everybody does.
//
// Linear.   Threads: pure functions.                                                             RFC 2045 5.1, RFC 3629
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace anechoic::mail {

[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view charset, std::size_t limit);
// How many octets of that charset may be needed for one octet of UTF-8: 1, or 4 for UTF-16 and its like.
[[nodiscard]] std::size_t octets_for_utf8(std::string_view charset);

}  // namespace anechoic::mail
