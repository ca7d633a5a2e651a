// SPDX-License-Identifier: Apache-2.0
// Received fields read as a trace: who says he took the message from whom, when. Top first = latest first.
//
// A hop is only as true as the host that wrote it: everything below the first field written by a host that one trusts
// may be invented.   Total.   Threads: values.                                              RFC 5321 4.4, RFC
// 5322 3.6.7
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "mail/header_block.h"

namespace anechoic::mail {

struct Hop {
  std::string from;                    // as the client called itself, "" = not there
  std::string from_name;               // the host name that the receiving host found, "" = none
  std::optional<ip::Address> address;  // of the client, as the receiving host saw it
  std::string by;
  std::string id;
  std::string recipient;  // `for`, bare
  std::optional<WallTime> at;
};

[[nodiscard]] Hop parse_hop(std::string_view received_value);
[[nodiscard]] std::vector<Hop> read_trace(const HeaderBlock& header);

}  // namespace anechoic::mail
