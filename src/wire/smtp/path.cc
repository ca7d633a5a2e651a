// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/path.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"

namespace anechoic::smtp {
namespace {

// Takes <...> from the front of `text` and returns what stands between. A `>` within a quoted string does not end it.
Result<std::string_view> read_brackets(std::string_view& text) {
  if (!text.starts_with('<')) return fail(Errc::Syntax, "write it between < and >");
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '>' && !quoted) {
      const std::string_view inner = text.substr(1, i - 1);
      text.remove_prefix(i + 1);
      return inner;
    }
  }
  return fail(Errc::Syntax, "the closing > is missing");
}

// Where the host name that begins at `start` ends: at one of `,:` outside of an address literal.
std::size_t end_of_host(std::string_view text, std::size_t start) {
  if (start < text.size() && text[start] == '[') start = std::min(text.find(']', start), text.size());
  return text.find_first_of(",:", start);
}

// Removes "@a,@b:" from the front.   RFC 5321 4.1.2 A-d-l, appendix C
Result<std::string_view> strip_route(std::string_view text) {
  if (!text.starts_with('@')) return text;
  std::size_t at = 0;
  for (;;) {
    if (at >= text.size() || text[at] != '@') return fail(Errc::Syntax, "not a source route");
    const std::size_t end = end_of_host(text, at + 1);
    if (end == std::string_view::npos) return fail(Errc::Syntax, "the source route does not end");
    if (!mail::parse_domain(text.substr(at + 1, end - at - 1), mail::Utf8::Allowed)) {
      return fail(Errc::Syntax, "not a source route");
    }
    if (text[end] == ':') return text.substr(end + 1);
    at = end + 1;
  }
}

Result<mail::Mailbox> read_mailbox(std::string_view inner) {
  const auto stripped = strip_route(inner);
  if (!stripped) return Failure(stripped.error());
  auto mailbox = mail::parse_mailbox(*stripped, mail::Utf8::Allowed);
  if (mailbox && stripped->size() + 2 > limits::kPath && mail::to_string(*mailbox).size() + 2 > limits::kPath) {
    return fail(Errc::Limit, "it is longer than 256 octets");
  }
  return mailbox;
}

}  // namespace

Result<mail::ReversePath> read_reverse_path(std::string_view& text) {
  const auto inner = read_brackets(text);
  if (!inner) return Failure(inner.error());
  if (inner->empty()) return mail::ReversePath{};
  auto mailbox = read_mailbox(*inner);
  if (!mailbox) return Failure(std::move(mailbox).error());
  return mail::ReversePath{*std::move(mailbox)};
}

Result<mail::ForwardPath> read_forward_path(std::string_view& text) {
  const auto inner = read_brackets(text);
  if (!inner) return Failure(inner.error());
  if (ascii::iequals(*inner, "postmaster")) return mail::ForwardPath{{std::string(*inner), ""}};
  auto mailbox = read_mailbox(*inner);
  if (!mailbox) return Failure(std::move(mailbox).error());
  return mail::ForwardPath{*std::move(mailbox)};
}

}  // namespace anechoic::smtp
