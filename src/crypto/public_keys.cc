// SPDX-License-Identifier: Apache-2.0
#include "crypto/public_keys.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <bit>
#include <list>
#include <new>
#include <unordered_map>

#include "crypto/key_der.h"
#include "crypto/openssl_free.h"

namespace anechoic::crypto {

namespace {

constexpr std::size_t kDigestOctets = 32;

unsigned bits_of(std::string_view number) {
  if (number.empty()) return 0;
  return static_cast<unsigned>(8 * (number.size() - 1)) +
         static_cast<unsigned>(std::bit_width(static_cast<unsigned char>(number.front())));
}

bool is_odd(std::string_view number) {
  return !number.empty() && (static_cast<unsigned char>(number.back()) & 1U) != 0;
}

OwnedBignum bignum(std::string_view number) {
  return OwnedBignum(BN_bin2bn(octets_of(number.data()), static_cast<int>(number.size()), nullptr));
}

OwnedPkey make_rsa(const RsaNumbers& numbers) {
  const OwnedBignum modulus = bignum(numbers.modulus);
  const OwnedBignum exponent = bignum(numbers.exponent);
  const OwnedParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    throw std::bad_alloc();
  const OwnedParams params(OSSL_PARAM_BLD_to_param(builder.get()));
  const OwnedPkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  if (!params || !context) throw std::bad_alloc();
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return OwnedPkey(key);
}

// Ready to verify PKCS #1 v1.5 over SHA-256 as often as wanted.
OwnedPkeyContext make_rsa_verifier(EVP_PKEY* key) {
  OwnedPkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1)
    return nullptr;
  return context;
}

}  // namespace

struct PublicKey::State {
  KeyType type = KeyType::Rsa;
  unsigned bits = 0;
  OwnedPkey key;
  OwnedPkeyContext rsa_verifier;  // Rsa only
};

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

Result<PublicKey> PublicKey::parse(KeyType type, std::string_view bytes) {
  if (bytes.size() > kMaxBytes) return fail(Errc::Limit, "a key of more than " + std::to_string(kMaxBytes) + " octets");
  auto state = std::make_unique<State>();
  state->type = type;
  if (type == KeyType::Ed25519) {
    const auto key = parse_ed25519(bytes);
    if (!key) return Failure(key.error());
    state->bits = 256;
    state->key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(key->data()), key->size()));
  } else {
    const auto numbers = parse_rsa_der(bytes);
    if (!numbers) return Failure(numbers.error());
    state->bits = bits_of(numbers->modulus);
    if (state->bits > kMaxRsaBits) return fail(Errc::Limit, "an RSA key of " + std::to_string(state->bits) + " bits");
    if (bits_of(numbers->exponent) > kMaxExponentBits)
      return fail(Errc::Limit, "an RSA exponent of " + std::to_string(bits_of(numbers->exponent)) + " bits");
    if (bits_of(numbers->exponent) < 2 || !is_odd(numbers->exponent) || !is_odd(numbers->modulus))
      return fail(Errc::Syntax, "an RSA key with impossible numbers");
    state->key = make_rsa(*numbers);
    if (state->key) state->rsa_verifier = make_rsa_verifier(state->key.get());
  }
  if (!state->key || (type == KeyType::Rsa && !state->rsa_verifier)) {
    ERR_clear_error();
    return fail(Errc::Syntax, "a key that OpenSSL does not take");
  }
  return PublicKey(std::move(state));
}

KeyType PublicKey::type() const {
  return state_->type;
}

unsigned PublicKey::bits() const {
  return state_->bits;
}

bool PublicKey::verifies(std::string_view sha256_digest, std::string_view signature) const {
  if (sha256_digest.size() != kDigestOctets) return false;
  bool good = false;
  if (state_->type == KeyType::Rsa) {
    good = EVP_PKEY_verify(state_->rsa_verifier.get(), octets_of(signature.data()), signature.size(),
                           octets_of(sha256_digest.data()), sha256_digest.size()) == 1;
  } else {
    const OwnedDigestContext context(EVP_MD_CTX_new());
    good = context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
           EVP_DigestVerify(context.get(), octets_of(signature.data()), signature.size(),
                            octets_of(sha256_digest.data()), sha256_digest.size()) == 1;
  }
  if (!good) ERR_clear_error();
  return good;
}

struct PublicKeys::State {
  using Found = Result<std::shared_ptr<const PublicKey>>;
  struct Entry {
    std::string name;  // type and bytes
    Found key;
  };
  std::size_t most;
  std::list<Entry> entries;                                                  // the last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_name;  // views of the entries' names
  std::string wanted;                                                        // kept, so that a hit allocates nothing
};

PublicKeys::PublicKeys(std::size_t most) : state_(std::make_unique<State>()) {
  state_->most = most == 0 ? 1 : most;
}
PublicKeys::~PublicKeys() = default;

Result<std::shared_ptr<const PublicKey>> PublicKeys::get(KeyType type, std::string_view bytes) {
  State& state = *state_;
  // Not kept: the bound of the cache is one of memory.
  if (bytes.size() > PublicKey::kMaxBytes) return Failure(PublicKey::parse(type, bytes).error());
  state.wanted.assign(1, type == KeyType::Rsa ? 'r' : 'e').append(bytes);
  if (const auto hit = state.by_name.find(state.wanted); hit != state.by_name.end()) {
    state.entries.splice(state.entries.begin(), state.entries, hit->second);
    return hit->second->key;
  }
  auto parsed = PublicKey::parse(type, bytes);
  State::Found found = parsed ? State::Found(std::make_shared<const PublicKey>(std::move(*parsed)))
                              : State::Found(Failure(std::move(parsed.error())));
  if (state.entries.size() >= state.most) {
    state.by_name.erase(state.entries.back().name);
    state.entries.pop_back();
  }
  state.entries.push_front({state.wanted, found});
  state.by_name.emplace(state.entries.front().name, state.entries.begin());
  return found;
}

std::size_t PublicKeys::size() const {
  return state_->entries.size();
}

}  // namespace anechoic::crypto
