// SPDX-License-Identifier: Apache-2.0
// When two addresses are the same to a source. The domain is folded always (mail::Mailbox holds it so), the local part
// unless the source is case sensitive: ASCII letters only. A sub-address (`user+tag`) also stands for what is before
// the first delimiter.   Threads: values.
#pragma once

#include <string>
#include <string_view>

#include "mail/address.h"

namespace anechoic::recipients {

struct AddressRules {
  bool case_sensitive = false;
  std::string subaddress = "+";  // each of its characters is a delimiter; "" = none
};

// `local@domain`, folded: what is compared. Not quoted, so not for the wire.
[[nodiscard]] std::string key_of(const mail::Mailbox& mailbox, bool case_sensitive);

// The local part without its sub-address; the whole of it when there is none.
[[nodiscard]] std::string_view without_subaddress(std::string_view local, const AddressRules& rules);

}  // namespace anechoic::recipients
