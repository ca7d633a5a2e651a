// SPDX-License-Identifier: Apache-2.0
// What a backend's answer to RCPT says about the address, as far as it can be told from policy, quotas and mistakes.
// Threads: pure functions.                                                              RFC 3463 3.2, RFC 5321 4.2.2
#pragma once

#include <cstdint>

#include "wire/smtp/reply.h"

namespace anechoic::recipients {

enum class Said : std::uint8_t { Exists, Absent, Nothing };

// 2xx: Exists. 5.1.1, or 550 without a telling enhanced code and with words that mean it: Absent. All else: Nothing,
// and whatever speaks of the sender: a stranger must not make a recipient unknown by forging a sender that is.
[[nodiscard]] Said what_it_says(const smtp::Reply& reply);

}  // namespace anechoic::recipients
