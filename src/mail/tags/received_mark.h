// SPDX-License-Identifier: Apache-2.0
// The mark in the Received field that our inbound gateway writes: who carries it came in from outside, and is not mail
// that was submitted to us, whatever its From says (R11).
//
//   ... with ESMTPS id abcdefghijklmaab (mark=3bvqfb2naaaaaaaaaaaaaaaa);
//
// A comment right behind the id: a place where the grammar has white space and comments, so every reader skips it, the
// id stays the one string of log and journal, and MTAs that relay do not touch Received fields at all; those that fold
// long fields anew keep comments. Key digit, the time in seconds (seven base32 digits), then 80 bits of HMAC-SHA256
// over both and the id. It carries its own time, and is read together with the word before it only: a message
// whose first line is a continuation line adds to the end of our field, and must not break the mark.
// It never expires by age (a message may be resent from a mailbox years later); its key must stay in the ring.
// Any state but Absent says that the message went through somebody's inbound gateway: ours is only what has no mark.
// Errors: values.   Any bytes may be verified.   Lifetime: the ring outlives this.   Threads: pure functions.
//                                                                                          RFC 5321 4.4, RFC 4648 6
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/header_block.h"
#include "mail/tags/key_ring.h"
#include "mail/tags/watermark.h"

namespace anechoic::mail::tags {

struct ReceivedMark {
  MarkState state = MarkState::Absent;  // never Expired
  unsigned key = 0;
  std::string id;  // of the transaction that brought it in; Good only
  WallTime at{};   // Good only
};

// For mail::Received::mark: what stands between the parentheses. "" if no key is in its term.
[[nodiscard]] std::string received_mark(const KeyRing& keys, std::string_view id, WallTime at);

[[nodiscard]] ReceivedMark verify_received_mark(const KeyRing& keys, std::string_view received_value);
// Of all Received fields (at most limits::kReceivedFields) the first good one, else the first that is not absent.
[[nodiscard]] ReceivedMark find_received_mark(const KeyRing& keys, const HeaderBlock& header);

}  // namespace anechoic::mail::tags
