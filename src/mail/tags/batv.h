// SPDX-License-Identifier: Apache-2.0
// Bounce address tags (BATV, draft-levine-smtp-batv-01): a reverse-path that carries a MAC over itself, so that a
// bounce to it proves that mail left with it. docs/formats/tags.md shows the forms.
//
// Read: `prvs=TAG=local`, `prvs=local=TAG`, `prvs=local/TAG`, and `local+prvs=TAG` where a delimiter is set. Written:
// the first or the last. TAG = key digit, three digits of the day on which the tag expires (days since 1970, modulo
// 1000), six hexadecimal digits of HMAC-SHA1 over key digit, day and address.
// - The address is written in lower case (ASCII), the MAC taken over that; verified lower-cased and as it came.
// - One tag a sender, key and day.
// - An expiry day is read as the one nearest to today out of those a thousand days apart: from today plus lifetime (and
//   a day of clock skew) back. A key older than oldest_key() could make a tag of its first days look new: rotate.
// - 24 bits can be guessed at volume: who asks bounds the wrong tags a source may try.
// Errors: values.   Any bytes may be verified.   Lifetime: the ring outlives this.   Threads: immutable.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "mail/address.h"
#include "mail/tags/key_ring.h"

namespace anechoic::mail::tags {

enum class BatvForm : std::uint8_t {
  Prvs,         // prvs=TAG=local
  PrvsTagLast,  // prvs=local=TAG
  PrvsSlash,    // prvs=local/TAG
  SubAddress,   // local+prvs=TAG
};

struct BatvOptions {
  unsigned lifetime_days = 14;       // queue plus return; 1 to kMaxLifetime
  BatvForm write = BatvForm::Prvs;   // or SubAddress, for backends that do not know tags
  char sub_address_delimiter = '+';  // '\0': sub-addresses are not read

  static constexpr unsigned kMaxLifetime = 60;
};

// Why an address leaves untagged.
enum class Untagged : std::uint8_t {
  NullSender,
  AlreadyTagged,  // by whomever, in whichever dialect
  Srs,            // a forwarder's address, which has a hash of its own
  TooLong,        // the local part would have more than 64 octets
  NoKey,          // no key of the ring is in its term
};

enum class TagState : std::uint8_t {
  NotTagged,
  Good,
  Expired,     // the MAC is good, the day outside the lifetime: we did send it (R16)
  UnknownKey,  // a tag of a key that is not in the ring: another signer's, a forgery, or we lost the key
  BadMac,      // also: a good MAC that claims a time outside the key's term
};

struct BatvReading {
  TagState state = TagState::NotTagged;
  unsigned key = 0;   // the digit; not with NotTagged
  Day expiry{};       // valid through the end of that day (UTC); Good and Expired only
  std::string local;  // the address without its tag, as it came; not with NotTagged
  BatvForm form = BatvForm::Prvs;

  // Mail of ours left with this address.
  [[nodiscard]] bool proves_sent() const { return state == TagState::Good || state == TagState::Expired; }
};

class Batv {
 public:
  Batv(const KeyRing& keys, BatvOptions options);

  [[nodiscard]] std::expected<Mailbox, Untagged> tag(const ReversePath& sender, WallTime at) const;

  // `domain` as it came: signers that do not lower-case take the MAC over that.
  [[nodiscard]] BatvReading verify(std::string_view local, std::string_view domain, WallTime at) const;
  [[nodiscard]] BatvReading verify(const Mailbox& mailbox, WallTime at) const {
    return verify(mailbox.local, mailbox.domain, at);
  }

  // A key that began to sign before this should have been replaced (the wrap modulo 1000).
  [[nodiscard]] WallTime oldest_key(WallTime at) const;

 private:
  const KeyRing& keys_;
  BatvOptions options_;
};

// The ten characters of a tag, as Exim's ${prvs} and batv-tools make them. `day`: of the expiry; `address`: taken as it
// is.
[[nodiscard]] std::string batv_tag(const crypto::Secret& key, unsigned key_id, Day expiry, std::string_view address);

[[nodiscard]] std::string_view to_string(Untagged why);
[[nodiscard]] std::string_view to_string(TagState state);

}  // namespace anechoic::mail::tags
