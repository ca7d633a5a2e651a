// SPDX-License-Identifier: Apache-2.0
// DKIM verification of one message, in two steps: the header block tells which body digests are wanted, the body is
// streamed once through them (for DKIM and ARC together), then the keys are fetched and the signatures checked.
//
//   BodyDigests digests;  Verification check(header, digests, options);
//   digests.feed(body...);  digests.finish();
//   co_await check.finish(lookups, keys, now)
//
// Line ends are CRLF. At most `signatures` are looked at (the topmost); the others are reported as not looked at.
// Errors: none; what went wrong is an Outcome with a reason for people (attacker-chosen text in it is bounded and
// printable).
// Lifetime: header, its bytes, digests, lookups and keys outlive the Verification.   Threads: the Lookups'.
//                                                                                        RFC 6376, 8301, 8463
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/body_digests.h"
#include "auth/lookup/lookups.h"
#include "base/clock.h"
#include "base/task.h"
#include "crypto/public_keys.h"
#include "mail/header_block.h"

namespace anechoic::auth::dkim {

// RFC 8601 2.7.1. Policy: valid, but not accepted here (l= that covers less than the body is *not* reported so: it has
// its cryptographic result and `partial_body`).
enum class Result : std::uint8_t { None, Pass, Fail, Policy, Neutral, TempError, PermError };
[[nodiscard]] std::string_view to_string(Result result);

struct VerifyOptions {
  unsigned signatures = 10;
  unsigned min_rsa_bits = 1024;  // RFC 8301 3.2
  unsigned max_rsa_bits = 4096;
  std::chrono::seconds clock_skew{300};  // for t= in the future and x=
};

struct Outcome {
  Result result = Result::None;
  std::string reason;                       // for people; "" when it passed
  std::string domain;                       // d=, lower case A-labels
  std::string selector;                     // s=
  std::string algorithm;                    // a=, "rsa-sha256"; as written when unknown
  std::string identity;                     // i=, "" = not there
  std::string signature_head;               // first characters of b=, RFC 6008 header.b
  std::vector<std::string> signed_headers;  // h=, lower case
  bool partial_body = false;  // l= is there and covers less than the body: nobody's address is proved by it
  bool testing = false;       // the key's t=y
  unsigned key_bits = 0;
  std::optional<WallTime> signed_at;  // t=

  // Does it vouch for its domain? A pass over the whole body.
  [[nodiscard]] bool vouches() const { return result == Result::Pass && !partial_body; }
};

class Verification {
 public:
  Verification(const mail::HeaderBlock& header, BodyDigests& digests, VerifyOptions options);
  ~Verification();
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  // One Outcome a DKIM-Signature field, from the top; empty = there is none.
  [[nodiscard]] Task<std::vector<Outcome>> finish(Lookups& lookups, crypto::PublicKeys& keys, WallTime now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::auth::dkim
