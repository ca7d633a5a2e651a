// SPDX-License-Identifier: Apache-2.0
// Resource records as values: those that sender authentication and mail routing ask for.
//
// A TXT record's strings are joined, as SPF, DKIM and DMARC want them (RFC 7208 3.3, RFC 6376 3.6.2.2).
// Errors: Syntax. Any bytes may be parsed.   Threads: values.                                     RFC 1035 3.3, 3596
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/ip.h"
#include "base/result.h"
#include "wire/dns/name.h"

namespace anechoic::dns {

enum class Type : std::uint16_t { A = 1, Ns = 2, Cname = 5, Soa = 6, Ptr = 12, Mx = 15, Txt = 16, Aaaa = 28 };
[[nodiscard]] std::string_view to_string(Type type);  // "A", "AAAA"; "TYPE" for others

struct Mx {
  std::uint16_t preference = 0;
  Name exchange;  // the root: "null MX", takes no mail (RFC 7505)
  friend bool operator==(const Mx&, const Mx&) = default;
};

struct Txt {
  std::string text;  // any octets
  friend bool operator==(const Txt&, const Txt&) = default;
};

// The domain of NS, CNAME and PTR is a Name; A and AAAA hold an address of their family.
using Rdata = std::variant<ip::Address, Name, Mx, Txt>;

// `wire`: RDATA without compression (libunbound gives it so). Types that Rdata has no form for: Syntax.
[[nodiscard]] Result<Rdata> parse_rdata(Type type, std::string_view wire);

}  // namespace anechoic::dns
