// SPDX-License-Identifier: Apache-2.0
// Writes the Received field that we put before a message.
//
// Every value may come from a stranger: what has no place in its part of the grammar becomes '?', so that nothing said
// in EHLO or in a host name can end the field, open a comment or look like another part of it. Lines are folded below
// 78 octets where values allow it, and never reach 998.
// Threads: pure functions.                                                    RFC 5321 4.4, 7.2, 7.6; RFC 3848, 6531
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"
#include "mail/address.h"

namespace anechoic::mail {

struct Received {
  std::string helo;                      // as said
  ip::Address client;                    // the address the session is about
  std::string client_name;               // the host name found for it, "" = none
  std::string by;                        // our host name
  std::string_view with = "SMTP";        // see received_protocol()
  std::string id;                        // of the transaction
  std::string mark;                      // a comment behind the id, see tags/received_mark.h; "" = none
  std::optional<ForwardPath> recipient;  // only of a message with exactly one: else it would tell of the others
  WallTime at{};
};

// With the line end. The recipient is left out if it is not ASCII and `with` is not one of UTF8SMTP's.
[[nodiscard]] std::string write_received(const Received& received);

// SMTP, ESMTP, ESMTPS, UTF8SMTP or UTF8SMTPS. TLS without EHLO does not occur.
[[nodiscard]] std::string_view received_protocol(bool extended, bool tls, bool utf8);

// "Sun, 22 Nov 2026 06:10:21 +0000"; RFC 5322 3.3
[[nodiscard]] std::string format_date(WallTime at);

}  // namespace anechoic::mail
