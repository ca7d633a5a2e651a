// SPDX-License-Identifier: Apache-2.0
// A key record, as it stands in the DNS at selector._domainkey.domain.
//
// Unknown tags are ignored, so g= and n= (notes; historic granularity) too; unknown hashes, services and flags as well.
// Errors: Syntax (also v= that is not first or not DKIM1).   Threads: values.                          RFC 6376 3.6.1
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/private_key.h"
#include "crypto/public_keys.h"

namespace anechoic::auth::dkim {

struct KeyRecord {
  std::optional<crypto::KeyType> type = crypto::KeyType::Rsa;  // k=; nullopt: unknown
  std::string key;                                             // p=, octets; "" = revoked
  bool sha256 = true;                                          // h= allows it
  bool email = true;                                           // s= allows it
  bool testing = false;                                        // t=y
  bool strict = false;                                         // t=s: i= must be of d= itself, not of a subdomain

  [[nodiscard]] bool revoked() const { return key.empty(); }
};

[[nodiscard]] anechoic::Result<KeyRecord> parse_key_record(std::string_view text);

// What is to be published for a private key.
[[nodiscard]] std::string key_record_of(const crypto::PrivateKey& key);

}  // namespace anechoic::auth::dkim
