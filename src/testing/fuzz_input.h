// SPDX-License-Identifier: Apache-2.0
// What fuzz targets share: the input as text, numbers taken from its front, and a check that says what broke.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace anechoic::testing {

// Ends the process, with a trace under the fuzzer, if an invariant does not hold.
inline void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The octet at the front of `text`, 0 if there is none.
inline std::uint8_t take_octet(std::string_view& text) {
  if (text.empty()) return 0;
  const auto octet = static_cast<std::uint8_t>(text.front());
  text.remove_prefix(1);
  return octet;
}

// Hands `text` to `use` in pieces of lengths that depend on `seed`.
template <typename Use>
void in_pieces(std::string_view text, std::uint32_t seed, const Use& use) {
  std::uint32_t state = seed * 2654435761U + 1U;
  while (!text.empty()) {
    state = state * 1664525U + 1013904223U;
    const std::string_view piece = text.substr(0, 1 + (state >> 24U) % (seed % 3U == 0 ? 3U : 41U));
    text.remove_prefix(piece.size());
    use(piece);
  }
}

}  // namespace anechoic::testing
