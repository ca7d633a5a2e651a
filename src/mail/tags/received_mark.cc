// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/received_mark.h"

#include "base/ascii.h"
#include "base/limits.h"
#include "crypto/hmac.h"
#include "mail/date.h"
#include "mail/received_trace.h"
#include "mail/tags/encoding.h"

namespace anechoic::mail::tags {
namespace {

constexpr std::string_view kPurpose = "anechoic-received-1";
constexpr std::string_view kBegin = "(mark=";
constexpr std::size_t kMacBits = 80;
constexpr std::size_t kMac = 16;         // characters
constexpr std::size_t kMaxId = 64;       // octets
constexpr std::size_t kMaxComments = 8;  // marks in one field that are looked at

std::string mac_of(const Key& key, std::string_view id, WallTime at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  const std::string covered = std::to_string(key.id) + "\n" + ascii::lower(id) + "\n" + std::to_string(second);
  return mac32(key.secret, kPurpose, covered, kMacBits);
}

ReceivedMark verify_one(const KeyRing& keys, std::string_view mark, const ReceivedParts& parts) {
  ReceivedMark reading;
  reading.state = MarkState::Bad;
  if (mark.size() != 1 + kMac || !ascii::is_digit(mark.front())) return reading;
  reading.key = static_cast<unsigned>(mark.front() - '0');
  const Key* const key = keys.find(reading.key);
  if (key == nullptr) {
    reading.state = MarkState::UnknownKey;
    return reading;
  }
  const auto at = parse_date(parts.date);
  if (!at || parts.id.empty() || parts.id.size() > kMaxId) return reading;
  if (!crypto::equal_in_constant_time(mac_of(*key, parts.id, *at), ascii::lower(mark.substr(1)))) return reading;
  if (!in_term(*key, *at, *at)) return reading;
  reading.state = MarkState::Good;
  reading.id = ascii::lower(parts.id);
  reading.at = *at;
  return reading;
}

}  // namespace

std::string received_mark(const KeyRing& keys, std::string_view id, WallTime at) {
  const Key* const key = keys.signing(at);
  if (key == nullptr) return {};
  return "mark=" + std::to_string(key->id) + mac_of(*key, id, at);
}

ReceivedMark verify_received_mark(const KeyRing& keys, std::string_view received_value) {
  ReceivedMark found;
  if (received_value.find(kBegin) == std::string_view::npos) return found;  // nearly all fields of nearly all mail
  const std::string value = unfold(received_value);
  const ReceivedParts parts = parse_received(value);
  std::size_t seen = 0;
  for (auto begin = value.find(kBegin); begin != std::string::npos && seen < kMaxComments;
       begin = value.find(kBegin, begin + 1), ++seen) {
    const auto start = begin + kBegin.size();
    const auto end = value.find(')', start);
    if (end == std::string::npos) break;
    ReceivedMark reading = verify_one(keys, ascii::trim(std::string_view(value).substr(start, end - start)), parts);
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
