// SPDX-License-Identifier: Apache-2.0
// ARC: does a chain of forwarders vouch for what they saw? A weak signal: it counts only where the sealers are listed.
// Same two steps as auth/dkim/verify.h, over the same BodyDigests.
//
// A look-up that fails is TempError and not a broken chain (RFC 8617 5.2.1 wants "fail", for what a sealer writes down;
// nothing is sealed here). A message signature whose l= leaves a part of the body unsigned passes, but is not trusted.
// Without c= it is read as simple/simple and then as relaxed/relaxed.
//
// Bounds: 50 sets; keys at no more than `key_lookups` names are fetched, a chain that needs more is Fail.
// Lifetime, threads: as dkim::Verification.                                                            RFC 8617 5.2
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/body_digests.h"
#include "auth/lookup/lookups.h"
#include "base/clock.h"
#include "base/task.h"
#include "crypto/public_keys.h"
#include "mail/header_block.h"

namespace anechoic::auth::arc {

enum class Result : std::uint8_t { None, Pass, Fail, TempError };
[[nodiscard]] std::string_view to_string(Result result);  // "none", "pass", "fail", "temperror"

struct VerifyOptions {
  unsigned key_lookups = 20;                   // different keys
  std::vector<std::string> trusted_sealers{};  // domains, lower case
};

struct Outcome {
  Result result = Result::None;
  std::string reason;                // for people
  std::vector<std::string> sealers;  // d= of each ARC-Seal, i=1 first; none of a chain that is not well formed
  unsigned oldest_pass = 0;          // RFC 8617 5.2: the lowest i whose message signature still verifies; 0 = all
  bool trusted = false;              // passed for the whole body, and every sealer is listed
  std::string first_results;         // of a trusted chain: i=1's ARC-Authentication-Results behind "i=1;", unfolded
};

class Verification {
 public:
  Verification(const mail::HeaderBlock& header, dkim::BodyDigests& digests, VerifyOptions options);
  ~Verification();
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;
  [[nodiscard]] Task<Outcome> finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::auth::arc
