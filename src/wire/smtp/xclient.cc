// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/xclient.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/ip.h"
#include "base/utf8.h"
#include "wire/smtp/xtext.h"

namespace anechoic::smtp {
namespace {

constexpr std::size_t kValue = 255;  // octets, decoded
constexpr std::string_view kUnavailable = "[UNAVAILABLE]";
constexpr std::string_view kTempUnavailable = "[TEMPUNAVAIL]";

bool is_unavailable(std::string_view value) {
  return value.empty() || ascii::iequals(value, kUnavailable) || ascii::iequals(value, kTempUnavailable);
}

Result<std::optional<std::uint16_t>> read_port(std::string_view value) {
  if (is_unavailable(value)) return std::nullopt;
  const auto port = ascii::parse_number<std::uint16_t>(value);
  if (!port) return fail(Errc::Syntax, "PORT is not a port number");
  return port;
}

Result<std::string> read_address(std::string_view value) {
  constexpr std::string_view kTag = "IPV6:";
  if (is_unavailable(value)) return std::string();
  const bool v6 = ascii::istarts_with(value, kTag);
  if (v6) value.remove_prefix(kTag.size());
  const auto address = ip::parse_address(value);
  if (!address || v6 != value.contains(':')) return fail(Errc::Syntax, "ADDR is not an address (IPv6 needs IPV6:)");
  return ip::to_string(*address);
}

Result<void> store(Identity& identity, std::string_view name, std::string value, IdentityCommand command) {
  const bool xforward = command == IdentityCommand::Xforward;
  const auto is = [&](std::string_view known) { return ascii::iequals(name, known); };
  if (is("NAME")) {
    identity.name = value.empty() ? std::string(kUnavailable) : std::move(value);
    return {};
  }
  if (is("ADDR")) {
    auto address = read_address(value);
    if (!address) return Failure(std::move(address).error());
    identity.addr = *std::move(address);
    return {};
  }
  if (is("PORT")) {
    const auto port = read_port(value);
    if (!port) return Failure(port.error());
    identity.port = *port;
    return {};
  }
  if (is_unavailable(value)) value.clear();
  if (is("PROTO")) {
    if (!value.empty() && !ascii::iequals(value, "SMTP") && !ascii::iequals(value, "ESMTP")) {
      return fail(Errc::Syntax, "PROTO is neither SMTP nor ESMTP");
    }
    std::ranges::transform(value, value.begin(), ascii::to_upper);
    identity.proto = std::move(value);
  } else if (is("HELO")) {
    identity.helo = std::move(value);
  } else if (xforward && is("IDENT")) {
    identity.ident = std::move(value);
  } else if (xforward && is("SOURCE")) {
    std::ranges::transform(value, value.begin(), ascii::to_upper);
    if (!value.empty() && value != "LOCAL" && value != "REMOTE") {
      return fail(Errc::Syntax, "SOURCE is neither LOCAL nor REMOTE");
    }
    identity.source = std::move(value);
  } else if (!xforward && is("LOGIN")) {
    identity.login = std::move(value);
  } else if (xforward || (!is("DESTADDR") && !is("DESTPORT"))) {
    return fail(Errc::Syntax, "an attribute that was not offered");
  }
  return {};
}

}  // namespace

Result<Identity> parse_identity(std::string_view text, IdentityCommand command) {
  Identity identity;
  text = ascii::trim(text);
  if (text.empty()) return fail(Errc::Syntax, "attributes are missing");
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view pair = text.substr(0, end);
    text = ascii::trim(text.substr(end));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) return fail(Errc::Syntax, "write attributes as NAME=value");
    auto value = decode_xtext(pair.substr(equals + 1));
    if (!value) return fail(Errc::Syntax, "a value is not xtext");
    if (value->size() > kValue) return fail(Errc::Syntax, "a value is longer than 255 octets");
    if (std::ranges::any_of(*value, ascii::is_control) || !utf8::is_valid(*value)) {
      return fail(Errc::Syntax, "a value holds control characters");
    }
    if (auto stored = store(identity, pair.substr(0, equals), *std::move(value), command); !stored) {
      return Failure(std::move(stored).error());
    }
  }
  return identity;
}

void merge(Identity& into, const Identity& from) {
  const auto take = [](auto& old, const auto& fresh) {
    if (fresh) old = fresh;
  };
  take(into.name, from.name);
  take(into.addr, from.addr);
  take(into.port, from.port);
  take(into.proto, from.proto);
  take(into.helo, from.helo);
  take(into.ident, from.ident);
  take(into.source, from.source);
  take(into.login, from.login);
}

}  // namespace anechoic::smtp
