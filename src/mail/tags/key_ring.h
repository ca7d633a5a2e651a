// SPDX-License-Identifier: Apache-2.0
// The keys of one purpose: one of them signs, all of them verify. Up to ten, each with the digit that tags carry.
//
// A key has a term: it signs from `not_before` to `until`. What claims to be signed outside of that (by a day of clock
// difference more) is not taken for good, so a retired key may stay in the ring as long as bounces of its tags may
// come (lifetime plus some days), and one that leaked is harmless behind its end. Rotation with overlap: add the next
// key with a `not_before` in the future on every host, and only then give the old one an end.
// Errors: Syntax.   Lifetime: the ring outlives who uses it.   Threads: immutable, may be shared.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace anechoic::mail::tags {

using Day = std::chrono::sys_days;

inline constexpr std::chrono::days kClockSkew{1};  // how far two hosts' ideas of the time may differ

// `time` moved by `by`, halting at the ends of what a WallTime can hold.
[[nodiscard]] WallTime moved(WallTime time, std::chrono::days by);

struct Key {
  unsigned id = 0;  // 0 to 9
  crypto::Secret secret;
  WallTime not_before = WallTime::min();
  WallTime until = WallTime::max();  // signs nothing from then on
};

class KeyRing {
 public:
  KeyRing() = default;  // empty: signs nothing, verifies nothing
  // At most ten, with different ids, none empty, each with a term that ends behind its beginning.
  [[nodiscard]] static Result<KeyRing> make(std::vector<Key> keys);

  // Of those in their term the one that began last (of several, the highest id); null if there is none.
  [[nodiscard]] const Key* signing(WallTime at) const;
  [[nodiscard]] const Key* find(unsigned id) const;  // null: no such key
  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }

 private:
  std::vector<Key> keys_;
};

// May `key` have signed between these two times?
[[nodiscard]] bool in_term(const Key& key, WallTime earliest, WallTime latest);

}  // namespace anechoic::mail::tags
