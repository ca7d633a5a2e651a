// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/target.h"

#include <algorithm>

#include "auth/spf/macro.h"
#include "base/ascii.h"

namespace anechoic::auth::spf {

std::optional<dns::Name> query_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxTargetName) return std::nullopt;
  std::string wire;
  wire.reserve(text.size() + 2);
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > dns::Name::kMaxLabel) return std::nullopt;
    wire += static_cast<char>(label.size());
    for (const char c : label) {
      if (static_cast<unsigned char>(c) > 127) return std::nullopt;
      wire += c;
    }
    if (dot != std::string_view::npos) text.remove_prefix(dot + 1);
  }
  wire += '\0';
  auto name = dns::Name::from_wire(wire);
  if (!name) return std::nullopt;
  return std::move(*name);
}

std::optional<dns::Name> domain_name(std::string_view text) {
  if (text.starts_with('[')) return std::nullopt;
  auto name = query_name(text);
  if (!name || name->labels() < 2) return std::nullopt;
  return name;
}

dns::Name reverse_name(const ip::Address& address) {
  return query_name(reversed(address) + (address.is_v4() ? ".in-addr.arpa" : ".ip6.arpa")).value_or(dns::Name());
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out(text.substr(0, limit));
  std::ranges::replace_if(out, [](char c) { return !ascii::is_printable(c); }, '?');
  return out;
}

std::string failed_lookup(const dns::Name& name, dns::Type type, const Answer& answer) {
  std::string out = name.to_string();
  out += ' ';
  out += dns::to_string(type);
  out += ": ";
  out += to_string(answer.found);
  if (!answer.detail.empty()) out += " (" + printable(answer.detail, 100) + ')';
  return out;
}

}  // namespace anechoic::auth::spf
