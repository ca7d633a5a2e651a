// SPDX-License-Identifier: Apache-2.0
// Names to ask about, from text that anybody may have written, and such text made fit for people.
// Errors: nullopt.   Threads: pure functions.                                     RFC 7208 4.3, 4.8, RFC 1035 3.1
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/lookup/resolver.h"
#include "wire/dns/name.h"

namespace anechoic::auth::spf {

// Labels parted by dots, no escapes: a backslash is a backslash. nullopt: empty or long labels (a dot at the
// end makes one), too long as a whole, or
// octets above 127, which no name in the DNS is looked for by (RFC 8616 4).
[[nodiscard]] std::optional<dns::Name> query_name(std::string_view text);
// A domain that may have a record: at least two labels, no address literal (4.3).
[[nodiscard]] std::optional<dns::Name> domain_name(std::string_view text);

// `address`'s name in in-addr.arpa or ip6.arpa.
[[nodiscard]] dns::Name reverse_name(const ip::Address& address);

// At most `limit` octets, those that are not printable US-ASCII as '?'.
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit);

// "mail.example.com A: time-out", for people.
[[nodiscard]] std::string failed_lookup(const dns::Name& name, dns::Type type, const Answer& answer);

}  // namespace anechoic::auth::spf
