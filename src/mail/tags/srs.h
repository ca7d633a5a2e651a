// SPDX-License-Identifier: Apache-2.0
// Our own addresses for forwarded mail: the shape of SRS, so that other forwarders can wrap them and their bounces find
// back to us, but a longer MAC, which also covers whether the original reverse-path was proved on arrival (R19).
// docs/formats/tags.md shows the forms; classic_srs.h has the ones that libsrs2 makes.
//
//   SRS0=KMMMMMMMM=TT=domain=local@ours    K: key id and mark; M: 40 bits of HMAC-SHA256, base32; TT: day modulo 1024
//   SRS1=KMMMMMMMM=host=REST@ours          host: the first forwarder; REST: his SRS0 address behind "SRS0", as it came
//
// The MAC covers all other parts and our domain, in lower case (mail systems fold case). SRS1 carries no time: the age
// of its first hop is for that host to judge.
// What would have more than 64 octets is not rewritten (TooLong): there is no shorter form that we could verify without
// keeping state that strangers fill. The caller forwards with the reverse-path as it is (the next hop's SPF may fail)
// or refuses, as the operator set.
// Errors: values.   Any bytes may be reversed.   Lifetime: the ring outlives this.   Threads: immutable.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/address.h"
#include "mail/tags/batv.h"
#include "mail/tags/key_ring.h"

namespace anechoic::mail::tags {

struct SrsOptions {
  std::string domain;          // ours, in lower case: bounces to it come to us
  unsigned max_age_days = 21;  // 1 to kMaxAge

  static constexpr unsigned kMaxAge = 365;
};

// Was the original reverse-path proved when the message came in?
enum class Proved : std::uint8_t { No, Yes };

// Why a reverse-path is not rewritten.
enum class NotRewritten : std::uint8_t {
  NullSender,
  Own,      // an address of our SRS domain, rewritten or not
  TooLong,  // the local part would have more than 64 octets
  NoKey,    // no key of the ring is in its term
};

struct SrsReading {
  TagState state = TagState::NotTagged;  // NotTagged: not the shape of ours
  bool first_hop = true;                 // SRS0
  Proved proved = Proved::No;            // Good and Expired only
  unsigned key = 0;                      // not with NotTagged
  Mailbox original;                      // where the bounce goes to next; Good and Expired only
  Day made{};                            // SRS0, Good and Expired only
};

class Srs {
 public:
  Srs(const KeyRing& keys, SrsOptions options);

  [[nodiscard]] std::expected<Mailbox, NotRewritten> forward(const ReversePath& sender, Proved proved,
                                                             WallTime at) const;
  [[nodiscard]] SrsReading reverse(const Mailbox& recipient, WallTime at) const;

 private:
  const KeyRing& keys_;
  SrsOptions options_;
};

[[nodiscard]] std::string_view to_string(NotRewritten why);

}  // namespace anechoic::mail::tags
