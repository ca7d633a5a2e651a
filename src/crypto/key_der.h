// SPDX-License-Identifier: Apache-2.0
// Public keys in DER, taken apart without computing anything.   Errors: Syntax.   Lifetime: views into the bytes.
// Threads: pure.                                                      X.690 8.1; RFC 8017 A.1.1, RFC 8410 4
#pragma once

#include <string_view>

#include "base/result.h"

namespace anechoic::crypto {

struct RsaNumbers {
  std::string_view modulus;   // unsigned, most significant octet first, no leading zero
  std::string_view exponent;  // likewise
};

// SubjectPublicKeyInfo of rsaEncryption, or the RSAPublicKey alone.
[[nodiscard]] Result<RsaNumbers> parse_rsa_der(std::string_view der);
// 32 octets, as they are or in a SubjectPublicKeyInfo.
[[nodiscard]] Result<std::string_view> parse_ed25519(std::string_view bytes);

}  // namespace anechoic::crypto
