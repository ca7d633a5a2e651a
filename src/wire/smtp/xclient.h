// SPDX-License-Identifier: Apache-2.0
// Reads the attributes of XCLIENT and XFORWARD, by which a listed peer says who the client behind it is.
//
// Values are xtext; decoded ones hold no control characters and at most 255 octets, ADDR is an IP address.
// [UNAVAILABLE] and [TEMPUNAVAIL] become "" (PORT: absent), but for NAME, which keeps them.
// Errors: Syntax.   Threads: pure functions.                      Postfix XCLIENT_README, XFORWARD_README
#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/smtp/parameters.h"

namespace anechoic::smtp {

enum class IdentityCommand : std::uint8_t { Xclient, Xforward };

// What EHLO offers. DESTADDR and DESTPORT of XCLIENT are taken, too, and not looked at.
inline constexpr std::string_view kXclientAttributes = "NAME ADDR PORT PROTO HELO LOGIN";
inline constexpr std::string_view kXforwardAttributes = "NAME ADDR PORT PROTO HELO IDENT SOURCE";

// `text` is what follows the verb: NAME=value pairs, parted by blanks.
[[nodiscard]] Result<Identity> parse_identity(std::string_view text, IdentityCommand command);

// Adds what `from` says to `into`: one identity may come in several XFORWARD commands.
void merge(Identity& into, const Identity& from);

}  // namespace anechoic::smtp
