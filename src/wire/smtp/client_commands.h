// SPDX-License-Identifier: Apache-2.0
// The command lines that a backend is sent, written anew from values (R5) and with CRLF. No value can end a line: paths
// are parsed values, names and identity attributes are encoded.
// Threads: none.                                          RFC 5321 4.1.1, RFC 1870, 6152, 6531, 3461 4, Postfix
// XFORWARD
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/smtp/backend_dialogue.h"

namespace anechoic::smtp {

// Only parameters that the backend offered are written.
void append_mail(std::string& out, const SendMail& command, const Capabilities& offered);
void append_rcpt(std::string& out, const SendRcpt& command, const Capabilities& offered);
// The XFORWARD lines, each at most 512 octets; attributes that the backend did not offer, or that would not fit a line,
// are left out. Empty: there is nothing to say.
[[nodiscard]] std::vector<std::string> xforward_lines(const Identity& identity, const Capabilities& offered);

// May this go behind EHLO or LHLO: printable ASCII without spaces, 1..255 octets?
[[nodiscard]] bool is_host_name(std::string_view name);

}  // namespace anechoic::smtp
