// SPDX-License-Identifier: Apache-2.0
// The whole loaded configuration as far as judgement needs it: the policy of every domain of ours, and who is trusted.
//
// Built by app/config, immutable afterwards; a session keeps the shared_ptr<const Ruleset> it started with.   Threads:
// values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "judge/verdict/sender.h"
#include "wire/smtp/relay.h"

namespace anechoic::judge {

// How an address that no source knows is answered (R8, in this order of commissioning).
enum class RecipientMode : std::uint8_t { Observe, Defer450, Reject550 };

// The settings of one domain.
struct Policy {
  std::string domain;       // lower case
  smtp::GroupId group = 0;  // index of the backend
  bool has_source = false;  // at least one recipient source answers for it
  bool catch_all = false;   // the operator states that every address exists (R9)
  SenderModes modes{};
};

// A host whose mail comes from elsewhere: backup MX, cloud filter, forwarder (R7).
struct TrustedRelay {
  std::string name;
  std::vector<ip::Network> networks;
  std::uint16_t unknown_recipient = 550;  // or 451
  unsigned hops = 1;                      // Received lines, from the top, that were written on their side
};

struct Ruleset {
  std::string hostname;
  bool soft_bounce = false;  // every 5xx of ours becomes 4xx (R2)
  std::map<std::string, Policy, std::less<>> domains;
  std::vector<TrustedRelay> relays;
  unsigned max_own_received = 3;
  unsigned max_received = 100;
  unsigned null_sender_per_minute = 60;  // to one recipient; 0 = no limit

  [[nodiscard]] const Policy* policy_of(std::string_view domain) const;  // nullptr: not ours
  [[nodiscard]] const TrustedRelay* relay_of(const ip::Address& client) const;
};

}  // namespace anechoic::judge
