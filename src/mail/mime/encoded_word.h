// SPDX-License-Identifier: Apache-2.0
// Header text for people and for matching: RFC 2047 encoded words decoded, raw 8-bit read as UTF-8 or guessed; and the
// charset conversion under it. Never fails: what can't be read becomes U+FFFD. Output is valid UTF-8, at most
// `limit` octets.   Threads: pure functions.                                                     RFC 2047, RFC 6532
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace anechoic::mail {

[[nodiscard]] std::string decode_words(std::string_view value, std::size_t limit = 4096);  // unfolds as well
// Charset names as mail writes them (utf8, latin1, ks_c_5601-1987, unicode-1-1-utf-7, unknown-8bit ...).
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view charset, std::size_t limit);

}  // namespace anechoic::mail
