// SPDX-License-Identifier: Apache-2.0
// The pieces of work that bench_auth_rate measures. Each call of a Unit does it once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace bench {

// Returns octets that were worked on, 0 where that is no measure.
using Unit = std::function<std::size_t()>;

// SPF of clients of a thousand domains whose records are of the usual kinds. Warm: all answers are in the cache; cold:
// none is, a table answers behind it.
[[nodiscard]] Unit spf_warm();
[[nodiscard]] Unit spf_cold();

// A message of 4 KB with one RSA-2048 signature, its answer in the cache. Warm: its key is parsed already.
[[nodiscard]] Unit dkim_warm();
[[nodiscard]] Unit dkim_cold();
// The same message for other programs: a line of the key's name, a tab and its record, then the message.
[[nodiscard]] std::string dkim_sample();

// Digests of a body of 25 MB.
[[nodiscard]] Unit body_sha256();  // no canonicalization
[[nodiscard]] Unit body_simple();
[[nodiscard]] Unit body_relaxed();

}  // namespace bench
