// SPDX-License-Identifier: Apache-2.0
// What the headers stage is told: read by the door from the spooled header block.   Threads: values.
#pragma once

#include <optional>
#include <string>

#include "base/ip.h"

namespace anechoic::inspect {

struct HeaderFacts {
  unsigned received_fields = 0;
  unsigned own_received_fields = 0;
  std::string message_id{};
  std::optional<ip::Address> relayed_client{};  // who stands behind a trusted relay, by its Received fields (R7)
  std::string relayed_helo{};                   // ... and what it called itself there, "" = nothing
};

}  // namespace anechoic::inspect
