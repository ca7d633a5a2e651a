// SPDX-License-Identifier: Apache-2.0
// What a charset's name in mail stands for.   Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace anechoic::mail {

enum class Reading : std::uint8_t {
  Guess,
  SevenBit,   // escapes of ASCII octets: even pure ASCII has to be converted
  OneOctet,   // each octet is a character: whatever is valid UTF-8 is no text of it
  ManyOctet,  // characters of one or more octets
  Wide,       // units of two or four octets
};

struct Charset {
  Reading reading = Reading::Guess;
  std::string name;  // as iconv knows it; HZ and ISO-2022-JP: see charset_shift.h
};

// "windows-1252", "cp1252", "x-sjis", "ISO_8859-1:1987" ...; Guess where nobody knows it.
[[nodiscard]] Charset find_charset(std::string_view said);

}  // namespace anechoic::mail
