// SPDX-License-Identifier: Apache-2.0
// Reads one command line of a client into a value, or into the reply that says what is wrong with it.
//
// Source routes are checked and stripped (RFC 5321 4.1.1.3). Parameters that were not offered are 555 5.5.4. Whether
// the command may come at this point, and whether a size is too large, is the session's business.
// Threads: pure functions.                                       RFC 5321 4.1.1, 1870, 3030, 6152, 6531
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "mail/address.h"
#include "wire/smtp/parameters.h"
#include "wire/smtp/reply.h"

namespace anechoic::smtp {

enum class Verb : std::uint8_t {
  Ehlo,
  Helo,
  Mail,
  Rcpt,
  Data,
  Bdat,
  Rset,
  Noop,
  Quit,
  Vrfy,
  Help,
  StartTls,
  Xclient,
  Xforward,
  Expn,
  Auth,  // known, never offered
  Unknown
};

// What decides whether a line is right, beyond the grammar.
struct CommandRules {
  bool offer_8bitmime = true;
  bool offer_smtputf8 = true;
  bool xclient = false;
  bool xforward = false;
  bool utf8_transaction = false;  // RCPT: MAIL said SMTPUTF8
};

struct HeloCommand {
  bool extended = false;
  std::string name;  // as said: 1 to 255 printable ASCII characters without blanks; not checked any further
};
struct MailCommand {
  mail::ReversePath path;
  MailParameters parameters;
};
struct RcptCommand {
  mail::ForwardPath path;
};
struct BdatCommand {
  std::uint64_t octets = 0;
  bool last = false;
};
struct IdentityGiven {  // XCLIENT, XFORWARD
  Verb verb = Verb::Xclient;
  Identity identity;
};
struct PlainCommand {  // all others: arguments, where allowed, mean nothing to us
  Verb verb = Verb::Noop;
};
using Command = std::variant<PlainCommand, HeloCommand, MailCommand, RcptCommand, BdatCommand, IdentityGiven>;

[[nodiscard]] Verb find_verb(std::string_view line);

// REQUIRES: `line` is without CR, LF and NUL.
[[nodiscard]] std::expected<Command, Reply> parse_command(std::string_view line, const CommandRules& rules);

}  // namespace anechoic::smtp
