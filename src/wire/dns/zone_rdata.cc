// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/zone_rdata.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace anechoic::dns {

namespace {

using Words = std::span<const ZoneWord>;

constexpr std::chrono::seconds kMostTtl{0x7fffffff};
constexpr std::array kTypes{Type::A, Type::Ns, Type::Cname, Type::Soa, Type::Ptr, Type::Mx, Type::Txt, Type::Aaaa};

Failure wants(std::string_view what) {
  return fail(Errc::Syntax, std::string(what));
}

// Is the last dot a dot, or the end of an escape?
bool is_absolute(std::string_view text) {
  if (!text.ends_with('.')) return false;
  text.remove_suffix(1);
  std::size_t backslashes = 0;
  while (text.ends_with('\\')) {
    text.remove_suffix(1);
    ++backslashes;
  }
  return backslashes % 2 == 0;
}

// `\# length hex...` in wire form.
Result<std::string> parse_generic(Words words) {
  const auto size = words.empty() ? std::nullopt : ascii::parse_number<std::uint16_t>(words[0].text);
  if (!size) return wants("behind \\# stand the number of octets and the octets in hexadecimal digits");
  std::string digits;
  for (const ZoneWord& word : words.subspan(1)) digits += word.text;
  if (digits.size() != *size * 2U || !std::ranges::all_of(digits, [](char c) { return ascii::hex_value(c) >= 0; })) {
    return wants("the hexadecimal digits behind \\# are not as many octets as the number before them says");
  }
  std::string wire;
  for (std::size_t at = 0; at < digits.size(); at += 2) {
    wire += static_cast<char>(ascii::hex_value(digits[at]) * 16 + ascii::hex_value(digits[at + 1]));
  }
  return wire;
}

bool is_generic(Words words) {
  return !words.empty() && !words[0].quoted && words[0].text == "\\#";
}

Result<Rdata> parse_address(Type type, Words words) {
  const bool v4 = type == Type::A;
  const auto address = words.size() == 1 ? ip::parse_address(words[0].text) : fail(Errc::Syntax, "");
  if (!address || words[0].text.contains(':') == v4) {
    return wants(v4 ? "an A record has one IPv4 address, e.g. 192.0.2.1"
                    : "an AAAA record has one IPv6 address, e.g. 2001:db8::1");
  }
  return *address;
}

Result<Rdata> parse_strings(Words words) {
  if (words.empty()) return wants("a TXT record has at least one string behind its type, e.g. \"v=spf1 -all\"");
  Txt txt;
  for (const ZoneWord& word : words) {
    const auto text = unescape(word.text);
    if (!text) return Failure(text.error());
    txt.text += *text;
  }
  return txt;
}

Result<Rdata> parse_exchange(Words words, const Name& origin) {
  const auto preference = words.size() == 2 ? ascii::parse_number<std::uint16_t>(words[0].text) : std::nullopt;
  if (!preference) return wants("an MX record has a preference and a name, e.g. 10 mail.example.org.");
  auto name = parse_zone_name(words[1], origin);
  if (!name) return Failure(name.error());
  return Mx{*preference, std::move(*name)};
}

}  // namespace

Result<Name> parse_zone_name(const ZoneWord& word, const Name& origin) {
  if (word.text == "@" && !word.quoted) return origin;
  return is_absolute(word.text) ? Name::parse(word.text) : origin.prefixed(word.text);
}

std::optional<std::uint16_t> zone_number(std::string_view text, std::string_view prefix) {
  if (!ascii::istarts_with(text, prefix)) return std::nullopt;
  return ascii::parse_number<std::uint16_t>(text.substr(prefix.size()));
}

std::optional<Type> parse_zone_type(std::string_view text) {
  const auto number = zone_number(text, "TYPE");
  for (const Type type : kTypes) {
    if (ascii::iequals(text, to_string(type)) || number == static_cast<std::uint16_t>(type)) return type;
  }
  return std::nullopt;
}

Result<void> check_soa(Words words, const Name& origin) {
  if (is_generic(words)) return {};
  bool good = words.size() == 7 && parse_zone_name(words[0], origin) && parse_zone_name(words[1], origin) &&
              ascii::parse_number<std::uint32_t>(words[2].text);
  for (std::size_t i = 3; good && i < 7; ++i) good = parse_ttl(words[i].text).has_value();
  if (!good) {
    return wants(
        "a SOA record has a server, a mailbox as a name, and five numbers: "
        "ns.example.org. hostmaster.example.org. 1 3600 900 1209600 300");
  }
  return {};
}

Result<std::chrono::seconds> parse_ttl(std::string_view text) {
  constexpr auto wrong = "a time is a number of seconds, or e.g. 1h30m; at most 2147483647 seconds";
  if (const auto plain = ascii::parse_number<std::uint32_t>(text); plain && *plain <= kMostTtl.count()) {
    return std::chrono::seconds(*plain);
  }
  std::int64_t total = 0;
  std::size_t at = 0;
  do {
    const std::size_t begin = at;
    while (at < text.size() && ascii::is_digit(text[at])) ++at;
    const auto number = ascii::parse_number<std::uint32_t>(text.substr(begin, at - begin));
    if (!number || at == text.size()) return fail(Errc::Syntax, wrong);
    constexpr std::string_view kUnits = "smhdw";
    constexpr std::array<std::int64_t, 5> kSeconds{1, 60, 3600, 86400, 604800};
    const std::size_t unit = kUnits.find(ascii::to_lower(text[at++]));
    if (unit == std::string_view::npos) return fail(Errc::Syntax, wrong);
    total += *number * kSeconds[unit];
    if (total > kMostTtl.count()) return fail(Errc::Syntax, wrong);
  } while (at < text.size());
  return std::chrono::seconds(total);
}

Result<Rdata> parse_zone_rdata(Type type, Words words, const Name& origin) {
  if (is_generic(words)) {
    const auto wire = parse_generic(words.subspan(1));
    return wire ? parse_rdata(type, *wire) : Failure(wire.error());
  }
  switch (type) {
    case Type::A:
    case Type::Aaaa:
      return parse_address(type, words);
    case Type::Txt:
      return parse_strings(words);
    case Type::Mx:
      return parse_exchange(words, origin);
    case Type::Ns:
    case Type::Cname:
    case Type::Ptr:
    case Type::Soa:
      break;
  }
  if (words.size() != 1) return wants("such a record has one name behind its type, e.g. mail.example.org.");
  auto name = parse_zone_name(words[0], origin);
  if (!name) return Failure(name.error());
  return std::move(*name);
}

}  // namespace anechoic::dns
