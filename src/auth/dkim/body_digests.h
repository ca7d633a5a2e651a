// SPDX-License-Identifier: Apache-2.0
// The digests of a body that signatures want, all made in one pass: one canonicalisation each of simple and relaxed,
// and as many digests as there are different (canonicalisation, l=) pairs.
//
// Any pieces; line ends CRLF. Memory: constant. Time: that of one digest a canonicalisation, whatever the number of l=.
// Threads: none; one owner.                                                                          RFC 6376 3.4.3-5
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/dkim/canonicalization.h"

namespace anechoic::auth::dkim {

class BodyDigests {
 public:
  static constexpr std::size_t kMost = 64;  // different digests; more are refused

  BodyDigests();
  ~BodyDigests();
  BodyDigests(const BodyDigests&) = delete;
  BodyDigests& operator=(const BodyDigests&) = delete;

  // Before the first feed(). `limit`: l=, octets of the canonical body. Returns the digest's number; the same for the
  // same wish. nullopt: kMost are there already.
  [[nodiscard]] std::optional<std::size_t> want(Canonicalization canonicalization, std::optional<std::uint64_t> limit);
  void feed(std::string_view bytes);
  void finish();

  // After finish(): SHA-256, 32 octets. l= beyond the body: of the whole body.
  [[nodiscard]] const std::string& digest(std::size_t number) const;
  // Octets of the whole canonical body: l= below it covers a part only. 0 when nobody wanted a digest of it.
  [[nodiscard]] std::uint64_t length(Canonicalization canonicalization) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::auth::dkim
