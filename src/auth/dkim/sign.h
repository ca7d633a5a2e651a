// SPDX-License-Identifier: Apache-2.0
// DKIM signatures for one message, by one key or several at once.
//
//   Signer signer(header, keys_of(keys, now), options, now);
//   signer.feed(body...);
//   signer.finish() -> the DKIM-Signature fields, to be put in front of the message
//
// Line ends are CRLF, the body is what stands behind header.body_offset(). l= is never written: it lets strangers
// append. Errors: Syntax (no From, or two: nobody could say what was signed; a domain, selector or identity that is
// none; a field that must not be signed was asked for), Limit (a key that verifiers refuse). Lifetime: header and its
// bytes outlive the Signer.   Threads: none; one owner. Keys may be shared.
//                                                                                  RFC 6376 5, RFC 8301, RFC 8463
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/body_digests.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/private_key.h"
#include "mail/header_block.h"

namespace anechoic::auth::dkim {

struct SigningKey {
  std::string domain;
  std::string selector;
  std::shared_ptr<const crypto::PrivateKey> key;
  // Rotation: published first, signing from here on, until the next key of its domain and type takes over.
  WallTime from{};
};

// Of each domain and type of key the one that began last. In the order given.
[[nodiscard]] std::vector<SigningKey> keys_of(const std::vector<SigningKey>& keys, WallTime now);

struct SignOptions {
  Canonicalization header = Canonicalization::Relaxed;
  Canonicalization body = Canonicalization::Relaxed;
  std::optional<std::chrono::seconds> expire;  // x=, from now on
  std::string identity;                        // i=, "" = none
  // Fields that are signed, every instance that is there (RFC 6376 5.4.1). From always is.
  std::vector<std::string> headers = default_headers();
  // Of these, one more than is there, so that none can be added.
  std::vector<std::string> oversigned = default_oversigned();

  [[nodiscard]] static std::vector<std::string> default_headers();
  [[nodiscard]] static std::vector<std::string> default_oversigned();
};

class Signer {
 public:
  Signer(const mail::HeaderBlock& header, std::vector<SigningKey> keys, SignOptions options, WallTime now);
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  void feed(std::string_view body) { digests_.feed(body); }
  // Once. One field a key, in their order, folded, each with its line end.
  [[nodiscard]] Result<std::string> finish();

 private:
  const mail::HeaderBlock& header_;
  std::vector<SigningKey> keys_;
  SignOptions options_;
  WallTime now_;
  BodyDigests digests_;
  std::optional<std::size_t> body_digest_;
};

}  // namespace anechoic::auth::dkim
