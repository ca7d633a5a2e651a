// SPDX-License-Identifier: Apache-2.0
// The Sender Rewriting Scheme as Mail::SRS and libsrs2 do it: to reproduce their addresses, and to read those that a
// forwarder before us made with secrets that he shares. Our own addresses are srs.h's.
//
//   SRS0=HHHH=TT=domain=local@alias     SRS1=HHHH=host=REST@alias
// HHHH: base64 of HMAC-SHA1 over the other parts in lower case, cut; compared without case, as mail systems fold it.
// TT: base32 of the day modulo 1024. The separator behind SRS0 and SRS1 is = - or +, the others are =.
// Errors: values.   Any bytes may be reversed.   Threads: immutable.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "crypto/secret.h"
#include "mail/tags/key_ring.h"

namespace anechoic::mail::tags {

struct ClassicSrsOptions {
  char separator = '=';         // written; = - +
  std::size_t hash_length = 4;  // written; kMinHash to kMaxHash characters
  std::size_t hash_min = 4;     // shorter ones are not believed
  unsigned max_age_days = 21;

  static constexpr std::size_t kMinHash = 1;
  static constexpr std::size_t kMaxHash = 27;  // all of HMAC-SHA1 without padding
};

enum class ClassicSrsFailure : std::uint8_t {
  NoAddress,  // not local@domain
  NotSrs,
  Malformed,  // a part is missing, or the time is not base32
  BadHash,
  Expired,
  NoSecret,
};

class ClassicSrs {
 public:
  // The first secret signs, all verify.
  explicit ClassicSrs(std::vector<crypto::Secret> secrets, ClassicSrsOptions options = {});

  using Answer = std::expected<std::string, ClassicSrsFailure>;

  // Addresses are texts, `local@domain`, and keep their case. "Guarded", the usual form: SRS0 of others becomes SRS1,
  // and what comes from `alias` itself stays as it is.
  [[nodiscard]] Answer forward(std::string_view sender, std::string_view alias, WallTime at) const;
  // "Shortcut": SRS0 of others is replaced by an SRS0 of ours (SRS1 is misread, as Mail::SRS misreads it).
  [[nodiscard]] Answer forward_shortcut(std::string_view sender, std::string_view alias, WallTime at) const;
  [[nodiscard]] Answer reverse(std::string_view address, WallTime at) const;

 private:
  [[nodiscard]] std::string first(std::string_view domain, std::string_view local, std::string_view alias,
                                  WallTime at) const;
  [[nodiscard]] std::string second(std::string_view host, std::string_view rest, std::string_view alias) const;
  [[nodiscard]] bool believed(std::string_view hash, std::string_view hashed) const;

  std::vector<crypto::Secret> secrets_;
  ClassicSrsOptions options_;
};

// Characters of base64 of HMAC-SHA1 over `parts`, joined and in lower case.
[[nodiscard]] std::string srs_hash(const crypto::Secret& secret, std::string_view parts, std::size_t length);
// Two characters for a day, and back: 0 to 1023 (any case).
[[nodiscard]] std::string srs_timestamp(Day day);
[[nodiscard]] std::optional<unsigned> read_srs_timestamp(std::string_view text);

}  // namespace anechoic::mail::tags
