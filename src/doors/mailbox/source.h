// SPDX-License-Identifier: Apache-2.0
// Which server handed a message to the owner's mail system?
//
// The topmost Received field was written by the owner's own server. From there down, fields count as the owner's for as
// long as they tell of a hand-over inside: from a private or loopback address, or from a host of the owner's domain or
// of the domain of the topmost host. The first hand-over from outside is the last thing that can be believed; what
// stands below may be invented.   Threads: pure functions.
#pragma once

#include <string>

#include "doors/mailbox/me.h"
#include "mail/header_block.h"

namespace anechoic::triage {

// "mx.example.net [192.0.2.1]", "[192.0.2.1]", "mx.example.net", or "" where no field tells.
[[nodiscard]] std::string emitting_server(const mail::HeaderBlock& header, const Me& me);

}  // namespace anechoic::triage
