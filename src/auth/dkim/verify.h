// SPDX-License-Identifier: Apache-2.0
// DKIM verification of one message, in two steps: the header block tells which body digests are wanted, the body is
// streamed once through them (for DKIM and ARC together), then the keys are fetched and the signatures checked.
//
//   BodyDigests digests;  Verification check(header, digests, options);
//   digests.feed(body...);  digests.finish();
//   co_await check.finish(lookups, keys, now)
//
// The header is HeaderBlock::parse_exact()'s: the body is what stands behind its body_offset(). A header that is
// `truncated` is a permerror for every signature. Line ends are CRLF. At most `signatures` are looked at (the topmost);
// the others are reported as not looked at. Errors: none; what went wrong is an Outcome with a reason for people
// (attacker-chosen text in it is bounded and printable). Lifetime: header, its bytes, digests, lookups and keys outlive
// the Verification.   Threads: the Lookups'.
//                                                                                        RFC 6376, 8301, 8463
#pragma once

#include <memory>
#include <vector>

#include "auth/dkim/body_digests.h"
#include "auth/dkim/outcome.h"
#include "auth/lookup/lookups.h"
#include "base/clock.h"
#include "base/task.h"
#include "crypto/public_keys.h"
#include "mail/header_block.h"

namespace anechoic::auth::dkim {

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
