// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/zone_lexer.h"

#include "base/ascii.h"

namespace anechoic::dns {

namespace {

constexpr std::string_view kDirective = "anechoic:";

// Carriage returns are blanks, so that lines may end in CRLF.
bool is_blank(char c) {
  return ascii::is_blank(c) || c == '\r';
}

bool ends_word(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '"';
}

}  // namespace

Failure fail_at(std::size_t line, std::string_view what) {
  return fail(Errc::Syntax, "line " + std::to_string(line) + ": " + std::string(what));
}

Result<std::optional<ZoneEntry>> ZoneLexer::next() {
  while (at_ < text_.size()) {
    ZoneEntry entry;
    entry.line = line_;
    entry.has_owner = !is_blank(text_[at_]);
    ended_ = false;
    while (at_ < text_.size() && !ended_) {
      if (auto stepped = step(entry); !stepped) return Failure(stepped.error());
    }
    if (depth_ > 0) return fail_at(opened_, "'(' is never closed; add ')' where the record ends");
    if (!entry.words.empty() || !entry.directives.empty()) return std::optional(std::move(entry));
  }
  return std::optional<ZoneEntry>();
}

Result<void> ZoneLexer::step(ZoneEntry& entry) {
  const char c = text_[at_];
  switch (c) {
    case '\n':
      ++at_;
      ++line_;
      ended_ = depth_ == 0;
      return {};
    case ';':
      comment(entry);
      return {};
    case '(':
      ++at_;
      if (depth_++ == 0) opened_ = line_;
      return {};
    case ')':
      ++at_;
      if (depth_ == 0) return fail_at(line_, "')' without '('; remove it, or quote the string that it is part of");
      --depth_;
      return {};
    case '"':
      return quoted(entry);
    default:
      if (!is_blank(c)) return plain(entry);
      ++at_;
      return {};
  }
}

void ZoneLexer::comment(ZoneEntry& entry) {
  const std::size_t end = std::min(text_.find('\n', at_), text_.size());
  std::string_view text = text_.substr(at_, end - at_);
  while (!text.empty() && (text.front() == ';' || is_blank(text.front()))) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (ascii::istarts_with(text, kDirective)) {
    entry.directives.emplace_back(line_, ascii::trim(text.substr(kDirective.size())));
  }
  at_ = end;
}

Result<void> ZoneLexer::quoted(ZoneEntry& entry) {
  const std::size_t begin = ++at_;
  while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\n') {
    at_ += text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n' ? 2 : 1;
  }
  if (at_ >= text_.size() || text_[at_] != '"') {
    return fail_at(line_, "a string's closing '\"' is missing; a string may not go on in the next line");
  }
  entry.words.emplace_back(text_.substr(begin, at_ - begin), true);
  ++at_;
  return {};
}

Result<void> ZoneLexer::plain(ZoneEntry& entry) {
  const std::size_t begin = at_;
  while (at_ < text_.size() && !ends_word(text_[at_])) {
    if (text_[at_] == '\\' && (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n' || text_[at_ + 1] == '\r')) {
      return fail_at(line_, "the line ends in a backslash; write \\\\ for a backslash");
    }
    at_ += text_[at_] == '\\' ? 2 : 1;
  }
  entry.words.emplace_back(text_.substr(begin, at_ - begin), false);
  return {};
}

Result<std::string> unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out += text[at];
      continue;
    }
    if (++at >= text.size()) return fail(Errc::Syntax, "a string ends in a backslash; write \\\\ for a backslash");
    if (!ascii::is_digit(text[at])) {
      out += text[at];
      continue;
    }
    const auto value = ascii::parse_number<unsigned>(text.substr(at, 3));
    if (text.size() - at < 3 || !value || *value > 255) {
      return fail(Errc::Syntax, "a bad escape; behind '\\' stand three digits up to 255, or the character itself");
    }
    out += static_cast<char>(*value);
    at += 2;
  }
  return out;
}

}  // namespace anechoic::dns
