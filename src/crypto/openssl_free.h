// SPDX-License-Identifier: Apache-2.0
// Owners of OpenSSL's objects.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <type_traits>

namespace anechoic::crypto {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* made) const {
    Free(made);
  }
};

using OwnedPkey = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using OwnedPkeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using OwnedDigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using OwnedBignum = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using OwnedParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using OwnedParams = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using OwnedBio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

inline const unsigned char* octets_of(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

}  // namespace anechoic::crypto
