// SPDX-License-Identifier: Apache-2.0
// Keys of signatures: fetched from the DNS, each once a message, and held against a signature's value. ARC uses both.
//
// Errors: none; outcomes are values with a reason for people.
// Lifetime: the Lookups outlive the KeyFetcher, which outlives its Tasks.   Threads: the Lookups'.
//                                                                                     RFC 6376 3.6, 6.1.2-3, RFC 8301
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/key_record.h"
#include "auth/dkim/outcome.h"
#include "auth/dkim/signature.h"
#include "auth/lookup/lookups.h"
#include "base/task.h"
#include "crypto/public_keys.h"

namespace anechoic::auth::dkim {

struct FetchedKeys {
  Result result = Result::Pass;  // Pass: there are records; else TempError, PermError
  std::string reason;
  std::vector<KeyRecord> records;  // at most KeyFetcher::kMostRecords
};

class KeyFetcher {
 public:
  static constexpr std::size_t kMostRecords = 4;  // at one name; who rotates keys by two records needs two

  explicit KeyFetcher(Lookups& lookups) : lookups_(lookups) {}
  KeyFetcher(const KeyFetcher&) = delete;
  KeyFetcher& operator=(const KeyFetcher&) = delete;

  // Never null. For one question after the other, not at the same time.
  [[nodiscard]] Task<std::shared_ptr<const FetchedKeys>> get(dns::Name name);

 private:
  struct Entry {
    dns::Name name;
    std::shared_ptr<const FetchedKeys> keys;
  };
  Lookups& lookups_;
  std::vector<Entry> entries_;
};

struct Checked {
  Result result = Result::PermError;
  std::string reason;  // "" when it passed
  unsigned key_bits = 0;
  bool testing = false;
};

// Is `signature.signature` over `digest` (SHA-256) of one of these keys? The best that any record comes to.
[[nodiscard]] Checked check_value(const Signature& signature, const FetchedKeys& fetched, std::string_view digest,
                                  crypto::PublicKeys& keys, const VerifyOptions& options);

}  // namespace anechoic::auth::dkim
