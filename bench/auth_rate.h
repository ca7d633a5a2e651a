// SPDX-License-Identifier: Apache-2.0
// The pieces of work that bench_auth_rate measures. Each call of a Unit does it once.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace bench {

// Returns octets that were worked on, 0 where that is no measure.
using Unit = std::function<std::size_t()>;

// SPF of clients of a thousand domains whose records are of the usual kinds. Warm: all answers are in the cache; cold:
// none is, a table answers behind it.
[[nodiscard]] Unit spf_warm();
[[nodiscard]] Unit spf_cold();

}  // namespace bench
