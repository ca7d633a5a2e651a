// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/client_commands.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "wire/smtp/capabilities.h"
#include "wire/smtp/xtext.h"

namespace anechoic::smtp {
namespace {

constexpr std::size_t kXforwardLine = 512;  // octets with CRLF

// "" means "said to be unavailable"; XFORWARD has a word for that.
std::string attribute_value(const std::string& value) {
  return value.empty() ? "[UNAVAILABLE]" : encode_xtext(value);
}

void add(std::vector<std::string>& lines, const Capabilities& offered, std::string_view name,
         const std::string& value) {
  if (!has_attribute(offered.xforward, name)) return;
  const std::size_t octets = 1 + name.size() + 1 + value.size();
  if (std::string_view("XFORWARD\r\n").size() + octets > kXforwardLine) return;
  if (lines.empty() || lines.back().size() + octets + 2 > kXforwardLine) lines.emplace_back("XFORWARD");
  lines.back().append(1, ' ').append(name).append(1, '=').append(value);
}

}  // namespace

void append_mail(std::string& out, const SendMail& command, const Capabilities& offered) {
  out += "MAIL FROM:";
  out += mail::to_string(command.path);
  const MailParameters& parameters = command.parameters;
  if (parameters.size && offered.size) out += " SIZE=" + std::to_string(*parameters.size);
  if (offered.eightbitmime && parameters.body == Body::EightBitMime) out += " BODY=8BITMIME";
  if (offered.eightbitmime && parameters.body == Body::SevenBit) out += " BODY=7BIT";
  if (offered.smtputf8 && parameters.smtputf8) out += " SMTPUTF8";
  out += "\r\n";
}

void append_rcpt(std::string& out, const SendRcpt& command, const Capabilities& offered) {
  out += "RCPT TO:";
  out += mail::to_string(command.path);
  if (command.notify_never && offered.dsn) out += " NOTIFY=NEVER";
  out += "\r\n";
}

std::vector<std::string> xforward_lines(const Identity& identity, const Capabilities& offered) {
  std::vector<std::string> lines;
  const auto say = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) add(lines, offered, name, attribute_value(*value));
  };
  say("NAME", identity.name);
  if (identity.addr) {
    const bool v6 = identity.addr->find(':') != std::string::npos;
    add(lines, offered, "ADDR", (v6 ? "IPV6:" : "") + attribute_value(*identity.addr));
  }
  if (identity.port) add(lines, offered, "PORT", std::to_string(*identity.port));
  say("PROTO", identity.proto);
  say("HELO", identity.helo);
  say("IDENT", identity.ident);
  say("SOURCE", identity.source);
  for (std::string& line : lines) line += "\r\n";
  return lines;
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::kDomain &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace anechoic::smtp
