// SPDX-License-Identifier: Apache-2.0
// What may follow the path of MAIL FROM, and the identity attributes of XCLIENT/XFORWARD, as values.   Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace anechoic::smtp {

enum class Body : std::uint8_t { Unspecified, SevenBit, EightBitMime };  // RFC 6152

struct MailParameters {
  std::optional<std::uint64_t> size;  // octets, declared; RFC 1870
  Body body = Body::Unspecified;
  bool smtputf8 = false;  // RFC 6531

  friend bool operator==(const MailParameters&, const MailParameters&) = default;
};

// What a peer says of the client behind it; absent = not said, "" = said to be unavailable.
// XFORWARD (logging only, reset after each transaction) and XCLIENT (persists, changes the session's client).
struct Identity {
  std::optional<std::string> name;  // "[UNAVAILABLE]" and "[TEMPUNAVAIL]" are kept as they are
  std::optional<std::string> addr;  // IPv4 or IPv6 without "IPV6:"
  std::optional<std::uint16_t> port;
  std::optional<std::string> proto;  // SMTP, ESMTP
  std::optional<std::string> helo;
  std::optional<std::string> ident;   // XFORWARD only
  std::optional<std::string> source;  // XFORWARD only: LOCAL, REMOTE
  std::optional<std::string> login;   // XCLIENT only

  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace anechoic::smtp
