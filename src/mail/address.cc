// SPDX-License-Identifier: Apache-2.0
#include "mail/address.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/ip.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace anechoic::mail {
namespace {

constexpr std::size_t kLabel = 63;  // octets; RFC 1035 2.3.4

constexpr std::array<bool, 256> kAtext = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-/=?^_`{|}~")) table[static_cast<unsigned char>(c)] = true;
  for (unsigned c = 0; c < table.size(); ++c) {
    const char character = static_cast<char>(c);
    if (ascii::is_alnum(character) || c > 127) table[c] = true;
  }
  return table;
}();

// RFC 5322 3.2.3, with RFC 6531 3.3's octets above 127 (which are allowed or not by has_allowed_octets).
bool is_atext(char c) {
  return kAtext[static_cast<unsigned char>(c)];
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) > 127; });
}

Result<void> check_octets(std::string_view text, Utf8 utf8) {
  if (is_ascii(text)) return {};
  if (utf8 == Utf8::Forbidden) return fail(Errc::Syntax, "the address is not ASCII");
  if (!utf8::is_valid(text)) return fail(Errc::Syntax, "the address is not UTF-8");
  if (utf8::has_c1_control(text)) return fail(Errc::Syntax, "the address holds control characters");
  return {};
}

bool is_dot_string(std::string_view text) {
  if (text.empty()) return false;
  bool dot = true;  // a dot must not come now
  for (const char c : text) {
    if (c == '.') {
      if (dot) return false;
      dot = true;
    } else if (is_atext(c)) {
      dot = false;
    } else {
      return false;
    }
  }
  return !dot;
}

// Reads the quoted string at the start of `text` into `local` and returns how long it is.   RFC 5321 4.1.2
Result<std::size_t> read_quoted(std::string_view text, std::string& local) {
  std::size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    char c = text[i];
    if (c == '\\') {
      if (++i == text.size()) break;
      c = text[i];
      if (!ascii::is_printable(c)) return fail(Errc::Syntax, "a character that must not be quoted");
    }
    if (ascii::is_control(c)) return fail(Errc::Syntax, "the local part holds control characters");
    local += c;
  }
  if (i >= text.size()) return fail(Errc::Syntax, "the quoted local part does not end");
  return i + 1;
}

Result<std::string> parse_literal(std::string_view text) {
  constexpr std::string_view kTag = "IPv6:";
  if (text.size() < 2 || text.back() != ']') return fail(Errc::Syntax, "the address literal does not end");
  std::string_view inner = text.substr(1, text.size() - 2);
  const bool v6 = ascii::istarts_with(inner, kTag);
  if (v6) inner.remove_prefix(kTag.size());
  if (v6 != inner.contains(':')) return fail(Errc::Syntax, "not an address literal");
  const auto address = ip::parse_address(inner);
  if (!address) return fail(Errc::Syntax, "not an address literal");
  return ip::to_literal(*address);
}

// One label. RFC 5321 has no underscore; real hosts do.
bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabel || label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(
      label, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_' || static_cast<unsigned char>(c) > 127; });
}

}  // namespace

bool Mailbox::needs_utf8() const {
  return !is_ascii(local) || !is_ascii(domain);
}

std::string to_string(const Mailbox& mailbox) {
  std::string out;
  out.reserve(mailbox.local.size() + mailbox.domain.size() + 3);
  if (is_dot_string(mailbox.local)) {
    out += mailbox.local;
  } else {
    out += '"';
    for (const char c : mailbox.local) {
      if (c == '"' || c == '\\') out += '\\';
      out += ascii::is_control(c) ? '?' : c;  // a parsed local part holds none
    }
    out += '"';
  }
  if (!mailbox.domain.empty()) {
    out += '@';
    out += mailbox.domain;
  }
  return out;
}

Result<std::string> parse_domain(std::string_view text, Utf8 utf8) {
  if (text.empty()) return fail(Errc::Syntax, "the domain is missing");
  if (text.size() > limits::kDomain) return fail(Errc::Limit, "the domain is longer than 255 octets");
  if (text.front() == '[') return parse_literal(text);
  if (const auto octets = check_octets(text, utf8); !octets) return Failure(octets.error());
  std::string_view rest = text;
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return fail(Errc::Syntax, "not a domain name");
    if (dot == std::string_view::npos) return ascii::lower(text);
    rest.remove_prefix(dot + 1);
  }
}

Result<Mailbox> parse_mailbox(std::string_view text, Utf8 utf8) {
  if (text.size() > 2 * limits::kLocalPart + limits::kDomain + 3) return fail(Errc::Limit, "the address is too long");
  Mailbox mailbox;
  std::size_t local_end = 0;
  if (text.starts_with('"')) {
    const auto length = read_quoted(text, mailbox.local);
    if (!length) return Failure(length.error());
    local_end = *length;
    if (mailbox.local.empty()) return fail(Errc::Syntax, "the local part is empty");
  } else {
    local_end = std::min(text.find('@'), text.size());
    mailbox.local = text.substr(0, local_end);
    if (!is_dot_string(mailbox.local)) return fail(Errc::Syntax, "not a local part");
  }
  if (local_end == text.size() || text[local_end] != '@') return fail(Errc::Syntax, "the domain is missing");
  if (mailbox.local.size() > limits::kLocalPart) return fail(Errc::Limit, "the local part is longer than 64 octets");
  if (const auto octets = check_octets(mailbox.local, utf8); !octets) return Failure(octets.error());
  auto domain = parse_domain(text.substr(local_end + 1), utf8);
  if (!domain) return Failure(std::move(domain).error());
  mailbox.domain = *std::move(domain);
  return mailbox;
}

std::string to_string(const ReversePath& path) {
  return path.mailbox ? "<" + to_string(*path.mailbox) + ">" : "<>";
}

std::string to_string(const ForwardPath& path) {
  return "<" + to_string(path.mailbox) + ">";
}

bool is_role_account(const Mailbox& mailbox) {
  return ascii::iequals(mailbox.local, "postmaster") || ascii::iequals(mailbox.local, "abuse");
}

bool is_routed(const Mailbox& mailbox) {
  return mailbox.local.find_first_of("%!@") != std::string::npos;
}

}  // namespace anechoic::mail
