// SPDX-License-Identifier: Apache-2.0
// Header text for people and for matching: RFC 2047 encoded words decoded, raw 8-bit read as UTF-8 or guessed. Never
// fails: what can't be read becomes U+FFFD. Forgiving: words inside quotes or glued to text, blanks inside a word,
// characters cut in two by the word's end.
//
// The result is unfolded, valid UTF-8 without control characters, at most `limit` octets.
// Threads: pure functions.                                                                         RFC 2047, RFC 6532
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mail/charset.h"

namespace anechoic::mail {

[[nodiscard]] std::string decode_words(std::string_view value, std::size_t limit = 4096);

}  // namespace anechoic::mail
