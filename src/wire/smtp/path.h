// SPDX-License-Identifier: Apache-2.0
// Reads the path of MAIL FROM or RCPT TO from the front of a text.
//
// A source route is checked and forgotten. UTF-8 is taken; whether it may come is seen by Mailbox::needs_utf8().
// Errors: Syntax, Limit; `detail` is fixed text, fit for a reply.   Threads: pure functions.
//                                                                             RFC 5321 4.1.1.2, 4.1.1.3, 4.1.2
#pragma once

#include <string_view>

#include "mail/address.h"

namespace anechoic::smtp {

// On success `text` is left behind the closing `>`.
[[nodiscard]] Result<mail::ReversePath> read_reverse_path(std::string_view& text);  // <> too
[[nodiscard]] Result<mail::ForwardPath> read_forward_path(std::string_view& text);  // <Postmaster> too

}  // namespace anechoic::smtp
