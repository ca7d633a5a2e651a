// SPDX-License-Identifier: Apache-2.0
// Mailboxes and the two paths of an envelope, as values.
//
// A Mailbox holds the local part *unquoted* and the domain in lower case; both are at most limits::k* octets, so
// printing one and parsing it again gives the same value. Comparison is exact in the local part (RFC 5321 2.4); folding
// it is the recipient source's business. Nothing here interprets %, ! or quoted @ in a local part.
//
// Errors: Syntax, Limit. Any bytes may be parsed.   Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::mail {

enum class Utf8 : std::uint8_t { Forbidden, Allowed };  // RFC 6531 3.3; Allowed needs valid UTF-8

struct Mailbox {
  std::string local;   // unquoted; 1..64 octets
  std::string domain;  // a name in lower case, or a literal as ip::to_literal() writes it; "" only for bare Postmaster

  friend bool operator==(const Mailbox&, const Mailbox&) = default;
  friend auto operator<=>(const Mailbox&, const Mailbox&) = default;

  // True if the local part or the domain has octets above 127, so that only SMTPUTF8 can carry it.
  [[nodiscard]] bool needs_utf8() const;
};

// `local@domain`, the local part quoted where RFC 5321 4.1.2 needs it. Safe to put between < and > on the wire.
[[nodiscard]] std::string to_string(const Mailbox& mailbox);

// Parses `local@domain` (dot-string or quoted-string; domain or address literal), without < and >.   RFC 5321 4.1.2
[[nodiscard]] Result<Mailbox> parse_mailbox(std::string_view text, Utf8 utf8);

// Checks a domain name or address literal and returns it as Mailbox::domain holds it.   RFC 5321 4.1.2, 4.1.3
[[nodiscard]] Result<std::string> parse_domain(std::string_view text, Utf8 utf8);

// The MAIL FROM path: a mailbox, or the null sender `<>`.   RFC 5321 4.1.1.2, 4.5.5
struct ReversePath {
  std::optional<Mailbox> mailbox;

  [[nodiscard]] bool is_null() const { return !mailbox.has_value(); }
  friend bool operator==(const ReversePath&, const ReversePath&) = default;
};

// The RCPT TO path. `Postmaster` without a domain has an empty Mailbox::domain.   RFC 5321 4.1.1.3, 4.5.1
struct ForwardPath {
  Mailbox mailbox;
  friend bool operator==(const ForwardPath&, const ForwardPath&) = default;
};

[[nodiscard]] std::string to_string(const ReversePath& path);  // with < and >
[[nodiscard]] std::string to_string(const ForwardPath& path);  // with < and >

// postmaster (RFC 5321 4.5.1) or abuse (RFC 2142), in any case: never refused for being unknown.
[[nodiscard]] bool is_role_account(const Mailbox& mailbox);

// True if the local part has %, ! or @, by which old mailers routed: refused unless a source lists that very address
// (R1).
[[nodiscard]] bool is_routed(const Mailbox& mailbox);

}  // namespace anechoic::mail
