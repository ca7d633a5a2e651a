// SPDX-License-Identifier: Apache-2.0
// Is an authenticated domain aligned with an author domain? Equal names are in every mode; strictly nothing else is;
// in relaxed mode those are that have the same organisational domain. Names that can't share one are not looked up.
//
// Lifetime: records outlives the Task.   Threads: the Lookups'.                            RFC 9989 3.2.10, 4.10.2
#pragma once

#include <cstdint>

#include "auth/dmarc/discover.h"
#include "base/task.h"

namespace anechoic::auth::dmarc {

enum class Aligned : std::uint8_t { No, Yes, Unknown };  // Unknown: a look-up failed

// `author`: the walk of the author domain.
[[nodiscard]] Task<Aligned> is_aligned(Records& records, Walk author, Alignment mode, dns::Name authenticated);

}  // namespace anechoic::auth::dmarc
