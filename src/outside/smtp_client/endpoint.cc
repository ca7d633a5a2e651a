// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/endpoint.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace anechoic::smtp_client {

namespace {

constexpr std::uint16_t kSmtpPort = 25;

Failure wrong(std::string_view url, std::string_view why) {
  return fail(Errc::Syntax, "\"" + std::string(url) + "\": " + std::string(why) +
                                "; write smtp://HOST:PORT, lmtp://HOST:PORT or lmtp:///PATH/TO/SOCKET");
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// Letters, digits, '-', '.', '_' and, in an IPv6 address, ':'.
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  for (const char c : host) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alphanumeric && c != '-' && c != '.' && c != '_') return false;
  }
  return true;
}

}  // namespace

std::string Endpoint::server_name() const {
  const auto* tcp = std::get_if<net::TcpDestination>(&destination);
  return tcp != nullptr ? tcp->host : std::string();
}

Result<Endpoint> parse_endpoint_url(std::string_view url) {
  Endpoint endpoint;
  endpoint.url = std::string(url);
  std::string_view rest = url;
  if (rest.starts_with("smtp://")) {
    endpoint.protocol = smtp::Protocol::Smtp;
  } else if (rest.starts_with("lmtp://")) {
    endpoint.protocol = smtp::Protocol::Lmtp;
  } else {
    return wrong(url, "not a kind of backend that is known");
  }
  rest.remove_prefix(7);

  if (rest.starts_with('/')) {
    if (endpoint.protocol == smtp::Protocol::Smtp) return wrong(url, "SMTP needs a host");
    if (rest.size() < 2) return wrong(url, "the path of the socket is missing");
    endpoint.destination = net::UnixDestination{std::string(rest)};
    return endpoint;
  }

  std::string_view host;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return wrong(url, "the ] of the address is missing");
    host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (const auto address = ip::parse_address(host); !address || address->is_v4()) {
      return wrong(url, "what is in brackets is no IPv6 address");
    }
  } else {
    if (rest.find(':') != rest.rfind(':')) return wrong(url, "an IPv6 address stands in [brackets]");
    host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
    if (!is_host(host)) return wrong(url, "the host is missing or no host name");
  }

  std::uint16_t port = kSmtpPort;
  if (rest.starts_with(':')) {
    const auto parsed = parse_port(rest.substr(1));
    if (!parsed) return wrong(url, "the port is not a number from 1 to 65535");
    port = *parsed;
  } else if (!rest.empty()) {
    return wrong(url, "nothing may follow the host but :PORT");
  } else if (endpoint.protocol == smtp::Protocol::Lmtp) {
    return wrong(url, "LMTP has no port of its own, so it must be given");  // RFC 2033 5
  }
  endpoint.destination = net::TcpDestination{std::string(host), port};
  return endpoint;
}

}  // namespace anechoic::smtp_client
