// SPDX-License-Identifier: Apache-2.0
// The gateway's own answers, and small helpers over paths that it needs.   Threads: values.
#pragma once

#include <string>

#include "base/result.h"
#include "judge/verdict/ruleset.h"
#include "mail/address.h"
#include "outside/spool/spool.h"
#include "wire/smtp/reply.h"

namespace anechoic::gateway {

namespace replies {
[[nodiscard]] smtp::Reply greeting(const std::string& hostname);  // 220
[[nodiscard]] smtp::Reply hello(const std::string& name);         // 250
[[nodiscard]] smtp::Reply sender_ok();                            // 250 2.1.0
[[nodiscard]] smtp::Reply start_input();                          // 354
[[nodiscard]] smtp::Reply no_room();                              // 452 4.3.1
[[nodiscard]] smtp::Reply internal_error();                       // 451 4.3.0
[[nodiscard]] smtp::Reply source_down();                          // 451 4.4.3
[[nodiscard]] smtp::Reply too_many_connections();                 // 421 4.7.0
[[nodiscard]] smtp::Reply timed_out();                            // 421 4.4.2
[[nodiscard]] smtp::Reply shutting_down();                        // 421 4.3.2
}  // namespace replies

// The reply with the transaction's id behind its text, by which `anechoic explain` finds the whole story.
[[nodiscard]] smtp::Reply with_id(smtp::Reply reply, const std::string& id);

// The domain whose policy applies: the path's own, or our host's for the bare Postmaster (RFC 5321 4.5.1).
[[nodiscard]] std::string recipient_domain(const mail::ForwardPath& path, const judge::Ruleset& ruleset);
// The path with that domain, as it is sent to a backend.
[[nodiscard]] mail::ForwardPath with_domain(const mail::ForwardPath& path, const judge::Ruleset& ruleset);

// What tells a message without a Message-ID from others: the SHA-256 of its body, in hexadecimal (R3).
[[nodiscard]] Result<std::string> body_key(spool::Spool& body);

}  // namespace anechoic::gateway
