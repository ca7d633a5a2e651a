// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

namespace anechoic::crypto {
namespace {

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

// The octets of a file up to a little more than the most that a key may have.
Result<std::string> read_octets(int file, const std::string& path) {
  std::string text;
  text.reserve(2 * Secret::kMaxFileOctets);  // never moved, so nothing is left behind unwiped
  std::array<char, 1024> piece{};
  ssize_t got = 0;
  while ((got = ::read(file, piece.data(), piece.size())) > 0 && text.size() <= Secret::kMaxFileOctets)
    text.append(piece.data(), static_cast<std::size_t>(got));
  const int error = errno;
  OPENSSL_cleanse(piece.data(), piece.size());
  if (got >= 0) return text;
  crypto::wipe(text);
  return fail_errno(path, error);
}

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
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return fail_errno(path, errno);
  struct stat facts{};
  if (::fstat(file.number, &facts) != 0) return fail_errno(path, errno);
  if (!S_ISREG(facts.st_mode)) return fail(Errc::Refused, path + ": not a file");
  if ((facts.st_mode & 077U) != 0)
    return fail(Errc::Refused, path + ": others may read this key; `chmod 600 " + path + "`");
  auto text = read_octets(file.number, path);
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
