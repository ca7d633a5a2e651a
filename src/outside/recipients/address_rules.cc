// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/address_rules.h"

#include "base/ascii.h"

namespace anechoic::recipients {

std::string key_of(const mail::Mailbox& mailbox, bool case_sensitive) {
  std::string key;
  key.reserve(mailbox.local.size() + 1 + mailbox.domain.size());
  for (const char c : mailbox.local) {
    key.push_back(case_sensitive ? c : ascii::to_lower(c));
  }
  key.push_back('@');
  key.append(mailbox.domain);
  return key;
}

std::string_view without_subaddress(std::string_view local, const AddressRules& rules) {
  const std::size_t at = local.find_first_of(rules.subaddress);
  // "+tag@" has nothing before the delimiter: there is no address that it could stand for.
  return at == std::string_view::npos || at == 0 ? local : local.substr(0, at);
}

}  // namespace anechoic::recipients
