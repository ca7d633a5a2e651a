// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/watermark.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "crypto/hmac.h"
#include "mail/date.h"
#include "mail/header_address.h"
#include "mail/tags/encoding.h"

namespace anechoic::mail::tags {
namespace {

constexpr std::string_view kPurpose = "anechoic-origin-1";
constexpr std::size_t kMacBits = 128;
constexpr std::size_t kMac = 26;  // characters
constexpr std::size_t kMaxValue = 200;

std::string without_white_space(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out),
                       [](char c) { return !ascii::is_blank(c) && c != '\r' && c != '\n'; });
  return out;
}

std::string author_of(const HeaderBlock& header) {
  return ascii::lower(without_white_space(first_address(header.value("From"))));
}

// The instant, so that a date written in another way (GMT for +0000) stays the same.
std::string date_of(const HeaderBlock& header) {
  const std::string value = header.value("Date");
  if (const auto at = parse_date(value))
    return "@" + std::to_string(std::chrono::floor<std::chrono::seconds>(*at).time_since_epoch().count());
  return without_white_space(value);
}

std::string message_id_of(const HeaderBlock& header) {
  const std::string value = header.value("Message-ID");
  const auto begin = value.find('<');
  const auto end = value.find('>', begin == std::string::npos ? 0 : begin);
  if (begin == std::string::npos || end == std::string::npos) return without_white_space(value);
  return without_white_space(std::string_view(value).substr(begin, end - begin + 1));
}

// Which of the three were there: a next hop may add the others.
struct Covered {
  std::string from;
  std::string date;
  std::string message_id;

  explicit Covered(const HeaderBlock& header)
      : from(author_of(header)), date(date_of(header)), message_id(message_id_of(header)) {}

  [[nodiscard]] std::string names() const {
    std::string out;
    if (!from.empty()) out += 'f';
    if (!date.empty()) out += 'd';
    if (!message_id.empty()) out += 'm';
    return out;
  }
  // None of the values holds a line end.
  [[nodiscard]] std::string text(std::string_view names) const {
    std::string out;
    if (names.contains('f')) out += "f:" + from + "\n";
    if (names.contains('d')) out += "d:" + date + "\n";
    if (names.contains('m')) out += "m:" + message_id + "\n";
    return out;
  }
};

// The value without the MAC, in its one form.
std::string settings(unsigned key, std::string_view seconds, std::string_view names) {
  return "v=1;k=" + std::to_string(key) + ";t=" + std::string(seconds) + ";h=" + std::string(names) + ";m=";
}

struct Parts {
  unsigned key = 0;
  WallTime made{};
  std::string seconds;
  std::string names;
  std::string mac;
};

// `text` up to `end`, if it begins with `prefix`; takes both off.
std::optional<std::string_view> take(std::string_view& text, std::string_view prefix, char end) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const auto at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view found = text.substr(0, at);
  text.remove_prefix(at + 1);
  return found;
}

std::optional<Parts> read(std::string_view value) {
  if (value.size() > kMaxValue) return std::nullopt;
  const std::string text = ascii::lower(without_white_space(value)) + ";";
  std::string_view rest = text;
  if (take(rest, "v=", ';') != "1") return std::nullopt;
  const auto key = take(rest, "k=", ';');
  const auto seconds = take(rest, "t=", ';');
  const auto names = take(rest, "h=", ';');
  const auto mac = take(rest, "m=", ';');
  if (!key || !seconds || !names || !mac || !(rest.empty() || rest == ";")) return std::nullopt;
  if (key->size() != 1 || !ascii::is_digit(key->front()) || seconds->size() > 11 || mac->size() != kMac)
    return std::nullopt;
  const auto number = ascii::parse_number<std::uint64_t>(*seconds);
  if (!number) return std::nullopt;
  Parts parts;
  parts.key = static_cast<unsigned>(key->front() - '0');
  parts.made = WallTime{std::chrono::seconds{*number}};
  parts.seconds = *seconds;
  parts.names = *names;
  parts.mac = *mac;
  return parts;
}

int rank(MarkState state) {
  constexpr std::array kFromLeast{MarkState::Absent, MarkState::UnknownKey, MarkState::Bad, MarkState::Expired,
                                  MarkState::Good};
  return static_cast<int>(std::ranges::find(kFromLeast, state) - kFromLeast.begin());
}

}  // namespace

Watermark::Watermark(const KeyRing& keys, WatermarkOptions options) : keys_(keys), options_(options) {}

std::expected<std::string, Unmarked> Watermark::write(const HeaderBlock& message, WallTime at) const {
  const Covered covered(message);
  if (covered.date.empty() && covered.message_id.empty()) return std::unexpected(Unmarked::NothingToCover);
  const Key* const key = keys_.signing(at);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  if (key == nullptr || seconds < 0) return std::unexpected(Unmarked::NoKey);
  const std::string names = covered.names();
  const std::string value = settings(key->id, std::to_string(seconds), names);
  const std::string mac = mac32(key->secret, kPurpose, value + "\n" + covered.text(names), kMacBits);
  std::string field = std::string(kField) + ": ";
  for (const char c : value) field += c == ';' ? std::string("; ") : std::string(1, c);
  return field + mac + "\r\n";
}

WatermarkReading Watermark::verify_field(std::string_view value, const HeaderBlock& returned, WallTime at) const {
  WatermarkReading reading;
  reading.state = MarkState::Bad;
  const auto parts = read(value);
  if (!parts) return reading;
  reading.key = parts->key;
  const Key* const key = keys_.find(parts->key);
  if (key == nullptr) {
    reading.state = MarkState::UnknownKey;
    return reading;
  }
  const Covered covered(returned);
  const std::string text = settings(parts->key, parts->seconds, parts->names) + "\n" + covered.text(parts->names);
  if (!crypto::equal_in_constant_time(mac32(key->secret, kPurpose, text, kMacBits), parts->mac)) return reading;
  if (!in_term(*key, parts->made, parts->made)) return reading;
  const std::chrono::days lifetime{options_.lifetime_days};
  reading.state = at > moved(parts->made, lifetime) ? MarkState::Expired : MarkState::Good;
  reading.made = parts->made;
  if (parts->names.contains('f')) reading.from = covered.from;
  return reading;
}

WatermarkReading Watermark::verify(const HeaderBlock& returned, WallTime at) const {
  WatermarkReading best;
  std::size_t seen = 0;
  for (const Field& field : returned.fields()) {
    if (!ascii::iequals(field.name, kField)) continue;
    if (++seen > kMaxFields) break;
    WatermarkReading reading = verify_field(field.value, returned, at);
    if (rank(reading.state) > rank(best.state)) best = std::move(reading);
  }
  return best;
}

std::string_view to_string(MarkState state) {
  switch (state) {
    case MarkState::Absent:
      return "absent";
    case MarkState::Good:
      return "good";
    case MarkState::Expired:
      return "expired";
    case MarkState::UnknownKey:
      return "unknown-key";
    case MarkState::Bad:
      return "bad";
  }
  return "";
}

std::string_view to_string(Unmarked why) {
  return why == Unmarked::NoKey ? "no-key" : "nothing-to-cover";
}

}  // namespace anechoic::mail::tags
