// SPDX-License-Identifier: Apache-2.0
// Key rings and times for tests of tags.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "mail/address.h"
#include "mail/tags/key_ring.h"

namespace anechoic::testing {

// Noon of a day since 1970.
inline WallTime noon(int day) {
  return WallTime{std::chrono::days{day} + std::chrono::hours{12}};
}

inline mail::ReversePath from(std::string local, std::string domain = "example.com") {
  return {mail::Mailbox{std::move(local), std::move(domain)}};
}

inline mail::tags::Key tag_key(unsigned id, std::string_view secret, WallTime not_before = WallTime::min(),
                               WallTime until = WallTime::max()) {
  return {id, crypto::Secret(secret), not_before, until};
}

// std::abort() if the keys are no ring.
template <typename... Keys>
mail::tags::KeyRing tag_ring(Keys... keys) {
  std::vector<mail::tags::Key> all;
  (all.push_back(std::move(keys)), ...);
  auto ring = mail::tags::KeyRing::make(std::move(all));
  if (!ring) std::abort();
  return *std::move(ring);
}

}  // namespace anechoic::testing
