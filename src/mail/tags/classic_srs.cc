// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/classic_srs.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "crypto/hmac.h"
#include "mail/tags/encoding.h"
#include "mail/tags/foreign_tag.h"

namespace anechoic::mail::tags {
namespace {

constexpr int kWrap = 1024;         // days
constexpr std::size_t kPrefix = 5;  // "SRS0="

// base64 without padding; RFC 4648 4
std::string base64(std::string_view octets) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned held = 0;
  unsigned bits = 0;
  for (const char octet : octets) {
    held = (held << 8U | static_cast<unsigned char>(octet)) & 0x3FFFU;
    for (bits += 8; bits >= 6; bits -= 6) out += kAlphabet[held >> (bits - 6) & 63U];
  }
  if (bits != 0) out += kAlphabet[held << (6 - bits) & 63U];
  return out;
}

struct Address {
  std::string_view local;
  std::string_view domain;
};

std::optional<Address> split_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return std::nullopt;
  return Address{text.substr(0, at), text.substr(at + 1)};
}

// Up to `N` parts between "="; what lies behind stays in the last one.
template <std::size_t N>
std::array<std::string_view, N> split(std::string_view text) {
  std::array<std::string_view, N> parts{};
  for (std::size_t i = 0; i + 1 < N; ++i) {
    const auto at = text.find('=');
    parts[i] = text.substr(0, at);
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
  parts[N - 1] = text;
  return parts;
}

std::string joined(std::string_view a, std::string_view b, std::string_view c = {}) {
  std::string out(a);
  out += b;
  return out += c;
}

bool is_srs0(std::string_view local) {
  return is_srs(local) && local[3] == '0';
}
bool is_srs1(std::string_view local) {
  return is_srs(local) && local[3] == '1';
}

}  // namespace

std::string srs_hash(const crypto::Secret& secret, std::string_view parts, std::size_t length) {
  return base64(crypto::hmac(crypto::MacHash::Sha1, secret, ascii::lower(parts))).substr(0, length);
}

std::string srs_timestamp(Day day) {
  const auto number = static_cast<unsigned>((day.time_since_epoch().count() % kWrap + kWrap) % kWrap);
  return {ascii::to_upper(base32_digit(number >> 5U)), ascii::to_upper(base32_digit(number))};
}

std::optional<unsigned> read_srs_timestamp(std::string_view text) {
  if (text.size() != 2 || !is_base32(text)) return std::nullopt;
  return static_cast<unsigned>(base32_value(text[0]) * 32 + base32_value(text[1]));
}

ClassicSrs::ClassicSrs(std::vector<crypto::Secret> secrets, ClassicSrsOptions options)
    : secrets_(std::move(secrets)), options_(options) {
  if (!std::string_view("=-+").contains(options_.separator)) options_.separator = '=';
  options_.hash_length = std::clamp(options_.hash_length, ClassicSrsOptions::kMinHash, ClassicSrsOptions::kMaxHash);
  options_.hash_min = std::clamp(options_.hash_min, ClassicSrsOptions::kMinHash, options_.hash_length);
}

std::string ClassicSrs::first(std::string_view domain, std::string_view local, std::string_view alias,
                              WallTime at) const {
  const std::string time = srs_timestamp(std::chrono::floor<std::chrono::days>(at));
  std::string out = std::string("SRS0") + options_.separator;
  out += srs_hash(secrets_.front(), joined(time, domain, local), options_.hash_length);
  for (const std::string_view part : {std::string_view(time), domain, local}) out += joined("=", part);
  return out += joined("@", alias);
}

std::string ClassicSrs::second(std::string_view host, std::string_view rest, std::string_view alias) const {
  std::string out = std::string("SRS1") + options_.separator;
  out += srs_hash(secrets_.front(), joined(host, rest), options_.hash_length);
  out += joined("=", host, "=");
  out += rest;
  return out += joined("@", alias);
}

ClassicSrs::Answer ClassicSrs::forward(std::string_view sender, std::string_view alias, WallTime at) const {
  const auto address = split_address(sender);
  if (!address) return std::unexpected(ClassicSrsFailure::NoAddress);
  if (secrets_.empty()) return std::unexpected(ClassicSrsFailure::NoSecret);
  if (ascii::iequals(address->domain, alias)) return std::string(sender);
  if (is_srs0(address->local)) return second(address->domain, address->local.substr(4), alias);
  if (!is_srs1(address->local)) return first(address->domain, address->local, alias, at);
  const auto parts = split<3>(address->local.substr(kPrefix));
  if (parts[1].empty() || parts[2].empty()) return std::unexpected(ClassicSrsFailure::Malformed);
  return second(parts[1], parts[2], alias);
}

ClassicSrs::Answer ClassicSrs::forward_shortcut(std::string_view sender, std::string_view alias, WallTime at) const {
  const auto address = split_address(sender);
  if (!address) return std::unexpected(ClassicSrsFailure::NoAddress);
  if (secrets_.empty()) return std::unexpected(ClassicSrsFailure::NoSecret);
  if (ascii::iequals(address->domain, alias)) return std::string(sender);
  if (!is_srs(address->local)) return first(address->domain, address->local, alias, at);
  std::string_view domain;
  std::string_view local;
  if (is_srs0(address->local)) {
    const auto parts = split<4>(address->local.substr(kPrefix));
    domain = parts[2];
    local = parts[3];
  } else {  // hash = host = (nothing) = the first hop's hash, taken for the domain = its time, taken for the user
    const auto parts = split<6>(address->local.substr(kPrefix));
    domain = parts[3];
    local = parts[4];
  }
  if (domain.empty() || local.empty()) return std::unexpected(ClassicSrsFailure::Malformed);
  return first(domain, local, alias, at);
}

bool ClassicSrs::believed(std::string_view hash, std::string_view hashed) const {
  if (hash.size() < options_.hash_min || hash.size() > ClassicSrsOptions::kMaxHash) return false;
  bool good = false;
  for (const crypto::Secret& secret : secrets_)
    good |= crypto::equal_in_constant_time(ascii::lower(srs_hash(secret, hashed, hash.size())), ascii::lower(hash));
  return good;
}

ClassicSrs::Answer ClassicSrs::reverse(std::string_view address_text, WallTime at) const {
  const auto address = split_address(address_text);
  if (!address) return std::unexpected(ClassicSrsFailure::NoAddress);
  if (!is_srs(address->local)) return std::unexpected(ClassicSrsFailure::NotSrs);
  const std::string_view body = address->local.substr(kPrefix);
  if (is_srs1(address->local)) {
    const auto [hash, host, rest] = split<3>(body);
    if (host.empty() || rest.empty()) return std::unexpected(ClassicSrsFailure::Malformed);
    if (!believed(hash, joined(host, rest))) return std::unexpected(ClassicSrsFailure::BadHash);
    return joined("SRS0", rest, joined("@", host));
  }
  const auto [hash, time, domain, local] = split<4>(body);
  const auto named = read_srs_timestamp(time);
  if (!named || domain.empty() || local.empty()) return std::unexpected(ClassicSrsFailure::Malformed);
  if (!believed(hash, joined(time, domain, local))) return std::unexpected(ClassicSrsFailure::BadHash);
  const auto today = std::chrono::floor<std::chrono::days>(at).time_since_epoch().count() % kWrap;
  const auto age = static_cast<unsigned>((today - static_cast<int>(*named) + 2 * kWrap) % kWrap);
  if (age > options_.max_age_days) return std::unexpected(ClassicSrsFailure::Expired);
  return joined(local, "@", domain);
}

}  // namespace anechoic::mail::tags
