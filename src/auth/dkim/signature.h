// SPDX-License-Identifier: Apache-2.0
// The tags of DKIM-Signature, and of ARC's two signatures, which are made alike.
//
// Strict where the grammar is (a tag twice, h= without From, i= outside of d=, x= before t= ...); unknown tags are
// ignored. Domains are A-labels in lower case, so names compare by bytes; underscores in them are let through.
// Total and linear. Errors: `wrong` says what; what could be read before and behind stays readable, so that a broken
// signature can be named.   Lifetime: views into the field's value.   Threads: values.
//                                                                          RFC 6376 3.5, RFC 8616 5, RFC 8617 4.1
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/canonicalization.h"
#include "crypto/public_keys.h"
#include "wire/dns/name.h"

namespace anechoic::auth::dkim {

enum class SignatureKind : std::uint8_t { Dkim, ArcMessage, ArcSeal };

struct Signature {
  static constexpr std::size_t kMostHeaders = 1000;  // names in h=; a header block has no more fields

  std::string wrong;                   // for people; "" = the signature is well formed
  std::string algorithm;               // a=, printable
  std::optional<crypto::KeyType> key;  // nullopt: unknown algorithm or rsa-sha1, and `wrong` says so
  std::string domain;                  // d=
  std::string selector;                // s=
  dns::Name key_name;                  // selector._domainkey.domain
  std::string identity;                // i= of DKIM, as written, printable; "" = not there
  std::string identity_domain;         // of i=, else d=
  std::string signature;               // b=, octets
  std::string body_hash;               // bh=, octets; not of ArcSeal
  Canonicalization header = Canonicalization::Simple;
  Canonicalization body = Canonicalization::Simple;
  std::vector<std::string> headers;          // h=, lower case; not of ArcSeal
  std::optional<std::uint64_t> body_length;  // l=
  std::optional<std::uint64_t> signed_at;    // t=, seconds since 1970
  std::optional<std::uint64_t> expires;      // x=
  std::string_view copied;                   // z=, as written
  std::string_view b;                        // all between "b=" and the next ";": what is not signed
  std::string head;                          // first characters of b= (RFC 6008)
};

[[nodiscard]] Signature parse_signature(std::string_view value, SignatureKind kind = SignatureKind::Dkim);

// In A-labels and lower case. nullopt: no name, one that the DNS can't have, or of fewer labels.
[[nodiscard]] std::optional<std::string> read_domain(std::string_view text, std::size_t least_labels);

// Octets behind =XX.                                                                                  RFC 6376 2.11
[[nodiscard]] std::optional<std::string> decode_quoted_printable(std::string_view text);

// At most `most` characters, and none that is not printable.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most);

}  // namespace anechoic::auth::dkim
