// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/received_mark.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "crypto/hmac.h"
#include "mail/tags/encoding.h"

namespace anechoic::mail::tags {
namespace {

constexpr std::string_view kPurpose = "anechoic-received-1";
constexpr std::string_view kBegin = "(mark=";
constexpr std::size_t kMacBits = 80;
constexpr std::size_t kMac = 16;         // characters
constexpr std::size_t kTime = 7;         // characters
constexpr std::size_t kMaxComments = 8;  // marks in one field that are looked at

std::string time_text(WallTime at) {
  auto seconds = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  std::string text(kTime, 'a');
  for (std::size_t i = kTime; i-- > 0; seconds >>= 5U) text[i] = base32_digit(static_cast<unsigned>(seconds & 31U));
  return text;
}

WallTime read_time(std::string_view text) {
  std::uint64_t seconds = 0;
  for (const char c : text) seconds = seconds << 5U | static_cast<std::uint64_t>(base32_value(c));
  return WallTime{std::chrono::seconds{seconds}};
}

// `settings`: key digit and time.
std::string mac_of(const Key& key, std::string_view settings, std::string_view id) {
  return mac32(key.secret, kPurpose, ascii::lower(settings) + "\n" + ascii::lower(id), kMacBits);
}

// The word that `text` ends with, but for white space.
std::string_view last_word(std::string_view text) {
  text = ascii::trim(text);
  std::size_t begin = text.size();
  while (begin > 0 && ascii::is_alnum(text[begin - 1])) --begin;
  return text.substr(begin);
}

ReceivedMark verify_one(const KeyRing& keys, std::string_view mark, std::string_view id) {
  ReceivedMark reading;
  reading.state = MarkState::Bad;
  if (mark.size() != 1 + kTime + kMac || !ascii::is_digit(mark.front()) || !is_base32(mark.substr(1))) return reading;
  reading.key = static_cast<unsigned>(mark.front() - '0');
  const Key* const key = keys.find(reading.key);
  if (key == nullptr) {
    reading.state = MarkState::UnknownKey;
    return reading;
  }
  const std::string mac = mac_of(*key, mark.substr(0, 1 + kTime), id);
  if (!crypto::equal_in_constant_time(mac, ascii::lower(mark.substr(1 + kTime)))) return reading;
  const WallTime at = read_time(mark.substr(1, kTime));
  if (!in_term(*key, at, at)) return reading;
  reading.state = MarkState::Good;
  reading.id = ascii::lower(id);
  reading.at = at;
  return reading;
}

}  // namespace

std::string received_mark(const KeyRing& keys, std::string_view id, WallTime at) {
  const Key* const key = keys.signing(at);
  if (key == nullptr) return {};
  const std::string settings = std::to_string(key->id) + time_text(at);
  return "mark=" + settings + mac_of(*key, settings, id);
}

ReceivedMark verify_received_mark(const KeyRing& keys, std::string_view received_value) {
  ReceivedMark found;
  if (received_value.find(kBegin) == std::string_view::npos) return found;  // nearly all fields of nearly all mail
  const std::string value = unfold(received_value);
  std::size_t seen = 0;
  for (auto begin = value.find(kBegin); begin != std::string::npos && seen < kMaxComments;
       begin = value.find(kBegin, begin + 1), ++seen) {
    const auto start = begin + kBegin.size();
    const auto end = value.find(')', start);
    if (end == std::string::npos) break;
    const std::string_view mark = std::string_view(value).substr(start, end - start);
    ReceivedMark reading = verify_one(keys, ascii::trim(mark), last_word(std::string_view(value).substr(0, begin)));
    if (reading.state == MarkState::Good) return reading;
    if (found.state == MarkState::Absent) found = std::move(reading);
  }
  return found;
}

ReceivedMark find_received_mark(const KeyRing& keys, const HeaderBlock& header) {
  ReceivedMark first;
  std::size_t seen = 0;
  for (const Field& field : header.fields()) {
    if (!ascii::iequals(field.name, "Received")) continue;
    if (++seen > limits::kReceivedFields) break;
    ReceivedMark reading = verify_received_mark(keys, field.value);
    if (reading.state == MarkState::Good) return reading;
    if (first.state == MarkState::Absent) first = std::move(reading);
  }
  return first;
}

}  // namespace anechoic::mail::tags
