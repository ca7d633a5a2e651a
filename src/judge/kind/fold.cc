// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/fold.h"

#include <array>
#include <cstdint>

namespace anechoic::judge {

namespace {

// One base letter for each character of U+00C0..U+024F and U+1E00..U+1EFF: what is left of its canonical decomposition
// in lower case, and for letters without one (ss, ae, o with stroke ...) the first letter that stands for it. '.' = as
// it is.
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllll."
    ".llnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    "...............e................oo.............uu..............."
    ".............aaiioouuuuuuuuuu.aaaa....ggkkoooo..j...gg..nnaa...."
    "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............"
    "................";
static_assert(kLatin.size() == 0x250 - 0xC0);
constexpr std::string_view kLatinAdditional =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwy....s.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";
static_assert(kLatinAdditional.size() == 0x100);

// What stands for an ASCII octet: itself in lower case, or a space.
constexpr std::array<char, 128> kAscii = [] {
  std::array<char, 128> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = i <= 32 || i == 127 ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return table;
}();

struct Decoded {
  char32_t point;  // U+0020 for what is not UTF-8
  std::size_t length;
};

Decoded decode(std::string_view text) {
  const auto octet = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = octet(0);
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || length > text.size()) return {U' ', 1};
  char32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return {U' ', i};
    point = point << 6U | (octet(i) & 0x3FU);
  }
  return {point, length};
}

char32_t fold_greek(char32_t point) {
  switch (point) {
    case 0x386:
    case 0x3AC:
      return 0x3B1;
    case 0x388:
    case 0x3AD:
      return 0x3B5;
    case 0x389:
    case 0x3AE:
      return 0x3B7;
    case 0x38A:
    case 0x390:
    case 0x3AA:
    case 0x3AF:
    case 0x3CA:
      return 0x3B9;
    case 0x38C:
    case 0x3CC:
      return 0x3BF;
    case 0x38E:
    case 0x3AB:
    case 0x3B0:
    case 0x3CB:
    case 0x3CD:
      return 0x3C5;
    case 0x38F:
    case 0x3CE:
      return 0x3C9;
    case 0x3C2:
      return 0x3C3;
    default:
      return point >= 0x391 && point <= 0x3A9 ? point + 0x20 : point;
  }
}

char32_t fold_cyrillic(char32_t point) {
  if (point >= 0x410 && point <= 0x42F) point += 0x20;
  if (point >= 0x400 && point <= 0x40F) point += 0x50;
  if (point >= 0x460 && (point & 1U) == 0) ++point;
  // As their decompositions without the mark.
  if (point == 0x451 || point == 0x450) return 0x435;
  if (point == 0x439) return 0x438;
  if (point == 0x457) return 0x456;
  return point;
}

// Punctuation and spaces of U+2000..U+206F. 0 = nothing.
char32_t fold_punctuation(char32_t point) {
  if (point <= 0x200A || (point >= 0x2028 && point <= 0x2029) || point == 0x202F || point == 0x205F) return U' ';
  if (point <= 0x200F || (point >= 0x202A && point <= 0x202E) || point >= 0x2060) return 0;
  if (point <= 0x2015) return U'-';
  if (point <= 0x201B || point == 0x2032) return U'\'';
  if (point <= 0x201F || point == 0x2033) return U'"';
  return point;
}

char32_t fold_point(char32_t point) {
  if (point < 0xC0)
    return point == 0xA0                    ? U' '
           : point == 0xAB || point == 0xBB ? U'"'
           : point == 0xAD                  ? 0
           : point == 0xB4                  ? U'\''
                                            : point;
  if (point < 0x250) {
    const char base = kLatin[point - 0xC0];
    return base == '.' ? point : static_cast<char32_t>(base);
  }
  if (point == 0x2BC) return U'\'';
  if (point >= 0x300 && point < 0x370) return 0;  // combining marks
  if (point >= 0x370 && point < 0x400) return fold_greek(point);
  if (point >= 0x400 && point < 0x530) return fold_cyrillic(point);
  if (point >= 0x1E00 && point < 0x1F00) {
    const char base = kLatinAdditional[point - 0x1E00];
    return base == '.' ? point : static_cast<char32_t>(base);
  }
  if (point >= 0x2000 && point < 0x2070) return fold_punctuation(point);
  if (point == 0x3000) return U' ';
  if (point == 0xFEFF) return 0;
  if (point >= 0xFF01 && point <= 0xFF5E) return static_cast<char32_t>(kAscii[point - 0xFEE0]);
  return point;
}

// Characters of scripts that are written without spaces; Hangul has them.
bool is_ideograph(char32_t point) {
  return (point >= 0x2E80 && point < 0xA000) || (point >= 0xF900 && point < 0xFB00) ||
         (point >= 0xFF65 && point < 0xFFA0);
}

}  // namespace

Folder::Folder(std::string& out, std::size_t limit) : out_(out), end_(out.size() + limit) {}

std::size_t Folder::append_ascii(std::string_view text) {
  const std::size_t room = end_ > out_.size() ? end_ - out_.size() : 0;
  std::size_t read = 0;
  out_.resize_and_overwrite(out_.size() + room + 2, [&](char* out, std::size_t) {
    std::size_t length = end_ - room;
    while (read < text.size() && length < end_) {
      const auto octet = static_cast<std::uint8_t>(text[read]);
      if (octet >= 0x80) break;
      ++read;
      const char c = kAscii[octet];
      if (c == ' ') {
        space_ = true;
        continue;
      }
      if (space_) out[length++] = ' ';
      out[length++] = c;
      space_ = false;
      ideograph_ = false;
    }
    return length;
  });
  return read;
}

void Folder::put(char32_t point) {
  if (point == 0) return;
  if (point < 0x80) {
    const char c = static_cast<char>(point);
    (void)append_ascii({&c, 1});
    return;
  }
  const bool ideograph = is_ideograph(point);
  if (space_ && !(ideograph && ideograph_)) out_ += ' ';
  if (point < 0x800) {
    out_ += static_cast<char>(0xC0U | point >> 6U);
  } else {
    if (point < 0x10000) {
      out_ += static_cast<char>(0xE0U | point >> 12U);
    } else {
      out_ += static_cast<char>(0xF0U | point >> 18U);
      out_ += static_cast<char>(0x80U | (point >> 12U & 0x3FU));
    }
    out_ += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
  }
  out_ += static_cast<char>(0x80U | (point & 0x3FU));
  space_ = false;
  ideograph_ = ideograph;
}

void Folder::append(std::string_view utf8) {
  while (!utf8.empty() && !full()) {
    utf8.remove_prefix(append_ascii(utf8));
    if (utf8.empty() || full()) return;
    const Decoded next = decode(utf8);
    put(fold_point(next.point));
    utf8.remove_prefix(next.length);
  }
}

void Folder::finish() {
  out_ += ' ';
}

std::string fold(std::string_view utf8, std::size_t limit) {
  std::string out;
  Folder folder(out, limit);
  folder.append(utf8);
  if (out.starts_with(' ')) out.erase(0, 1);
  return out;
}

}  // namespace anechoic::judge
