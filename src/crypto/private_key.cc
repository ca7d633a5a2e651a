// SPDX-License-Identifier: Apache-2.0
#include "crypto/private_key.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <new>
#include <utility>

#include "crypto/key_file.h"
#include "crypto/openssl_free.h"

namespace anechoic::crypto {

namespace {

constexpr std::size_t kMaxFileOctets = 64 * 1024;
constexpr unsigned kLeastGenerated = 1024;  // RFC 8301 3.2
constexpr unsigned kMostGenerated = 4096;   // what every verifier takes

// Else OpenSSL asks at the terminal.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

struct PrivateKey::State {
  KeyType type = KeyType::Rsa;
  OwnedPkey key;
};

PrivateKey::PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

Result<PrivateKey> PrivateKey::generate(KeyType type, unsigned rsa_bits) {
  auto state = std::make_unique<State>();
  state->type = type;
  if (type == KeyType::Ed25519) {
    state->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  } else {
    if (rsa_bits < kLeastGenerated || rsa_bits > kMostGenerated)
      return fail(Errc::Limit, "RSA keys have " + std::to_string(kLeastGenerated) + " to " +
                                   std::to_string(kMostGenerated) + " bits");
    state->key.reset(EVP_RSA_gen(rsa_bits));
  }
  if (!state->key) throw std::bad_alloc();
  return PrivateKey(std::move(state));
}

Result<PrivateKey> PrivateKey::parse_pem(std::string_view pem) {
  if (pem.size() > kMaxFileOctets) return fail(Errc::Limit, "too long for a private key");
  const OwnedBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!bio) throw std::bad_alloc();
  auto state = std::make_unique<State>();
  bool asked = false;
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, &asked));
  ERR_clear_error();
  if (asked) return fail(Errc::Syntax, "the key is encrypted; `openssl pkey -in FILE` writes it without a passphrase");
  if (!state->key)
    return fail(Errc::Syntax, "no private key in PEM (it begins with -----BEGIN PRIVATE KEY----- or BEGIN RSA ...)");
  const int kind = EVP_PKEY_get_base_id(state->key.get());
  if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_ED25519)
    return fail(Errc::Syntax, "a key of another kind; DKIM has RSA and Ed25519");
  state->type = kind == EVP_PKEY_RSA ? KeyType::Rsa : KeyType::Ed25519;
  PrivateKey key(std::move(state));
  // A key whose halves do not fit would sign what nobody can verify.
  const std::string digest(32, 'a');
  const auto half = PublicKey::parse(key.type(), key.public_bytes());
  if (!half) return fail(half.error().code, "its public half: " + half.error().detail);
  if (!half->verifies(digest, key.try_sign(digest))) return fail(Errc::Syntax, "its private and public half differ");
  return key;
}

Result<PrivateKey> PrivateKey::read_file(const std::string& path) {
  auto pem = read_key_file(path, kMaxFileOctets);
  if (!pem) return std::unexpected(std::move(pem).error());
  auto key = parse_pem(*pem);
  OPENSSL_cleanse(pem->data(), pem->size());
  if (!key) return fail(key.error().code, path + ": " + key.error().detail);
  return key;
}

Result<void> PrivateKey::write_new_file(const std::string& path) const {
  std::string text = pem();
  auto written = write_new_key_file(path, text);
  OPENSSL_cleanse(text.data(), text.size());
  return written;
}

KeyType PrivateKey::type() const {
  return state_->type;
}

unsigned PrivateKey::bits() const {
  return state_->type == KeyType::Ed25519 ? 256U : static_cast<unsigned>(EVP_PKEY_get_bits(state_->key.get()));
}

std::string PrivateKey::pem() const {
  const OwnedBio bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw std::bad_alloc();
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string PrivateKey::public_bytes() const {
  if (state_->type == KeyType::Ed25519) {
    std::array<unsigned char, 32> raw{};
    std::size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(state_->key.get(), raw.data(), &size) != 1) throw std::bad_alloc();
    return {raw.begin(), raw.end()};
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &der);
  if (size < 0) throw std::bad_alloc();
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string PrivateKey::try_sign(std::string_view sha256_digest) const {
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get())), '\0');
  std::size_t size = signature.size();
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  bool good = false;
  if (state_->type == KeyType::Rsa) {
    const OwnedPkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, state_->key.get(), nullptr));
    good = context && EVP_PKEY_sign_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
           EVP_PKEY_sign(context.get(), out, &size, octets_of(sha256_digest.data()), sha256_digest.size()) == 1;
  } else {
    const OwnedDigestContext context(EVP_MD_CTX_new());
    good = context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1 &&
           EVP_DigestSign(context.get(), out, &size, octets_of(sha256_digest.data()), sha256_digest.size()) == 1;
  }
  if (!good) ERR_clear_error();
  signature.resize(good ? size : 0);
  return signature;
}

std::string PrivateKey::sign(std::string_view sha256_digest) const {
  std::string signature = try_sign(sha256_digest);
  if (signature.empty()) throw std::bad_alloc();
  return signature;
}

}  // namespace anechoic::crypto
