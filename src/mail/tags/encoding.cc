// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/encoding.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "crypto/hmac.h"

namespace anechoic::mail::tags {
namespace {
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
}

std::string base32(std::string_view octets) {
  std::string out;
  unsigned held = 0;
  unsigned bits = 0;
  for (const char octet : octets) {
    held = (held << 8U | static_cast<unsigned char>(octet)) & 0xFFFU;
    for (bits += 8; bits >= 5; bits -= 5) out += base32_digit(held >> (bits - 5));
  }
  if (bits != 0) out += base32_digit(held << (5 - bits));
  return out;
}

int base32_value(char c) {
  const auto at = kAlphabet.find(ascii::to_lower(c));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

char base32_digit(unsigned value) {
  return kAlphabet[value & 31U];
}

bool is_base32(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return base32_value(c) >= 0; });
}

std::string mac32(const crypto::Secret& key, std::string_view purpose, std::string_view text, std::size_t bits) {
  std::string covered(purpose);
  covered += '\n';
  covered += text;
  return base32(std::string_view(crypto::hmac(crypto::MacHash::Sha256, key, covered)).substr(0, bits / 8));
}

bool fits_a_path(const Mailbox& mailbox) {
  const std::size_t size = to_string(mailbox).size();
  return size + 2 <= limits::kPath && size - 1 - mailbox.domain.size() <= limits::kLocalPart;
}

}  // namespace anechoic::mail::tags
