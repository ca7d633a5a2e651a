// SPDX-License-Identifier: Apache-2.0
// The two ways in which a signature forgives changes on the way.   Threads: values.                    RFC 6376 3.4
#pragma once

#include <cstdint>
#include <string_view>

namespace anechoic::auth::dkim {

enum class Canonicalization : std::uint8_t { Simple, Relaxed };

[[nodiscard]] constexpr std::string_view to_string(Canonicalization canonicalization) {
  return canonicalization == Canonicalization::Simple ? "simple" : "relaxed";
}

}  // namespace anechoic::auth::dkim
