// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace anechoic::smtp {
namespace {

constexpr std::size_t kSanitisedLines = 5;
constexpr std::size_t kSanitisedOctets = 400;  // of each line
constexpr std::uint16_t kEnhancedMax = 999;    // RFC 3463 2

// RFC 5321 4.2.3, with 521 and 556 of RFC 7504.
constexpr auto kKnownCodes =
    std::to_array<std::uint16_t>({211, 214, 220, 221, 250, 251, 252, 354, 421, 450, 451, 452, 455,
                                  500, 501, 502, 503, 504, 521, 550, 551, 552, 553, 554, 555, 556});

void append_number(std::string& out, unsigned value) {
  std::array<char, 10> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

void append_enhanced(std::string& out, const EnhancedCode& code) {
  append_number(out, code.klass);
  out += '.';
  append_number(out, code.subject);
  out += '.';
  append_number(out, code.detail);
}

void append_text(std::string& out, std::string_view text, bool utf8) {
  const std::size_t start = out.size();
  out += text;
  for (std::size_t i = start; i < out.size(); ++i) {
    char& c = out[i];
    if (ascii::is_control(c) || (ascii::is_high(c) && !utf8)) c = '?';
  }
}

// The part of `line` that fits into `room` octets; a long one is parted at a blank where there is one.
std::string_view fitting(std::string_view line, std::size_t room, bool utf8) {
  if (line.size() <= room) return line;
  const std::size_t blank = line.rfind(' ', room);
  if (blank != std::string_view::npos && blank > room / 2) return line.substr(0, blank + (blank < room ? 1 : 0));
  const std::string_view part = utf8 ? utf8::cut(line, room) : line.substr(0, room);
  return part.empty() ? line.substr(0, room) : part;
}

void append_line(std::string& out, const Reply& reply, std::string_view text, bool last, bool utf8) {
  append_number(out, reply.code);
  out += last ? ' ' : '-';
  if (reply.enhanced.present()) {
    append_enhanced(out, reply.enhanced);
    if (!text.empty()) out += ' ';
  }
  append_text(out, text, utf8);
  out += "\r\n";
}

}  // namespace

void append_wire(std::string& out, const Reply& reply, bool utf8) {
  constexpr std::size_t kCodes = sizeof("250 2.999.999 ") - 1 + 2;  // and CRLF
  constexpr std::size_t kRoom = limits::kReplyLine - kCodes;
  const bool keep = utf8 && utf8::is_valid(reply.text);
  std::string_view rest = reply.text;
  for (;;) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view part = fitting(rest.substr(0, end), kRoom, keep);
    const bool whole_line = part.size() == end;
    rest.remove_prefix(part.size());
    const bool last = rest.empty() || (whole_line && rest.size() == 1);  // a line end at the end makes no line
    append_line(out, reply, part, last, keep);
    if (last) return;
    if (whole_line) rest.remove_prefix(1);
  }
}

std::string to_wire(const Reply& reply, bool utf8) {
  std::string out;
  append_wire(out, reply, utf8);
  return out;
}

std::string to_string(const Reply& reply) {
  std::string out;
  append_number(out, reply.code);
  if (reply.enhanced.present()) {
    out += ' ';
    append_enhanced(out, reply.enhanced);
  }
  std::string_view rest = reply.text;
  while (rest.ends_with('\n')) rest.remove_suffix(1);
  if (!rest.empty()) out += ' ';
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    append_text(out, rest.substr(0, end), utf8::is_valid(rest.substr(0, end)));
    rest.remove_prefix(end);
    if (rest.empty()) break;
    out += " / ";
    rest.remove_prefix(1);
  }
  return out;
}

Reply sanitise(const Reply& reply) {
  Reply out;
  const unsigned klass = reply.code / 100U;
  if (klass < 2 || klass > 5) {
    // Nobody knows what was meant: the client shall come again.
    out.code = 451;
  } else if (std::ranges::find(kKnownCodes, reply.code) != kKnownCodes.end()) {
    out.code = reply.code;
  } else {
    constexpr std::array<std::uint16_t, 6> kGeneric{0, 0, 250, 354, 451, 554};
    out.code = kGeneric[klass];
  }
  if (out.code == 421) out.code = 451;
  out.enhanced = reply.enhanced;
  const bool fits = out.enhanced.klass == out.code / 100U && out.enhanced.subject <= kEnhancedMax &&
                    out.enhanced.detail <= kEnhancedMax;
  if (!fits) out.enhanced = default_enhanced(out.code);

  std::string_view rest = reply.text;
  for (std::size_t lines = 0; lines < kSanitisedLines && !rest.empty(); ++lines) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string line;
    for (const char c : rest.substr(0, std::min(end, 2 * kSanitisedOctets))) {
      if (!ascii::is_control(c)) line += c;
    }
    const std::string_view whole = ascii::trim(line);
    const std::string_view cut =
        ascii::trim(utf8::is_valid(whole) ? utf8::cut(whole, kSanitisedOctets) : whole.substr(0, kSanitisedOctets));
    if (!cut.empty()) {
      if (!out.text.empty()) out.text += '\n';
      out.text += cut;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (out.text.empty()) out.text = out.positive() ? "Ok" : out.temporary() ? "Try again later" : "Refused";
  return out;
}

EnhancedCode default_enhanced(std::uint16_t code) {
  const auto klass = static_cast<std::uint8_t>(code / 100U);
  if (klass != 2 && klass != 4 && klass != 5) return {};
  // RFC 5248 2.4's table, where it has one meaning for the basic code.
  switch (code) {
    case 421:
    case 451:
      return {klass, 3, 0};
    case 452:
      return {klass, 3, 1};
    case 500:
    case 502:
      return {klass, 5, code == 500 ? std::uint16_t{2} : std::uint16_t{1}};
    case 501:
    case 504:
    case 455:
    case 555:
      return {klass, 5, 4};
    case 503:
      return {klass, 5, 1};
    default:
      return {klass, 0, 0};
  }
}

Result<EnhancedCode> parse_enhanced(std::string_view text) {
  constexpr std::string_view kWhat = "not an enhanced status code";
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (first != 1 || second == std::string_view::npos) return fail(Errc::Syntax, std::string(kWhat));
  const std::string_view subject_text = text.substr(2, second - 2);
  const std::string_view detail_text = text.substr(second + 1);
  const auto plain = [](std::string_view number) {
    return !number.empty() && number.size() <= 3 && (number.size() == 1 || number[0] != '0');
  };
  const auto klass = ascii::parse_number<std::uint8_t>(text.substr(0, 1));
  const auto subject = ascii::parse_number<std::uint16_t>(subject_text);
  const auto detail = ascii::parse_number<std::uint16_t>(detail_text);
  if (!klass || (*klass != 2 && *klass != 4 && *klass != 5) || !subject || !detail || !plain(subject_text) ||
      !plain(detail_text)) {
    return fail(Errc::Syntax, std::string(kWhat));
  }
  return EnhancedCode{*klass, *subject, *detail};
}

}  // namespace anechoic::smtp
