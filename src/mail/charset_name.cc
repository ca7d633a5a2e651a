// SPDX-License-Identifier: Apache-2.0
#include "mail/charset_name.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"

namespace anechoic::mail {
namespace {

struct Known {
  std::string_view name;  // lower case letters and digits only
  Reading reading;
  std::string_view iconv;
};

constexpr std::array kKnown = {
    Known{"big5", Reading::ManyOctet, "BIG5-HKSCS"},
    Known{"big5hkscs", Reading::ManyOctet, "BIG5-HKSCS"},
    Known{"eucjp", Reading::ManyOctet, "EUC-JP-MS"},
    Known{"euckr", Reading::ManyOctet, "UHC"},
    Known{"euccn", Reading::ManyOctet, "GB18030"},
    Known{"euctw", Reading::ManyOctet, "EUC-TW"},
    Known{"gb18030", Reading::ManyOctet, "GB18030"},
    Known{"gb2312", Reading::ManyOctet, "GB18030"},
    Known{"gb231280", Reading::ManyOctet, "GB18030"},
    Known{"gbk", Reading::ManyOctet, "GB18030"},
    Known{"hzgb2312", Reading::SevenBit, "HZ"},
    Known{"iso2022jp", Reading::SevenBit, "ISO-2022-JP"},
    Known{"iso2022jp1", Reading::SevenBit, "ISO-2022-JP"},
    Known{"iso2022jp2", Reading::SevenBit, "ISO-2022-JP-2"},
    Known{"iso2022jp3", Reading::SevenBit, "ISO-2022-JP-3"},
    Known{"iso2022jpms", Reading::SevenBit, "ISO-2022-JP"},
    Known{"iso2022kr", Reading::SevenBit, "ISO-2022-KR"},
    Known{"johab", Reading::ManyOctet, "JOHAB"},
    Known{"koi8r", Reading::OneOctet, "KOI8-R"},
    Known{"koi8u", Reading::OneOctet, "KOI8-U"},
    Known{"koi8ru", Reading::OneOctet, "KOI8-U"},
    Known{"ksc5601", Reading::ManyOctet, "UHC"},
    Known{"ksc56011987", Reading::ManyOctet, "UHC"},
    Known{"ksc56011989", Reading::ManyOctet, "UHC"},
    Known{"ksx1001", Reading::ManyOctet, "UHC"},
    Known{"macintosh", Reading::OneOctet, "MACINTOSH"},
    Known{"macroman", Reading::OneOctet, "MACINTOSH"},
    Known{"maccyrillic", Reading::OneOctet, "MAC-CYRILLIC"},
    Known{"mskanji", Reading::ManyOctet, "CP932"},
    Known{"shiftjis", Reading::ManyOctet, "CP932"},
    Known{"sjis", Reading::ManyOctet, "CP932"},
    Known{"tis620", Reading::OneOctet, "CP874"},
    Known{"ucs2", Reading::Wide, "UTF-16"},
    Known{"uhc", Reading::ManyOctet, "UHC"},
    Known{"unicode11utf7", Reading::SevenBit, "UTF-7"},
    Known{"utf7", Reading::SevenBit, "UTF-7"},
    Known{"utf16", Reading::Wide, "UTF-16"},
    Known{"utf16be", Reading::Wide, "UTF-16BE"},
    Known{"utf16le", Reading::Wide, "UTF-16LE"},
    Known{"utf32", Reading::Wide, "UTF-32"},
    Known{"utf32be", Reading::Wide, "UTF-32BE"},
    Known{"utf32le", Reading::Wide, "UTF-32LE"},
    Known{"viscii", Reading::OneOctet, "VISCII"},
};

// Of a code page as "windows-", "cp", "ibm" and the like number them.
Charset code_page(unsigned number) {
  switch (number) {
    case 50220:
    case 50221:
    case 50222:
      return {Reading::SevenBit, "ISO-2022-JP"};
    case 932:
      return {Reading::ManyOctet, "CP932"};
    case 936:
    case 54936:
      return {Reading::ManyOctet, "GB18030"};
    case 949:
    case 51949:
      return {Reading::ManyOctet, "UHC"};
    case 950:
      return {Reading::ManyOctet, "BIG5-HKSCS"};
    case 1361:
      return {Reading::ManyOctet, "JOHAB"};
    case 31:
      return {Reading::ManyOctet, "CP932"};  // windows-31j
    default:
      break;
  }
  constexpr std::array<unsigned, 19> kDos{437, 737, 775, 850, 852, 855, 857, 858,  860, 861,
                                          862, 863, 864, 865, 866, 869, 874, 1125, 720};
  const bool windows = (number >= 1250 && number <= 1258) || std::ranges::find(kDos, number) != kDos.end();
  return windows ? Charset{Reading::OneOctet, "CP" + std::to_string(number)} : Charset{};
}

Charset iso_8859(unsigned number) {
  if (number == 1) return {Reading::OneOctet, "CP1252"};
  if (number == 9) return {Reading::OneOctet, "CP1254"};
  if (number == 11) return {Reading::OneOctet, "CP874"};
  if (number == 0 || number == 12 || number > 16) return {};
  return {Reading::OneOctet, "ISO-8859-" + std::to_string(number)};
}

// The number behind a prefix; letters behind it (ISO-8859-8-I, windows-31j) don't matter.
std::optional<unsigned> number_behind(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::size_t digits = 0;
  while (digits < name.size() && ascii::is_digit(name[digits])) ++digits;
  return name.size() - digits > 1 ? std::nullopt : ascii::parse_number<unsigned>(name.substr(0, digits));
}

Charset lookup(std::string_view name) {
  const auto known = std::ranges::find(kKnown, name, &Known::name);
  if (known != kKnown.end()) return {known->reading, std::string(known->iconv)};
  for (const std::string_view prefix : {"iso8859", "8859", "iso88591"}) {
    if (const auto number = number_behind(name, prefix); number && *number <= 16) return iso_8859(*number);
  }
  for (const std::string_view prefix : {"latin", "isolatin"}) {
    constexpr std::array<unsigned, 11> kParts{0, 1, 2, 3, 4, 9, 10, 13, 14, 15, 16};
    if (const auto number = number_behind(name, prefix); number && *number < kParts.size()) {
      return iso_8859(kParts[*number]);
    }
  }
  for (const std::string_view prefix : {"windows", "windowscp", "cp", "win", "ms", "ibm", "microsoftcp"}) {
    if (const auto number = number_behind(name, prefix)) return code_page(*number);
  }
  return {};
}

}  // namespace

Charset find_charset(std::string_view said) {
  said = said.substr(0, std::min(said.find_first_of(":*"), said.size()));  // "ISO_8859-1:1987", a language
  std::string name;
  for (const char c : said.substr(0, 40)) {
    if (ascii::is_alnum(c)) name += ascii::to_lower(c);
  }
  Charset found = lookup(name);
  for (const std::string_view prefix : {"x", "cs"}) {
    if (found.reading != Reading::Guess || !name.starts_with(prefix)) continue;
    found = lookup(std::string_view(name).substr(prefix.size()));
  }
  return found;
}

}  // namespace anechoic::mail
