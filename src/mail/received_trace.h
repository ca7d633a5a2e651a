// SPDX-License-Identifier: Apache-2.0
// Received fields read as a trace: who says he took the message from whom, when. Top first = latest first.
//
// A hop is only as true as the host that wrote it: everything below the first field written by a host that one trusts
// may be invented.   Total, linear.   Threads: values.                             RFC 5321 4.4, RFC 5322 3.6.7
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "mail/header_block.h"

namespace anechoic::mail {

// A Received field's value taken apart; views point into it, "" = not there.
struct ReceivedParts {
  std::string_view from;              // what the client called itself
  std::string_view from_name;         // the host name that the receiving host wrote beside the address
  std::optional<ip::Address> client;  // from the comment that the receiving host wrote behind `from`, else from `from`
  std::string_view by;
  std::string_view id;
  std::string_view recipient;  // bare
  std::string_view date;       // what follows the last semicolon
};
[[nodiscard]] ReceivedParts parse_received(std::string_view value);

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
// At most limits::kReceivedFields.
[[nodiscard]] std::vector<Hop> read_trace(const HeaderBlock& header);

}  // namespace anechoic::mail
