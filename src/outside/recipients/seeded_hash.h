// SPDX-License-Identifier: Apache-2.0
// A hash of addresses for tables in memory, seeded, because strangers choose the addresses.   Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ascii.h"

namespace anechoic::recipients {

[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) {  // the finaliser of splitmix64
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

[[nodiscard]] constexpr std::uint64_t seeded_hash(std::uint64_t seed, std::string_view text) {
  for (const char c : text) {
    seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return mix(seed ^ text.size());
}

// The same for text whose ASCII letters differ only in case.
[[nodiscard]] constexpr std::uint64_t seeded_folded_hash(std::uint64_t seed, std::string_view text) {
  for (const char c : text) {
    seed = (seed ^ static_cast<unsigned char>(ascii::to_lower(c))) * 0x100000001b3ULL;
  }
  return mix(seed ^ text.size());
}

}  // namespace anechoic::recipients
