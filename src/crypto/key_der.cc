// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_der.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace anechoic::crypto {

namespace {

constexpr unsigned char kInteger = 0x02;
constexpr unsigned char kBitString = 0x03;
constexpr unsigned char kSequence = 0x30;
constexpr std::size_t kEd25519Octets = 32;
// OBJECT IDENTIFIER 1.2.840.113549.1.1.1 and 1.3.101.112, with tag and length.
constexpr std::string_view kRsaEncryption = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01";
constexpr std::string_view kEd25519 = "\x06\x03\x2B\x65\x70";

// Takes one value with this tag off the front.
std::optional<std::string_view> take(std::string_view& der, unsigned char tag) {
  if (der.size() < 2 || static_cast<unsigned char>(der[0]) != tag) return std::nullopt;
  std::size_t length = static_cast<unsigned char>(der[1]);
  std::size_t head = 2;
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7FU;
    if (octets == 0 || octets > 2 || der.size() < head + octets) return std::nullopt;  // 64 KiB are more than enough
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8U | static_cast<unsigned char>(der[head + i]);
    head += octets;
  }
  if (der.size() - head < length) return std::nullopt;
  const std::string_view value = der.substr(head, length);
  der.remove_prefix(head + length);
  return value;
}

// A positive INTEGER without its leading zeros.
std::optional<std::string_view> take_number(std::string_view& der) {
  auto number = take(der, kInteger);
  if (!number || number->empty() || static_cast<unsigned char>(number->front()) >= 0x80) return std::nullopt;
  while (!number->empty() && number->front() == '\0') number->remove_prefix(1);
  return number;
}

// The key's bits in a SubjectPublicKeyInfo of this algorithm; nullopt: it is something else.
std::optional<std::string_view> subject_public_key(std::string_view der, std::string_view algorithm) {
  auto info = take(der, kSequence);
  if (!info || !der.empty()) return std::nullopt;
  const auto identifier = take(*info, kSequence);
  if (!identifier || !identifier->starts_with(algorithm)) return std::nullopt;
  const auto bits = take(*info, kBitString);
  if (!bits || !info->empty() || bits->empty() || bits->front() != '\0') return std::nullopt;
  return bits->substr(1);
}

}  // namespace

Result<RsaNumbers> parse_rsa_der(std::string_view der) {
  std::string_view key = subject_public_key(der, kRsaEncryption).value_or(der);
  auto numbers = take(key, kSequence);
  if (!numbers || !key.empty()) return fail(Errc::Syntax, "not an RSA key in DER");
  const auto modulus = take_number(*numbers);
  const auto exponent = take_number(*numbers);
  if (!modulus || !exponent || !numbers->empty()) return fail(Errc::Syntax, "not an RSA key in DER");
  return RsaNumbers{*modulus, *exponent};
}

Result<std::string_view> parse_ed25519(std::string_view bytes) {
  const std::string_view key = subject_public_key(bytes, kEd25519).value_or(bytes);
  if (key.size() != kEd25519Octets) return fail(Errc::Syntax, "not an Ed25519 key: 32 octets are expected");
  return key;
}

}  // namespace anechoic::crypto
