// SPDX-License-Identifier: Apache-2.0
// The header field Anechoic-Origin: a MAC over those fields of a message that bounces return as they were, so that
// returned headers prove that the message left through us.
//
//   Anechoic-Origin: v=1; k=3; t=1795327821; h=fdm; m=<26 base32 characters>
//
// Covers what was there of From (its first address, in lower case), Date (the instant) and Message-ID; `h` names them.
// A field of its own: nothing that others refer to is changed. Under its own name, as RFC 6648 advises, not "X-...".
// One line of at most 78 octets, so that nobody needs to fold it; white space, line ends and case of its name may
// change. What it does not say: that this bounce answers that message. The three fields are public, so a copy proves no
// more than that the message was ours: who asks compares the bounce's recipient with `from`. Errors: values.   Any
// bytes may be verified.   Lifetime: the ring outlives this.   Threads: immutable.
//                                                                          RFC 5322 3.6, RFC 4648 6, RFC 6648 3
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/header_block.h"
#include "mail/tags/key_ring.h"

namespace anechoic::mail::tags {

struct WatermarkOptions {
  unsigned lifetime_days = 30;  // answers of people on holiday come late
};

// Why a message gets none.
enum class Unmarked : std::uint8_t {
  NothingToCover,  // neither Date nor Message-ID: the mark would fit any mail of that author
  NoKey,           // no key of the ring is in its term
};

enum class MarkState : std::uint8_t {
  Absent,
  Good,
  Expired,     // the MAC is good: we did send it, too long ago
  UnknownKey,  // of a key that is not in the ring
  Bad,         // the MAC fails, the field can't be read, or it claims a time outside the key's term. Neutral: headers
               // that were rewritten or trimmed on the way look the same as a forgery
};

struct WatermarkReading {
  MarkState state = MarkState::Absent;
  unsigned key = 0;
  WallTime made{};   // Good and Expired only
  std::string from;  // the author's address, in lower case; Good and Expired only; "" = the message had none

  [[nodiscard]] bool proves_sent() const { return state == MarkState::Good || state == MarkState::Expired; }
};

class Watermark {
 public:
  static constexpr std::string_view kField = "Anechoic-Origin";
  static constexpr std::size_t kMaxFields = 8;  // of that name are looked at; the best counts

  Watermark(const KeyRing& keys, WatermarkOptions options);

  // The field, with its line end; to be put before the message. A message that begins with a continuation line would
  // add to it: something of our own has to stand between.
  [[nodiscard]] std::expected<std::string, Unmarked> write(const HeaderBlock& message, WallTime at) const;
  // `returned`: the headers that a bounce returned.
  [[nodiscard]] WatermarkReading verify(const HeaderBlock& returned, WallTime at) const;

 private:
  [[nodiscard]] WatermarkReading verify_field(std::string_view value, const HeaderBlock& returned, WallTime at) const;

  const KeyRing& keys_;
  WatermarkOptions options_;
};

[[nodiscard]] std::string_view to_string(MarkState state);
[[nodiscard]] std::string_view to_string(Unmarked why);

}  // namespace anechoic::mail::tags
