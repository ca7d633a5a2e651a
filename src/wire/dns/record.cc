// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/record.h"

#include <algorithm>
#include <array>

namespace anechoic::dns {

namespace {

constexpr std::size_t kPreference = 2;  // octets of MX before the name

Result<Rdata> parse_a(std::string_view wire) {
  std::array<std::uint8_t, 4> octets{};
  if (wire.size() != octets.size()) return fail(Errc::Syntax, "A record of a bad size");
  std::ranges::copy(wire, octets.begin());
  return ip::Address::v4(octets);
}

Result<Rdata> parse_aaaa(std::string_view wire) {
  std::array<std::uint8_t, 16> octets{};
  if (wire.size() != octets.size()) return fail(Errc::Syntax, "AAAA record of a bad size");
  std::ranges::copy(wire, octets.begin());
  return ip::Address::v6(octets);
}

Result<Rdata> parse_mx(std::string_view wire) {
  if (wire.size() <= kPreference) return fail(Errc::Syntax, "MX record of a bad size");
  auto name = Name::from_wire(wire.substr(kPreference));
  if (!name) return Failure(name.error());
  const auto high = static_cast<unsigned char>(wire[0]);
  const auto low = static_cast<unsigned char>(wire[1]);
  return Mx{static_cast<std::uint16_t>(high * 256U + low), std::move(*name)};
}

Result<Rdata> parse_txt(std::string_view wire) {
  Txt txt;
  while (!wire.empty()) {
    const std::size_t size = static_cast<unsigned char>(wire[0]);
    if (size + 1 > wire.size()) return fail(Errc::Syntax, "TXT record with a string that is cut off");
    txt.text += wire.substr(1, size);
    wire.remove_prefix(size + 1);
  }
  return txt;
}

}  // namespace

std::string_view to_string(Type type) {
  switch (type) {
    case Type::A:
      return "A";
    case Type::Ns:
      return "NS";
    case Type::Cname:
      return "CNAME";
    case Type::Soa:
      return "SOA";
    case Type::Ptr:
      return "PTR";
    case Type::Mx:
      return "MX";
    case Type::Txt:
      return "TXT";
    case Type::Aaaa:
      return "AAAA";
  }
  return "TYPE";
}

Result<Rdata> parse_rdata(Type type, std::string_view wire) {
  switch (type) {
    case Type::A:
      return parse_a(wire);
    case Type::Aaaa:
      return parse_aaaa(wire);
    case Type::Mx:
      return parse_mx(wire);
    case Type::Txt:
      return parse_txt(wire);
    case Type::Ns:
    case Type::Cname:
    case Type::Ptr: {
      auto name = Name::from_wire(wire);
      if (!name) return Failure(name.error());
      return std::move(*name);
    }
    case Type::Soa:
      break;
  }
  return fail(Errc::Syntax, "no record type that is read here");
}

}  // namespace anechoic::dns
