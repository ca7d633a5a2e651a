// SPDX-License-Identifier: Apache-2.0
// Addresses as header fields write them: display names, comments, groups, obsolete routes, and the broken forms of the
// world. Forgiving where mail/address.h is strict: what is taken out is what a person would call the address.
//
// Total, bounded by kMaxAddresses.   Threads: values.                                            RFC 5322 3.4, 4.4
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace anechoic::mail {

struct HeaderAddress {
  std::string address;  // bare, as written but for the domain in lower case; may lack a domain (MAILER-DAEMON); "" = <>
  std::string display;  // decoded, UTF-8; "" = none

  friend bool operator==(const HeaderAddress&, const HeaderAddress&) = default;
};

inline constexpr std::size_t kMaxAddresses = 1000;

[[nodiscard]] std::vector<HeaderAddress> parse_address_list(std::string_view value);
// The first one's address, "" = none.
[[nodiscard]] std::string first_address(std::string_view value);
// Local part and domain as views; the domain is "" where there is none.
[[nodiscard]] std::string_view local_part(std::string_view address);
[[nodiscard]] std::string_view domain_part(std::string_view address);
// Local part folded too (ASCII): for "is it the same mailbox?" of mail read from archives, never for delivery.
[[nodiscard]] bool same_mailbox(std::string_view a, std::string_view b);

}  // namespace anechoic::mail
