// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/batv.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "crypto/hmac.h"
#include "mail/tags/encoding.h"
#include "mail/tags/foreign_tag.h"

namespace anechoic::mail::tags {
namespace {

constexpr std::string_view kPrefix = "prvs=";
constexpr std::size_t kTag = 10;  // characters: key digit, three of the day, six of the MAC
constexpr int kWrap = 1000;       // days

bool is_tag(std::string_view text) {
  return text.size() == kTag && std::ranges::all_of(text.substr(0, 4), ascii::is_digit) &&
         std::ranges::all_of(text.substr(4), [](char c) { return ascii::hex_value(c) >= 0; });
}

struct Candidate {
  BatvForm form = BatvForm::Prvs;
  std::string_view tag;
  std::string_view local;
};

// A local part may be read in several ways: the original one may look like a tag, too.
class Candidates {
 public:
  Candidates(std::string_view local, char delimiter) {
    if (ascii::istarts_with(local, kPrefix)) add_prefixed(local.substr(kPrefix.size()));
    constexpr std::size_t kTail = 1 + kPrefix.size() + kTag;
    if (delimiter == '\0' || local.size() <= kTail) return;
    const std::string_view tail = local.substr(local.size() - kTail);
    if (tail.front() == delimiter && ascii::istarts_with(tail.substr(1), kPrefix))
      add({BatvForm::SubAddress, tail.substr(1 + kPrefix.size()), local.substr(0, local.size() - kTail)});
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] const Candidate* begin() const { return found_.data(); }
  [[nodiscard]] const Candidate* end() const { return found_.data() + count_; }

 private:
  void add(const Candidate& candidate) {
    if (is_tag(candidate.tag)) found_[count_++] = candidate;
  }
  void add_prefixed(std::string_view text) {
    if (text.size() < kTag + 2) return;
    if (text[kTag] == '=') add({BatvForm::Prvs, text.substr(0, kTag), text.substr(kTag + 1)});
    const std::size_t end = text.size() - kTag - 1;
    if (text[end] == '=') add({BatvForm::PrvsTagLast, text.substr(end + 1), text.substr(0, end)});
    if (text[end] == '/') add({BatvForm::PrvsSlash, text.substr(end + 1), text.substr(0, end)});
  }

  std::array<Candidate, 3> found_{};
  std::size_t count_ = 0;
};

// HMAC-SHA1's first three octets in hexadecimal.
std::string mac_of(const crypto::Secret& key, std::string_view id_and_day, std::string_view address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string covered(id_and_day);
  covered += address;
  const std::string mac = crypto::hmac(crypto::MacHash::Sha1, key, covered);
  std::string text;
  for (const char octet : std::string_view(mac).substr(0, 3)) {
    text += kDigits[static_cast<unsigned char>(octet) >> 4U];
    text += kDigits[static_cast<unsigned char>(octet) & 15U];
  }
  return text;
}

bool mac_holds(const crypto::Secret& key, const Candidate& candidate, std::string_view domain) {
  const std::string given = ascii::lower(candidate.tag.substr(4));
  const std::string local(candidate.local);
  const std::string lower_domain = ascii::lower(domain);
  const std::array<std::string, 3> spellings{ascii::lower(local) + "@" + lower_domain,
                                             local + "@" + std::string(domain), local + "@" + lower_domain};
  bool holds = false;
  for (const std::string* each = spellings.data(); each != spellings.data() + spellings.size(); ++each) {
    if (std::find(spellings.data(), each, *each) != each) continue;  // nearly always they are one
    holds |= crypto::equal_in_constant_time(mac_of(key, candidate.tag.substr(0, 4), *each), given);
  }
  return holds;
}

// 0 to 999, also before 1970.
int number_of(Day day) {
  const auto number = static_cast<int>(day.time_since_epoch().count() % kWrap);
  return (number + kWrap) % kWrap;
}

int days_after(Day today, std::string_view digits) {
  const int named = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  return (named - number_of(today) + kWrap) % kWrap;
}

struct Validity {
  TagState state = TagState::BadMac;
  Day expiry{};
};

// What a tag with a good MAC is worth.
Validity judge(const Key& key, std::string_view day, unsigned lifetime, WallTime at) {
  const Day today = std::chrono::floor<std::chrono::days>(at);
  const int ahead = days_after(today, day);
  const std::chrono::days most{BatvOptions::kMaxLifetime};
  Validity validity;
  // A signer whose lifetime was longer than ours is now may have set a day further ahead; never one behind the most.
  const bool coming = std::chrono::days{ahead} <= most + kClockSkew;
  validity.expiry = today + std::chrono::days{coming ? ahead : ahead - kWrap};
  const WallTime end = validity.expiry;
  if (!in_term(key, moved(end, -most), std::min(moved(end, std::chrono::days{1}), at))) return validity;
  const bool living = coming && std::chrono::days{ahead} <= std::chrono::days{lifetime} + kClockSkew;
  validity.state = living ? TagState::Good : TagState::Expired;
  return validity;
}

int rank(TagState state) {
  switch (state) {
    case TagState::Good:
      return 4;
    case TagState::Expired:
      return 3;
    case TagState::BadMac:
      return 2;
    case TagState::UnknownKey:
      return 1;
    case TagState::NotTagged:
      break;
  }
  return 0;
}

}  // namespace

Batv::Batv(const KeyRing& keys, BatvOptions options) : keys_(keys), options_(options) {
  options_.lifetime_days = std::clamp(options_.lifetime_days, 1U, BatvOptions::kMaxLifetime);
  if (options_.write == BatvForm::SubAddress && options_.sub_address_delimiter == '\0')
    options_.sub_address_delimiter = '+';
}

std::expected<Mailbox, Untagged> Batv::tag(const ReversePath& sender, WallTime at) const {
  if (sender.is_null()) return std::unexpected(Untagged::NullSender);
  if (is_srs(sender.mailbox->local)) return std::unexpected(Untagged::Srs);
  const bool tagged_here = !Candidates(sender.mailbox->local, options_.sub_address_delimiter).empty();
  if (tagged_here || foreign_tag(sender.mailbox->local)) return std::unexpected(Untagged::AlreadyTagged);
  const Key* const key = keys_.signing(at);
  if (key == nullptr) return std::unexpected(Untagged::NoKey);

  Mailbox tagged{ascii::lower(sender.mailbox->local), ascii::lower(sender.mailbox->domain)};
  const Day expiry = std::chrono::floor<std::chrono::days>(at) + std::chrono::days{options_.lifetime_days};
  const std::string tag = batv_tag(key->secret, key->id, expiry, tagged.local + "@" + tagged.domain);
  if (options_.write == BatvForm::SubAddress)
    tagged.local += options_.sub_address_delimiter + std::string(kPrefix) + tag;
  else
    tagged.local = std::string(kPrefix) + tag + "=" + tagged.local;
  if (is_srs(tagged.local))
    return std::unexpected(Untagged::Srs);  // SRS0+prvs=...: forwarders would take it for theirs
  if (!fits_a_path(tagged)) return std::unexpected(Untagged::TooLong);
  return tagged;
}

BatvReading Batv::verify(std::string_view local, std::string_view domain, WallTime at) const {
  BatvReading best;
  for (const Candidate& candidate : Candidates(local, options_.sub_address_delimiter)) {
    BatvReading reading;
    reading.state = TagState::UnknownKey;
    reading.key = static_cast<unsigned>(candidate.tag.front() - '0');
    reading.local = candidate.local;
    reading.form = candidate.form;
    if (const Key* const key = keys_.find(reading.key)) {
      Validity validity;
      if (mac_holds(key->secret, candidate, domain))
        validity = judge(*key, candidate.tag.substr(1, 3), options_.lifetime_days, at);
      reading.state = validity.state;
      if (reading.proves_sent()) reading.expiry = validity.expiry;
    }
    if (rank(reading.state) > rank(best.state)) best = std::move(reading);
  }
  return best;
}

WallTime Batv::oldest_key(WallTime at) const {
  return moved(at, -(std::chrono::days{kWrap - BatvOptions::kMaxLifetime} - 2 * kClockSkew));
}

std::string batv_tag(const crypto::Secret& key, unsigned key_id, Day expiry, std::string_view address) {
  const int day = number_of(expiry);
  std::string tag;
  tag += static_cast<char>('0' + key_id % 10);
  tag += static_cast<char>('0' + day / 100);
  tag += static_cast<char>('0' + day / 10 % 10);
  tag += static_cast<char>('0' + day % 10);
  return tag + mac_of(key, tag, address);
}

std::string_view to_string(Untagged why) {
  switch (why) {
    case Untagged::NullSender:
      return "null-sender";
    case Untagged::AlreadyTagged:
      return "already-tagged";
    case Untagged::Srs:
      return "srs";
    case Untagged::TooLong:
      return "too-long";
    case Untagged::NoKey:
      return "no-key";
  }
  return "";
}

std::string_view to_string(TagState state) {
  switch (state) {
    case TagState::NotTagged:
      return "not-tagged";
    case TagState::Good:
      return "good";
    case TagState::Expired:
      return "expired";
    case TagState::UnknownKey:
      return "unknown-key";
    case TagState::BadMac:
      return "bad-mac";
  }
  return "";
}

}  // namespace anechoic::mail::tags
