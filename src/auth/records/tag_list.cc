// SPDX-License-Identifier: Apache-2.0
#include "auth/records/tag_list.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"

namespace anechoic::auth {

namespace {

constexpr bool is_fold(char c) {
  return ascii::is_blank(c) || c == '\r' || c == '\n';
}

std::string_view trim_folds(std::string_view text) {
  while (!text.empty() && is_fold(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_fold(text.back())) text.remove_suffix(1);
  return text;
}

bool is_tag_name(std::string_view name) {
  return !name.empty() && ascii::is_alpha(name.front()) &&
         std::ranges::all_of(name, [](char c) { return ascii::is_alnum(c) || c == '_'; });
}

// UTF-8 is let through (RFC 8616); whoever reads a value knows whether it may stand there.
// Without branches: keys are long.
bool is_tag_value(std::string_view value) {
  unsigned char wrong = 0;
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    wrong |= static_cast<unsigned char>(((octet < ' ') & (c != ' ') & (c != '\t') & (c != '\r') & (c != '\n')) |
                                        (octet == 127));
  }
  return wrong == 0;
}

Result<Tag> parse_tag(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return fail(Errc::Syntax, trim_folds(text).empty() ? "a semicolon too many" : "a tag without =");
  const Tag tag{trim_folds(text.substr(0, equals)), trim_folds(text.substr(equals + 1))};
  if (!is_tag_name(tag.name)) return fail(Errc::Syntax, "not a tag's name before =");
  if (!is_tag_value(tag.value)) return fail(Errc::Syntax, "control characters in tag " + std::string(tag.name) + "=");
  return tag;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;
constexpr std::uint8_t kSkip = 65;
constexpr std::uint8_t kPad = 66;

constexpr std::array<std::uint8_t, 256> kBase64Values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kBase64.size(); ++i)
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::uint8_t>(i);
  for (const char c : std::string_view(" \t\r\n")) values[static_cast<unsigned char>(c)] = kSkip;
  values['='] = kPad;
  return values;
}();

}  // namespace

Result<TagList> TagList::parse(std::string_view text) {
  TagList list;
  bool last = false;
  while (!last) {
    const std::size_t semicolon = text.find(';');
    last = semicolon == std::string_view::npos;
    const std::string_view piece = text.substr(0, semicolon);
    if (!last) text.remove_prefix(semicolon + 1);
    // One semicolon may stand behind the last tag.
    if (last && !list.tags_.empty() && trim_folds(piece).empty()) break;
    auto tag = parse_tag(piece);
    if (!tag) return Failure(std::move(tag.error()));
    if (list.find(tag->name)) return fail(Errc::Syntax, "tag " + std::string(tag->name) + "= is there twice");
    if (list.tags_.size() == kMost) return fail(Errc::Limit, "more than " + std::to_string(kMost) + " tags");
    list.tags_.push_back(*tag);
  }
  return list;
}

std::optional<std::string_view> TagList::find(std::string_view name) const {
  for (const Tag& tag : tags_) {
    if (tag.name == name) return tag.value;
  }
  return std::nullopt;
}

std::optional<std::string_view> TagList::find_any_case(std::string_view name) const {
  for (const Tag& tag : tags_) {
    if (ascii::iequals(tag.name, name)) return tag.value;
  }
  return std::nullopt;
}

std::string without_blanks(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    if (!is_fold(c)) out += c;
  }
  return out;
}

std::vector<std::string_view> split_list(std::string_view value, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t at = value.find(separator);
    pieces.push_back(trim_folds(value.substr(0, at)));
    if (at == std::string_view::npos) return pieces;
    value.remove_prefix(at + 1);
  }
}

Result<std::string> decode_base64(std::string_view value) {
  std::string out(value.size() / 4 * 3 + 3, '\0');
  char* end = out.data();
  std::uint32_t bits = 0;
  unsigned digits = 0;  // in `bits`
  unsigned pads = 0;
  const auto digit_at = [&](std::size_t i) { return kBase64Values[static_cast<unsigned char>(value[i])]; };
  const auto put_three = [&] {
    *end++ = static_cast<char>(bits >> 16U);
    *end++ = static_cast<char>(bits >> 8U);
    *end++ = static_cast<char>(bits);
    bits = digits = 0;
  };
  for (std::size_t i = 0; i < value.size(); ++i) {
    // Four digits at once, as long as nothing else is between them.
    while (digits == 0 && pads == 0 && i + 4 <= value.size()) {
      const std::uint32_t a = digit_at(i);
      const std::uint32_t b = digit_at(i + 1);
      const std::uint32_t c = digit_at(i + 2);
      const std::uint32_t d = digit_at(i + 3);
      if ((a | b | c | d) >= kNoDigit) break;
      bits = a << 18U | b << 12U | c << 6U | d;
      put_three();
      i += 4;
    }
    if (i == value.size()) break;
    const std::uint8_t digit = digit_at(i);
    if (digit == kSkip) continue;
    if (digit == kPad) {
      ++pads;
      continue;
    }
    if (digit == kNoDigit) return fail(Errc::Syntax, "not base64: a character that does not belong there");
    if (pads > 0) return fail(Errc::Syntax, "not base64: something behind its end");
    bits = bits << 6U | digit;
    if (++digits == 4) put_three();
  }
  if (digits == 1) return fail(Errc::Syntax, "not base64: cut off");
  if (pads > 0 && (digits == 0 || digits + pads != 4))
    return fail(Errc::Syntax, "not base64: its length and its = disagree");
  if (digits == 2) *end++ = static_cast<char>(bits >> 4U);
  if (digits == 3) {
    *end++ = static_cast<char>(bits >> 10U);
    *end++ = static_cast<char>(bits >> 2U);
  }
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  const auto octet = [&](std::size_t i) -> std::uint32_t {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t bits = octet(i) << 16U | octet(i + 1) << 8U | octet(i + 2);
    out += kBase64[bits >> 18U];
    out += kBase64[bits >> 12U & 63U];
    out += i + 1 < bytes.size() ? kBase64[bits >> 6U & 63U] : '=';
    out += i + 2 < bytes.size() ? kBase64[bits & 63U] : '=';
  }
  return out;
}

}  // namespace anechoic::auth
