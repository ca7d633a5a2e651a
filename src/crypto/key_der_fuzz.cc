// SPDX-License-Identifier: Apache-2.0
// Keys of strangers: whatever parses can be used, in bounded time.
#include "crypto/key_der.h"
#include "crypto/public_keys.h"
#include "testing/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace anechoic;
  using testing::require;
  const std::string_view bytes = testing::as_text(data, size);
  const auto numbers = crypto::parse_rsa_der(bytes);
  require(!numbers || numbers->modulus.empty() || numbers->modulus.front() != '\0', "no leading zero");
  const std::string digest(32, 'd');
  for (const crypto::KeyType type : {crypto::KeyType::Rsa, crypto::KeyType::Ed25519}) {
    const auto key = crypto::PublicKey::parse(type, bytes);
    if (!key) continue;
    require(type != crypto::KeyType::Rsa || numbers, "only what was read is a key");
    require(key->bits() > 0 && key->bits() <= crypto::PublicKey::kMaxRsaBits, "bounded");
    require(!key->verifies(digest, std::string(key->bits() / 8, '\x01')) || key->bits() < 512, "no luck");
  }
  return 0;
}
