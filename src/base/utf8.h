// SPDX-License-Identifier: Apache-2.0
// Is a text UTF-8?   RFC 3629   Threads: pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace anechoic::utf8 {

// No overlong form, no surrogate, nothing above U+10FFFF, no character cut off. Controls are not looked at.
[[nodiscard]] bool is_valid(std::string_view text);

// Octets of the character at the start of `text`, 1 to 4; 0 if there is none.
[[nodiscard]] std::size_t character_length(std::string_view text);

// Does valid UTF-8 hold one of the controls U+0080 to U+009F?
[[nodiscard]] bool has_c1_control(std::string_view text);

// The longest prefix of at most `octets` that does not cut a character of valid UTF-8 in two.
[[nodiscard]] std::string_view cut(std::string_view text, std::size_t octets);

}  // namespace anechoic::utf8
