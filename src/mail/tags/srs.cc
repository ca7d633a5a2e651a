// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/srs.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "crypto/hmac.h"
#include "mail/tags/classic_srs.h"
#include "mail/tags/encoding.h"
#include "mail/tags/foreign_tag.h"

namespace anechoic::mail::tags {
namespace {

constexpr std::string_view kPurpose = "anechoic-srs-1";
constexpr std::size_t kMacBits = 40;
constexpr std::size_t kMac = 8;      // characters
constexpr std::size_t kPrefix = 5;   // "SRS0="
constexpr int kWrap = 1024;          // days
constexpr unsigned kProvedBit = 16;  // of K; the key's digit below it

// "SRS0=K=rest": the local part without the MAC, which covers it and our domain.
std::string mac_of(const crypto::Secret& key, std::string_view domain, std::string_view prefix, char k,
                   std::string_view rest) {
  std::string covered = ascii::lower(domain) + "\n" + ascii::lower(prefix);
  covered += ascii::to_lower(k);
  covered += "=" + ascii::lower(rest);
  return mac32(key, kPurpose, covered, kMacBits);
}

// The local part of one of ours, taken apart.
struct Parts {
  std::string_view prefix;  // "SRS0=" or "SRS1="
  char k = 0;
  std::string_view mac;
  std::string_view rest;  // all that follows
  std::string_view time;  // SRS0
  std::string_view host;  // the original domain, or the first forwarder
  std::string_view tail;  // the original local part, or what follows "SRS0" of the first forwarder's address
  [[nodiscard]] bool first_hop() const { return prefix[3] == '0'; }
};

std::optional<Parts> take_apart(std::string_view local) {
  constexpr std::size_t kFixed = kPrefix + 1 + kMac + 1;
  if (!is_srs(local) || local[4] != '=' || local.size() <= kFixed || local[kFixed - 1] != '=') return std::nullopt;
  Parts parts;
  parts.prefix = local.substr(0, kPrefix);
  parts.k = local[kPrefix];
  parts.mac = local.substr(kPrefix + 1, kMac);
  parts.rest = local.substr(kFixed);
  if (base32_value(parts.k) < 0 || !is_base32(parts.mac)) return std::nullopt;
  std::string_view rest = parts.rest;
  if (parts.first_hop()) {
    if (rest.size() < 3 || rest[2] != '=' || !is_base32(rest.substr(0, 2))) return std::nullopt;
    parts.time = rest.substr(0, 2);
    rest.remove_prefix(3);
  }
  const auto separator = rest.find('=');
  if (separator == std::string_view::npos || separator == 0 || separator + 1 == rest.size()) return std::nullopt;
  parts.host = rest.substr(0, separator);
  parts.tail = rest.substr(separator + 1);
  return parts;
}

// What a forwarder's SRS1 address points to. What can't be one is an ordinary local part.
struct Forwarded {
  std::string_view host;
  std::string_view rest;  // behind "SRS0"
};

std::optional<Forwarded> read_srs1(std::string_view local) {
  if (!is_srs(local) || local[3] != '1') return std::nullopt;
  const auto hash_end = local.find('=', kPrefix);
  if (hash_end == std::string_view::npos) return std::nullopt;
  const auto host_end = local.find('=', hash_end + 1);
  if (host_end == std::string_view::npos || host_end == hash_end + 1) return std::nullopt;
  const Forwarded found{local.substr(hash_end + 1, host_end - hash_end - 1), local.substr(host_end + 1)};
  const bool whole = found.rest.size() > 1 && std::string_view("=-+").contains(found.rest.front());
  if (!whole || !parse_domain(found.host, Utf8::Allowed)) return std::nullopt;
  return found;
}

struct Content {
  std::string_view prefix;
  std::string rest;
  Proved proved = Proved::No;
};

Content content_for(const Mailbox& sender, Proved proved, WallTime at) {
  if (const auto forwarded = read_srs1(sender.local)) {
    // A bounce will go to the first forwarder; what was proved is the second, who only names him.
    const bool same = ascii::iequals(forwarded->host, sender.domain);
    return {"SRS1=", std::string(forwarded->host) + "=" + std::string(forwarded->rest), same ? proved : Proved::No};
  }
  if (is_srs(sender.local) && sender.local[3] == '0')
    return {"SRS1=", sender.domain + "=" + sender.local.substr(4), proved};
  const Day today = std::chrono::floor<std::chrono::days>(at);
  return {"SRS0=", srs_timestamp(today) + "=" + sender.domain + "=" + sender.local, proved};
}

// The day that two characters name: today or before, or tomorrow by another host's clock.
Day day_of(std::string_view time, Day today) {
  const auto named = static_cast<int>(read_srs_timestamp(time).value_or(0));
  int age = static_cast<int>((today.time_since_epoch().count() % kWrap - named + 2 * kWrap) % kWrap);
  if (age == kWrap - 1) age = -1;
  return today - std::chrono::days{age};
}

}  // namespace

Srs::Srs(const KeyRing& keys, SrsOptions options) : keys_(keys), options_(std::move(options)) {
  options_.max_age_days = std::clamp(options_.max_age_days, 1U, SrsOptions::kMaxAge);
}

std::expected<Mailbox, NotRewritten> Srs::forward(const ReversePath& sender, Proved proved, WallTime at) const {
  if (sender.is_null()) return std::unexpected(NotRewritten::NullSender);
  if (ascii::iequals(sender.mailbox->domain, options_.domain)) return std::unexpected(NotRewritten::Own);
  const Key* const key = keys_.signing(at);
  if (key == nullptr) return std::unexpected(NotRewritten::NoKey);

  const Content content = content_for(*sender.mailbox, proved, at);
  const char k = base32_digit(key->id | (content.proved == Proved::Yes ? kProvedBit : 0U));
  Mailbox rewritten{std::string(content.prefix), options_.domain};
  rewritten.local += k + mac_of(key->secret, options_.domain, content.prefix, k, content.rest) + "=" + content.rest;
  if (!fits_a_path(rewritten)) return std::unexpected(NotRewritten::TooLong);
  return rewritten;
}

SrsReading Srs::reverse(const Mailbox& recipient, WallTime at) const {
  SrsReading reading;
  if (!ascii::iequals(recipient.domain, options_.domain)) return reading;
  const auto parts = take_apart(recipient.local);
  if (!parts) return reading;
  const auto k = static_cast<unsigned>(base32_value(parts->k));
  reading.first_hop = parts->first_hop();
  reading.key = k % kProvedBit;
  const Key* const key = keys_.find(reading.key);
  reading.state = key == nullptr ? TagState::UnknownKey : TagState::BadMac;
  if (key == nullptr) return reading;
  const std::string mac = mac_of(key->secret, options_.domain, parts->prefix, parts->k, parts->rest);
  if (!crypto::equal_in_constant_time(mac, ascii::lower(parts->mac))) return reading;

  auto host = parse_domain(parts->host, Utf8::Allowed);
  if (!host) return reading;
  const std::chrono::days most{options_.max_age_days};
  bool living = in_term(*key, moved(at, -most), at);
  if (parts->first_hop()) {
    const Day today = std::chrono::floor<std::chrono::days>(at);
    reading.made = day_of(parts->time, today);
    living = today - reading.made <= most;
    if (!in_term(*key, reading.made, std::min<WallTime>(reading.made + std::chrono::days{1}, moved(at, kClockSkew)))) {
      reading.made = {};
      return reading;
    }
  }
  reading.state = living ? TagState::Good : TagState::Expired;
  reading.proved = (k & kProvedBit) != 0 ? Proved::Yes : Proved::No;
  reading.original = {(parts->first_hop() ? "" : "SRS0") + std::string(parts->tail), *std::move(host)};
  return reading;
}

std::string_view to_string(NotRewritten why) {
  switch (why) {
    case NotRewritten::NullSender:
      return "null-sender";
    case NotRewritten::Own:
      return "own";
    case NotRewritten::TooLong:
      return "too-long";
    case NotRewritten::NoKey:
      return "no-key";
  }
  return "";
}

}  // namespace anechoic::mail::tags
