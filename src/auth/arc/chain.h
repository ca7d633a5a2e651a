// SPDX-License-Identifier: Apache-2.0
// The ARC sets of a message and whether they form a chain, before anything is fetched or computed: steps 1 to 3 of a
// validator.
//
// Any header. Errors: `wrong`, for people, printable.   Bounds: 50 sets.
// Lifetime: views into the header and its bytes.   Threads: values.                            RFC 8617 4.1, 4.2, 5.2
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/signature.h"
#include "mail/header_block.h"

namespace anechoic::auth::arc {

inline constexpr unsigned kMostSets = 50;

struct Set {
  const mail::Field* results = nullptr;  // ARC-Authentication-Results
  const mail::Field* message = nullptr;  // ARC-Message-Signature
  const mail::Field* seal = nullptr;     // ARC-Seal
  dkim::Signature message_signature;     // perhaps `wrong`: that of an older set may be (5.2 step 5)
  dkim::Signature seal_signature;
  bool names_canonicalization = true;  // has the message signature c=?
};

struct Chain {
  bool there = false;     // is there any field of ARC?
  std::vector<Set> sets;  // i=1 first; only of a chain that is not `wrong`
  std::string wrong;      // "" = the sets form a chain, all seals and the newest message signature are well formed
};
[[nodiscard]] Chain read_chain(const mail::HeaderBlock& header);

// i= of ARC-Authentication-Results, which must come first, comments allowed; `rest` is what follows its semicolon.
struct Instance {
  unsigned number = 0;
  std::string_view rest;
};
[[nodiscard]] std::optional<Instance> results_instance(std::string_view value);

}  // namespace anechoic::auth::arc
