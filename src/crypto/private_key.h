// SPDX-License-Identifier: Apache-2.0
// Private keys for signing. Kept by OpenSSL, wiped when freed. A key that is here has signed something that its public
// half verified, so signing fails for want of memory only (std::bad_alloc).
// Errors: Syntax, Limit; Refused for a file that others may read; Io.   Threads: may be shared by threads.
//                                                                                  RFC 8017 8.2, RFC 8032, RFC 8463
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/public_keys.h"

namespace anechoic::crypto {

class PrivateKey {
 public:
  [[nodiscard]] static Result<PrivateKey> generate(KeyType type, unsigned rsa_bits = 2048);  // 1024 to 4096
  [[nodiscard]] static Result<PrivateKey> parse_pem(std::string_view pem);  // PKCS #8 or PKCS #1, not encrypted
  // A file of mode 0600 or stricter (0640 is refused, with what to do).
  [[nodiscard]] static Result<PrivateKey> read_file(const std::string& path);

  // Its pem() in a new file of mode 0600, on disk when this returns. Refused if there is something of that name.
  [[nodiscard]] Result<void> write_new_file(const std::string& path) const;

  [[nodiscard]] KeyType type() const;
  [[nodiscard]] unsigned bits() const;
  [[nodiscard]] std::string pem() const;           // PKCS #8
  [[nodiscard]] std::string public_bytes() const;  // as PublicKey::parse() reads and p= of DKIM carries them
  [[nodiscard]] std::string sign(std::string_view sha256_digest) const;  // 32 octets; as PublicKey::verifies() reads

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

 private:
  struct State;
  explicit PrivateKey(std::unique_ptr<State> state);
  [[nodiscard]] std::string try_sign(std::string_view sha256_digest) const;  // "": could not
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::crypto
