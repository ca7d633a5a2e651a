// SPDX-License-Identifier: Apache-2.0
// What a signature came to, in the words of RFC 8601 2.7.1. Which word for what (RFC 6376 3.9 has three only):
//   pass       the signature is good, and nothing below applies
//   fail       the body or a signed field was changed, or the signature is not of this key
//   policy     perhaps good, but not accepted here: an RSA key shorter or longer than the bounds (RFC 8301 3.2),
//   expired
//              or made in the future, a second From (Subject, To ...) that is not signed beside a signed one
//              (RFC 6376 8.15), not looked at because there are too many. A signature whose l= covers a part of the
//              body is *not* reported so: it has its cryptographic result and `partial_body`
//   permerror  can't be verified and never will: syntax, rsa-sha1 (RFC 8301 3.1), no key, a revoked or unfit one
//   temperror  the DNS did not tell
// `neutral` is not used: RFC 8601 would have it for syntax errors, where RFC 6376 6.1.1 says PERMFAIL.
// Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace anechoic::auth::dkim {

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

}  // namespace anechoic::auth::dkim
