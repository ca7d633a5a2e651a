// SPDX-License-Identifier: Apache-2.0
#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <new>

#include "crypto/openssl_free.h"

namespace anechoic::crypto {
namespace {

using OwnedMacContext = std::unique_ptr<EVP_MAC_CTX, FreeWith<EVP_MAC_CTX_free>>;

// A context that knows its hash; looked up once, copied for each use.
OwnedMacContext prepare(const char* hash) {
  EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  if (algorithm == nullptr) throw std::bad_alloc();
  OwnedMacContext context(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);  // the context holds it
  std::array<char, 16> name{};
  std::string_view(hash).copy(name.data(), name.size() - 1);
  const std::array<OSSL_PARAM, 2> settings{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                           OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), settings.data()) != 1) throw std::bad_alloc();
  return context;
}

const EVP_MAC_CTX* prepared(MacHash hash) {
  static const OwnedMacContext kSha1 = prepare("SHA1");
  static const OwnedMacContext kSha256 = prepare("SHA256");
  return hash == MacHash::Sha1 ? kSha1.get() : kSha256.get();
}

}  // namespace

std::string hmac(MacHash hash, const Secret& key, std::string_view text) {
  static constexpr unsigned char kNothing = 0;  // a null key would mean "the key of before"
  const OwnedMacContext context(EVP_MAC_CTX_dup(prepared(hash)));
  const unsigned char* const octets = key.empty() ? &kNothing : octets_of(key.octets().data());
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  std::size_t size = 0;
  if (!context || EVP_MAC_init(context.get(), octets, key.octets().size(), nullptr) != 1 ||
      EVP_MAC_update(context.get(), octets_of(text.data()), text.size()) != 1 ||
      EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) != 1)
    throw std::bad_alloc();
  return {mac.begin(), mac.begin() + size};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace anechoic::crypto
