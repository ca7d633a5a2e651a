// SPDX-License-Identifier: Apache-2.0
// The replies of the Relay: what it says itself, and what becomes of a backend's words on their way to the client.
// Threads: pure functions.                                                                        RULES R2, RFC 3463
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "wire/smtp/reply.h"

namespace anechoic::smtp {

// Did the backend take it? (Reply::positive() also holds for 354.)
[[nodiscard]] bool is_success(const Reply& reply);

// A reply of our own. `soft`: a 5xx becomes the 4xx for it (RelayOptions::soft_bounce).
[[nodiscard]] Reply own_reply(const Reply& reply, bool soft);
// ... which refuses: one that does not is a mistake of the owner, and becomes 451.
[[nodiscard]] Reply own_refusal(const Reply& reply, bool soft);

enum class At : std::uint8_t { Envelope, Data, Message };  // MAIL and RCPT; DATA; the final dot

// Does this refusal speak of us instead of the mail (R2)? 500, 502, 503 (our dialogue) and 530 everywhere. In the
// envelope also 5.7.0, "relay denied" and a refused client host or HELO name, unless the identity of the client was
// passed on; behind DATA 5.7.0 is what content filters say.
[[nodiscard]] bool is_about_us(const Reply& reply, At at, bool identity_passed);

[[nodiscard]] Reply misconfigured();        // 451 4.3.5
[[nodiscard]] Reply unreachable();          // 451 4.4.1
[[nodiscard]] Reply silent();               // 451 4.4.2
[[nodiscard]] Reply missing_extension();    // 451 4.3.3
[[nodiscard]] Reply mixed_results();        // 451 4.3.0
[[nodiscard]] Reply changed_its_mind();     // 451 4.3.0
[[nodiscard]] Reply one_group_at_a_time();  // 452 4.5.3
[[nodiscard]] Reply abandoned();            // 451 4.5.0
[[nodiscard]] Reply no_valid_recipients();  // 554 5.5.1
[[nodiscard]] Reply bad_sequence();         // 503 5.5.1
[[nodiscard]] Reply needs_smtputf8();       // 553 5.6.7
[[nodiscard]] Reply accepted_recipient();   // 250 2.1.5
[[nodiscard]] Reply delivered_before();     // 250 2.0.0
[[nodiscard]] Reply delivered_to_all();     // 250 2.0.0

}  // namespace anechoic::smtp
