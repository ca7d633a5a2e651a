// SPDX-License-Identifier: Apache-2.0
// Where a backend listens, as the operator writes it: smtp://HOST[:PORT], lmtp://HOST:PORT, lmtp:///PATH. HOST may be a
// name, an IPv4 address, or an IPv6 address in brackets. (maildir: is outside/maildir's.)
// Errors: Syntax, with what is allowed.   Threads: values.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "outside/net/connector.h"
#include "wire/smtp/client_session.h"

namespace anechoic::smtp_client {

struct Endpoint {
  std::string url;  // as configured
  smtp::Protocol protocol = smtp::Protocol::Smtp;
  net::Destination destination;

  [[nodiscard]] bool is_unix() const { return std::holds_alternative<net::UnixDestination>(destination); }
  [[nodiscard]] std::string server_name() const;  // what its certificate must name; "" for unix sockets
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

[[nodiscard]] Result<Endpoint> parse_endpoint_url(std::string_view url);

}  // namespace anechoic::smtp_client
