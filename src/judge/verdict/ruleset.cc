// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict/ruleset.h"

namespace anechoic::judge {

const Policy* Ruleset::policy_of(std::string_view domain) const {
  const auto found = domains.find(domain);
  return found == domains.end() ? nullptr : &found->second;
}

const TrustedRelay* Ruleset::relay_of(const ip::Address& client) const {
  for (const TrustedRelay& relay : relays) {
    if (ip::contains(relay.networks, client)) {
      return &relay;
    }
  }
  return nullptr;
}

}  // namespace anechoic::judge
