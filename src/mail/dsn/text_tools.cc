// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/text_tools.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kMaxLocal = 128;  // VERP and X.400 gateways write longer ones than RFC 5321 allows

bool is_local_char(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+/=?^_`{|}~.-";
  return ascii::is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 || kOthers.contains(c);
}

bool is_domain_char(char c) {
  return ascii::is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 || c == '.' || c == '-' || c == '_';
}

// One of the marks of East Asian writing ("：", "（", "。", "、"), or a typographic quote: they stand beside addresses,
// not in them. All are three octets long.
bool wide_mark_at(std::string_view text, std::size_t at) {
  if (text.size() - at < 3) return false;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (octet(0) == 0xE2) return octet(1) == 0x80;  // U+2000 to U+203F
  if (octet(0) == 0xE3) return octet(1) == 0x80;  // U+3000 to U+303F
  if (octet(0) != 0xEF) return false;
  return (octet(1) == 0xBC && (octet(2) <= 0x8F || (octet(2) >= 0x9A && octet(2) <= 0xA0))) ||  // U+FF01 to U+FF20
         (octet(1) == 0xBC && octet(2) >= 0xBB) || (octet(1) == 0xBD && octet(2) >= 0x9B);
}

// "example.com로", "example.jpに": a last label that begins with letters of ASCII has no others.
std::string_view without_particle(std::string_view domain) {
  const std::size_t label = domain.rfind('.') + 1;
  if (label == 0 || label == domain.size() || !ascii::is_alnum(domain[label]) ||
      domain.substr(label).starts_with("xn--"))
    return domain;
  const auto* other =
      std::ranges::find_if(domain.substr(label), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return domain.substr(0, static_cast<std::size_t>(other - domain.data()));
}

// Where the domain that begins at `at` ends; `at` itself if there is none.
std::size_t domain_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  if (at < text.size() && text[at] == '[') {
    end = text.find(']', at);
    return end == std::string_view::npos || end - at > 50 ? at : end + 1;
  }
  while (end < text.size() && end - at < 255 && is_domain_char(text[end]) && !wide_mark_at(text, end)) ++end;
  end = at + without_particle(text.substr(at, end - at)).size();
  // Sentences end behind addresses. An ellipsis is no end of a sentence: somebody hid the address.
  if (text.substr(at, end - at).contains("..")) {
    const std::size_t dots = text.find("..", at);
    if (dots == at || !text.substr(dots, end - dots).starts_with("...")) return at;
    // "user@example.org... User unknown" is how Sendmail writes; "user@example..." is not whole.
    end = dots;
    if (!text.substr(at, end - at).contains('.')) return at;
  }
  while (end > at && (text[end - 1] == '.' || text[end - 1] == '-' || text[end - 1] == '_')) --end;
  return end;
}

std::string lower_domain(std::string_view local, std::string_view domain) {
  return std::string(local) + "@" + ascii::lower(domain);
}

// Words that programs glue to an address with a character that an address may hold.
std::size_t glued_prefix(std::string_view local) {
  for (const std::string_view prefix :
       {"smtp=", "rfc-822=", "rfc822=", "dda:smtp=", "'", "addr=", "to=", "recipient=", "/"}) {
    if (ascii::istarts_with(local, prefix) && local.size() > prefix.size()) return prefix.size();
  }
  return 0;
}

// What a bound left of a character at the end.
void drop_cut_character(std::string& text) {
  std::size_t at = text.size();
  while (at > 0 && text.size() - at < 4 && (static_cast<unsigned char>(text[at - 1]) & 0xC0U) == 0x80U) --at;
  if (at > 0 && static_cast<unsigned char>(text[at - 1]) >= 0xC0) --at;
  if (!utf8::is_valid(std::string_view(text).substr(at))) text.resize(at);
}

}  // namespace

std::string one_line(std::string_view text, std::size_t limit) {
  std::string out;
  append_line(out, text, limit);
  return out;
}

void append_line(std::string& text, std::string_view more, std::size_t limit) {
  more = trim_all(more);
  if (more.empty() || text.size() >= limit) return;
  more = utf8::cut(more, 2 * limit);
  if (!text.empty()) text += ' ';
  // Nearly all lines are plain.
  const bool plain = std::ranges::all_of(more, [](char c) { return ascii::is_printable(c); });
  if (plain && !more.contains("  ")) {
    text.append(more.substr(0, limit - std::min(limit, text.size())));
    while (text.ends_with(' ')) text.pop_back();
    return;
  }
  const bool valid = utf8::is_valid(more);
  for (const char c : more) {
    if (text.size() >= limit) break;
    if (ascii::is_control(c) || c == ' ') {
      if (!text.empty() && text.back() != ' ') text += ' ';
    } else {
      text += static_cast<unsigned char>(c) >= 0x80 && !valid ? '?' : c;
    }
  }
  drop_cut_character(text);
  while (text.ends_with(' ')) text.pop_back();
}

std::string_view trim_all(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\v\f";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::vector<std::string_view> split_lines(std::string_view text, std::size_t limit) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < limit) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

std::optional<FoundAddress> address_at(std::string_view text, std::size_t at) {
  std::size_t sign = at;
  if (sign < text.size() && text[sign] == '"') {
    ++sign;
    while (sign < text.size() && sign - at < kMaxLocal && text[sign] != '"' && text[sign] != '\n') {
      sign += text[sign] == '\\' ? 2 : 1;
    }
    if (sign >= text.size() || text[sign] != '"') return std::nullopt;
    ++sign;
  } else {
    while (sign < text.size() && sign - at < kMaxLocal && is_local_char(text[sign])) ++sign;
  }
  if (sign == at || sign >= text.size() || text[sign] != '@') return std::nullopt;
  const std::string_view local = text.substr(at, sign - at);
  // "david...@example.org": an archive or a mailer hid the rest.
  if (local.contains("...")) return std::nullopt;
  const std::size_t end = domain_end(text, sign + 1);
  if (end == sign + 1) return std::nullopt;
  return FoundAddress{.address = lower_domain(local, text.substr(sign + 1, end - sign - 1)), .begin = at, .end = end};
}

std::optional<FoundAddress> find_address(std::string_view text, std::size_t from) {
  for (std::size_t sign = text.find('@', from); sign != std::string_view::npos; sign = text.find('@', sign + 1)) {
    std::size_t begin = sign;
    if (begin > from && text[begin - 1] == '"') {
      const std::size_t open = text.rfind('"', begin - 2 < begin ? begin - 2 : 0);
      if (open != std::string_view::npos && open >= from && begin - open <= kMaxLocal) begin = open;
    } else {
      while (begin > from && sign - begin < kMaxLocal && is_local_char(text[begin - 1]) &&
             !(begin >= from + 3 && wide_mark_at(text, begin - 3)))
        --begin;
    }
    begin += glued_prefix(text.substr(begin, sign - begin));
    if (auto found = address_at(text, begin)) return found;
  }
  return std::nullopt;
}

std::string address_of(std::string_view text) {
  text = trim_all(text.substr(0, 1024));
  if (const auto found = find_address(text)) return one_line(found->address, kMaxAddress);
  if (text.starts_with('<') && text.ends_with('>')) text = text.substr(1, text.size() - 2);
  if (text.size() > 64 || text.contains('@') || text.find_first_of(" \t<>(),;:\r\n") != std::string_view::npos)
    return {};
  return one_line(text, kMaxAddress);
}

bool mentions(std::string_view folded, std::string_view address) {
  return !address.empty() && folded.contains(ascii::lower(address));
}

}  // namespace anechoic::mail::dsn
