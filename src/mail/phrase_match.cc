// SPDX-License-Identifier: Apache-2.0
#include "mail/phrase_match.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"

namespace anechoic::mail {
namespace {

// As scripts/rules-to-cpp does.
std::size_t bucket_of(const char* four) {
  const auto octet = [&](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(four[i])); };
  const std::uint32_t key = octet(0) | octet(1) << 8U | octet(2) << 16U | octet(3) << 24U;
  return static_cast<std::size_t>((key * 0x9E3779B1U) >> 20U);
}

// The lower case of a letter that UTF-8 writes in two octets, if that is written in two as well; else the same.
unsigned lower_of_two(unsigned c) {
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 0x20;
  const bool even_is_upper = (c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
                             (c >= 0x200 && c <= 0x21F) || (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF);
  if (even_is_upper) return c | 1U;
  const bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
  if (odd_is_upper) return c % 2 == 1 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 0x20;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x410 && c <= 0x42F) return c + 0x20;
  if (c >= 0x400 && c <= 0x40F) return c + 0x50;
  return c;
}

}  // namespace

std::string fold(std::string_view utf8) {
  std::string out(utf8);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto lead = static_cast<unsigned char>(out[i]);
    if (lead < 0x80) {
      out[i] = ascii::to_lower(out[i]);
    } else if (lead >= 0xC3 && lead <= 0xD3 && i + 1 < out.size() &&
               (static_cast<unsigned char>(out[i + 1]) & 0xC0U) == 0x80U) {
      const unsigned c = lower_of_two((lead & 0x1FU) << 6U | (static_cast<unsigned char>(out[i + 1]) & 0x3FU));
      out[i] = static_cast<char>(0xC0U | c >> 6U);
      out[++i] = static_cast<char>(0x80U | (c & 0x3FU));
    }
  }
  return out;
}

std::string join_blanks(std::string text) {
  std::size_t end = 0;
  for (const char c : text) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (blank && end > 0 && text[end - 1] == ' ') continue;
    text[end++] = blank ? ' ' : c;
  }
  text.resize(end);
  return text;
}

void PhraseHits::look_in(std::string_view folded) {
  for (std::size_t at = 0; at + 4 <= folded.size(); ++at) {
    const std::size_t bucket = bucket_of(folded.data() + at);
    for (std::size_t i = table_.first[bucket]; i < table_.first[bucket + 1]; ++i) {
      const std::uint16_t number = table_.order[i];
      const Phrase& phrase = table_.phrases[number];
      if (at >= phrase.key && folded.substr(at - phrase.key).starts_with(phrase.text)) {
        set(number);
      }
    }
  }
}

bool PhraseHits::any(std::span<const std::uint16_t> phrases) const {
  return std::ranges::any_of(phrases, [&](std::uint16_t phrase) { return has(phrase); });
}

}  // namespace anechoic::mail
