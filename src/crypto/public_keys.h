// SPDX-License-Identifier: Apache-2.0
// Public keys for checking signatures, and a bounded cache of parsed ones: parsing an RSA key costs more than using it.
//
// Keys come from strangers: the DER is read by hand, so that nothing is computed with numbers that were not looked at.
// Errors: Syntax (no such key; an RSA exponent below 3 or even), Limit (modulus or exponent beyond the bound).
// Threads: of one thread, with the PublicKey objects it gave out (they reuse a context of OpenSSL).
//                                                                                  RFC 8017 8.2, RFC 8032, RFC 8463
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::crypto {

enum class KeyType : std::uint8_t { Rsa, Ed25519 };

class PublicKey {
 public:
  static constexpr unsigned kMaxRsaBits = 8192;     // nothing larger is parsed at all
  static constexpr unsigned kMaxExponentBits = 64;  // what is used has 17; the time to verify grows with it
  static constexpr std::size_t kMaxBytes = 2048;    // of the encoded key
  // RSA: SubjectPublicKeyInfo or RSAPublicKey in DER. Ed25519: 32 octets, or SubjectPublicKeyInfo.
  [[nodiscard]] static Result<PublicKey> parse(KeyType type, std::string_view bytes);

  [[nodiscard]] KeyType type() const;
  [[nodiscard]] unsigned bits() const;
  // RSA: PKCS #1 v1.5 over a SHA-256 digest; Ed25519: pure EdDSA over the 32 octets of the digest (RFC 8463 3).
  [[nodiscard]] bool verifies(std::string_view sha256_digest, std::string_view signature) const;

  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

 private:
  struct State;
  explicit PublicKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Least recently used go first. Failures are kept, too.
class PublicKeys {
 public:
  explicit PublicKeys(std::size_t most = 1024);
  ~PublicKeys();
  PublicKeys(const PublicKeys&) = delete;
  PublicKeys& operator=(const PublicKeys&) = delete;

  [[nodiscard]] Result<std::shared_ptr<const PublicKey>> get(KeyType type, std::string_view bytes);
  [[nodiscard]] std::size_t size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::crypto
