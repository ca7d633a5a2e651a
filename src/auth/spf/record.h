// SPDX-License-Identifier: Apache-2.0
// SPF records, read whole before anything is evaluated: a syntax error anywhere is an error of the record (4.6).
//
// parse_record() checks every term and keeps the modifiers; the directives are read again one by one by
// next_directive(), so a record of any length costs no memory.
//
// Errors: Syntax, with a text for people that quotes no more than 64 octets of the record, printable. Any bytes may be
// parsed. Lifetime: records and directives refer to the text.   Threads: pure functions.        RFC 7208 4.5, 4.6, 5, 6
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"

namespace anechoic::auth::spf {

enum class Qualifier : std::uint8_t { Pass, Fail, SoftFail, Neutral };  // + - ~ ?
enum class Mechanism : std::uint8_t { All, Include, A, Mx, Ptr, Ip4, Ip6, Exists };

// An address and how many of its first bits count. Not ip::Network, since `ip6:::ffff:0:0/96` is a network of IPv6
// addresses that no client has, and the host bits may be set.
struct Cidr {
  std::array<std::uint8_t, 16> octets{};
  bool v4 = true;
  std::uint8_t bits = 32;
  [[nodiscard]] bool contains(const ip::Address& address) const;
};

struct Directive {
  Qualifier qualifier = Qualifier::Pass;
  Mechanism mechanism = Mechanism::All;
  std::string_view text;         // as written
  std::string_view domain_spec;  // "" = the current domain
  Cidr network;                  // of Ip4 and Ip6
  std::uint8_t bits4 = 32;       // of A and Mx
  std::uint8_t bits6 = 128;
};

struct Record {
  std::string_view terms;  // what follows the version
  // Domain-specs. `redirect` counts only where no directive matches, so never beside `all` (6.1).
  std::optional<std::string_view> redirect;
  std::optional<std::string_view> explanation;
};

// Is it "v=spf1", alone or followed by a space? (4.5)
[[nodiscard]] bool is_record(std::string_view text);
// REQUIRES: is_record(text).
[[nodiscard]] anechoic::Result<Record> parse_record(std::string_view text);
// Takes the next directive from the front of a parsed record's terms; modifiers are passed over. nullopt at the end.
[[nodiscard]] std::optional<Directive> next_directive(std::string_view& terms);

}  // namespace anechoic::auth::spf
