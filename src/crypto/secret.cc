// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "crypto/key_file.h"

namespace anechoic::crypto {
namespace {

constexpr std::size_t kLineEnd = 2;  // octets behind the key that do not count

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

void wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string_view octets) : octets_(std::make_unique<char[]>(octets.size())), size_(octets.size()) {
  std::ranges::copy(octets, octets_.get());
}

Secret::Secret(Secret&& other) noexcept : octets_(std::move(other.octets_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    octets_ = std::move(other.octets_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

void Secret::wipe() {
  if (octets_) OPENSSL_cleanse(octets_.get(), size_);
}

Secret Secret::generate() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, 32> random{};
  if (RAND_priv_bytes(random.data(), static_cast<int>(random.size())) != 1) throw std::bad_alloc();
  std::array<char, 2 * random.size()> text{};
  for (std::size_t i = 0; i < random.size(); ++i) {
    text[2 * i] = kDigits[random[i] >> 4U];
    text[2 * i + 1] = kDigits[random[i] & 15U];
  }
  Secret secret(std::string_view(text.data(), text.size()));
  OPENSSL_cleanse(random.data(), random.size());
  OPENSSL_cleanse(text.data(), text.size());
  return secret;
}

Result<Secret> Secret::read_file(const std::string& path) {
  auto text = read_key_file(path, kMaxFileOctets + kLineEnd);
  if (!text) return std::unexpected(std::move(text).error());
  const std::string_view octets = without_line_end(*text);
  Secret secret(octets);
  crypto::wipe(*text);
  if (secret.size_ > kMaxFileOctets)
    return fail(Errc::Limit, path + ": too long for a key (" + std::to_string(kMaxFileOctets) + " octets at most)");
  if (secret.size_ < kMinFileOctets)
    return fail(Errc::Syntax, path + ": too short for a key (" + std::to_string(kMinFileOctets) +
                                  " octets at least); `openssl rand -hex 32` writes a good one");
  return secret;
}

}  // namespace anechoic::crypto
