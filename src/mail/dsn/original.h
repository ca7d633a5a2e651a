// SPDX-License-Identifier: Apache-2.0
// The message that a bounce returns: its headers, from a part or from behind a line of text, and what they say.
//
// Total, linear.   Threads: pure functions.
#pragma once

#include <string_view>

#include "mail/dsn/bounce.h"
#include "mail/mime/message.h"

namespace anechoic::mail::dsn {

// Takes the header block that `bytes` begins with (blank lines and decoration before it are skipped); false, and
// nothing taken, if there is none that deserves the name. `bytes` lies in the message unless `owned`.
[[nodiscard]] bool take_original(std::string_view bytes, bool owned, Bounce& bounce);
// The same for a part: message/rfc822, text/rfc822-headers and their kin.
[[nodiscard]] bool take_original(const Part& part, Bounce& bounce);
// The same for a text in which the original begins behind line `line` (npos: wherever a header block stands).
[[nodiscard]] bool take_original_from_text(const Part& part, std::size_t line, Bounce& bounce);

// Is a part of this type a returned message or its headers?
[[nodiscard]] bool is_returned_message(const ContentType& type);

}  // namespace anechoic::mail::dsn
