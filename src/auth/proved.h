// SPDX-License-Identifier: Apache-2.0
// From results to proved addresses (R20): the reverse-path by SPF pass or by DKIM aligned to it, every From address by
// aligned SPF or DKIM; Sender and Reply-To need their own proof, of the same kinds. Alignment is the DMARC record's of
// that address's domain, relaxed where it has none; an organization that is a top-level domain aligns nothing but equal
// names, whatever DMARC makes of it. A signature with a partial body (l=) proves nothing; an SPF pass
// of HELO proves the reverse-path of no one but postmaster@HELO. `neutral`, `none`, `softfail` prove nothing. A
// signature proves only addresses of fields that it signs, all of that name: a From put on top of a signed one is
// nobody's.
//
// Unknown is what a look-up that failed (SPF, a key, a DMARC record) could have proved; else it is No, also where SPF
// was not asked. Bounds: kMostAddresses of a place are judged; further ones are not proved, and not listed.
// Errors: none.   Lifetime: lookups outlive the Task.   Threads: the Lookups'.                       RFC 9989 4.10.2
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "auth/evidence.h"

namespace anechoic::auth {

inline constexpr std::size_t kMostAddresses = 50;

// The addresses that a message has, as its header and envelope name them.
struct Claims {
  std::optional<mail::ReversePath> reverse_path;  // nullopt: not known
  std::vector<std::string> from;                  // bare addresses, each once
  std::vector<std::string> sender;
  std::vector<std::string> reply_to;
  unsigned from_fields = 1;  // how many fields they stand in
  unsigned sender_fields = 1;
  unsigned reply_to_fields = 1;
};
[[nodiscard]] Claims claims_of(const mail::HeaderBlock& header);  // without the reverse-path

// Fills in `proved` and `not_proved` of `evidence`, whose other members are there already. Asks for DMARC records (of
// Reply-To's domain, say) through `lookups`.
[[nodiscard]] Task<Evidence> prove(Lookups& lookups, Evidence evidence, Claims claims);

}  // namespace anechoic::auth
