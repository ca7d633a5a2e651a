// SPDX-License-Identifier: Apache-2.0
#include "mail/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/ascii.h"
#include "base/utf8.h"
#include "mail/charset_name.h"
#include "mail/charset_shift.h"

namespace anechoic::mail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Eight octets at a time: all text of all messages comes by here.
bool is_ascii(std::string_view bytes) {
  std::uint64_t high = 0;
  while (bytes.size() >= sizeof(high)) {
    std::uint64_t some = 0;
    std::memcpy(&some, bytes.data(), sizeof(some));
    high |= some;
    bytes.remove_prefix(sizeof(some));
  }
  for (const char c : bytes) high |= static_cast<unsigned char>(c);
  return (high & 0x8080808080808080U) == 0;
}

// Adds `text` if that keeps `out` within `limit`; false = full.
bool append(std::string& out, std::string_view text, std::size_t limit) {
  if (out.size() + text.size() > limit) return false;
  out += text;
  return true;
}

// Each octet that is no part of a character becomes U+FFFD.
std::string repaired(std::string_view bytes, std::size_t limit) {
  std::string out;
  out.reserve(std::min(bytes.size(), limit));
  while (!bytes.empty()) {
    const std::size_t length = utf8::character_length(bytes);
    if (!append(out, length == 0 ? kReplacement : bytes.substr(0, length), limit)) break;
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

bool is_high(char c) {
  return (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string from_windows_1252(std::string_view bytes, std::size_t limit) {
  // 0x80 to 0x9F; 0 = not assigned.
  constexpr std::array<std::uint16_t, 32> kHigh = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                   0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
  std::string out;
  out.reserve(std::min(bytes.size() + bytes.size() / 8, limit));
  while (!bytes.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if(bytes, is_high) - bytes.begin());
    if (plain != 0) {
      out += bytes.substr(0, std::min(plain, limit - out.size()));
      bytes.remove_prefix(plain);
      if (bytes.empty()) break;
    }
    const auto octet = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const std::uint32_t code = octet < 0xA0 ? kHigh[octet - 0x80U] : octet;
    std::array<char, 3> text{};
    std::size_t length = 3;
    if (code == 0) {
      std::ranges::copy(kReplacement, text.begin());
    } else if (code < 0x800) {
      text = {static_cast<char>(0xC0U | code >> 6U), static_cast<char>(0x80U | (code & 0x3FU))};
      length = 2;
    } else {
      text = {static_cast<char>(0xE0U | code >> 12U), static_cast<char>(0x80U | (code >> 6U & 0x3FU)),
              static_cast<char>(0x80U | (code & 0x3FU))};
    }
    if (!append(out, {text.data(), length}, limit)) break;
  }
  return out;
}

// Characters of more than one octet against octets that belong to none.
bool looks_like_utf8(std::string_view bytes) {
  std::size_t good = 0;
  std::size_t bad = 0;
  while (!bytes.empty()) {
    const std::size_t length = utf8::character_length(bytes);
    if (length == 0 && bytes.size() > 3) ++bad;  // the last one may be cut
    if (length > 1) ++good;
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return good != 0 && good >= bad;
}

std::string guessed(std::string_view bytes, std::size_t limit) {
  if (utf8::is_valid(bytes)) return std::string(utf8::cut(bytes, limit));
  return looks_like_utf8(bytes) ? repaired(bytes, limit) : from_windows_1252(bytes, limit);
}

class Converter {
 public:
  explicit Converter(const char* from) : handle_(iconv_open("UTF-8", from)) {}
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  // -1 is how POSIX says that there is none.
  [[nodiscard]] bool is_open() const { return reinterpret_cast<std::intptr_t>(handle_) != -1; }

  struct Converted {
    std::string text;
    std::size_t errors = 0;
  };
  Converted run(std::string_view bytes, std::size_t limit) {
    Converted out;
    std::array<char, 4096> buffer{};
    char* in = const_cast<char*>(bytes.data());
    std::size_t left = bytes.size();
    while (left != 0) {
      char* to = buffer.data();
      std::size_t room = buffer.size();
      const std::size_t status = iconv(handle_, &in, &left, &to, &room);
      const int error = status == static_cast<std::size_t>(-1) ? errno : 0;
      const std::string_view piece(buffer.data(), buffer.size() - room);
      if (!append(out.text, piece, limit)) {
        out.text += utf8::cut(piece, limit - out.text.size());
        break;
      }
      if (error == E2BIG) continue;
      if (error == 0) break;
      if (!append(out.text, kReplacement, limit)) break;
      if (error == EINVAL) break;  // ends inside a character
      ++out.errors;
      ++in;
      --left;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

// iconv takes UTF-16 without a byte order mark as this machine's; mail means big endian, and mostly sends little.
std::string byte_order(std::string_view bytes, std::string name) {
  if (name != "UTF-16" && name != "UTF-32") return name;
  if (bytes.starts_with("\xFE\xFF") || bytes.starts_with("\xFF\xFE") || bytes.size() < 2) return name;
  return name + (bytes[0] != '\0' && bytes[1] == '\0' ? "LE" : "BE");
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset, std::size_t limit) {
  const bool ascii = is_ascii(bytes);
  if (ascii && (charset.empty() || ascii::iequals(charset, "us-ascii") || ascii::iequals(charset, "utf-8"))) {
    return std::string(bytes.substr(0, limit));
  }
  const Charset found = find_charset(charset);
  const bool shifted = found.reading == Reading::SevenBit || found.reading == Reading::Wide;
  if (ascii && !shifted) return std::string(bytes.substr(0, limit));
  if (found.reading == Reading::Guess) return guessed(bytes, limit);
  if (found.reading == Reading::OneOctet && utf8::is_valid(bytes)) return std::string(utf8::cut(bytes, limit));
  if (found.name == "CP1252") return from_windows_1252(bytes, limit);
  if (found.name == "ISO-2022-JP") return to_utf8(iso_2022_jp_as_euc(bytes), "euc-jp", limit);
  if (found.name == "HZ") return to_utf8(hz_as_gb18030(bytes), "gb18030", limit);
  Converter converter(byte_order(bytes, found.name).c_str());
  if (!converter.is_open()) return guessed(bytes, limit);
  const Converter::Converted converted = converter.run(bytes, limit);
  if (converted.errors != 0 && !shifted && utf8::is_valid(bytes)) return std::string(utf8::cut(bytes, limit));
  return utf8::is_valid(converted.text) ? converted.text : repaired(converted.text, limit);
}

std::size_t octets_for_utf8(std::string_view charset) {
  const Reading reading = find_charset(charset).reading;
  return reading == Reading::Wide || reading == Reading::SevenBit ? 4 : 1;
}

}  // namespace anechoic::mail
