// SPDX-License-Identifier: Apache-2.0
// Received fields are read as hosts write them, not as the grammar would have them:
//
//   from helo (name [192.0.2.1]) by ...                 Postfix, Sendmail; we
//   from name ([192.0.2.1]:4711 helo=said) by ...       Exim
//   from [192.0.2.1] (port=4711 helo=said) by ...       Exim, where the address has no name
//   from unknown (HELO said) (192.0.2.1) by ...         qmail
//   from host (192.0.2.1) by ...                        Exchange
//
// The name behind `from` and what follows HELO or helo= were said by the client, so an address there proves nothing:
// the last comment before `by` counts, and in it only an address that begins a word.
#include "mail/received_trace.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/limits.h"
#include "mail/date.h"

namespace anechoic::mail {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) + 1 - first);
}

// Where the comment that begins at `start` ends (behind its parenthesis).   RFC 5322 3.2.2
std::size_t end_of_comment(std::string_view text, std::size_t start) {
  std::size_t depth = 0;
  for (std::size_t i = start; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')' && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

// The next word, comment or semicolon, taken from the front of `text`; "" at the end.
std::string_view next_token(std::string_view& text) {
  const std::size_t start = std::min(text.find_first_not_of(kWhite), text.size());
  text.remove_prefix(start);
  std::size_t end = 0;
  if (text.starts_with('(')) {
    end = end_of_comment(text, 0);
  } else if (text.starts_with(';')) {
    end = 1;
  } else {
    end = std::min(text.find_first_of(" \t\r\n(;"), text.size());
  }
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

// "[192.0.2.1]", "[IPv6:...]", with anything behind the bracket, or a bare address.
std::optional<ip::Address> address_of(std::string_view word) {
  if (word.starts_with('[')) {
    word = word.substr(1, word.find(']') - 1);
    if (ascii::istarts_with(word, "IPv6:")) word.remove_prefix(5);
  }
  const auto address = ip::parse_address(word);
  return address ? std::optional(*address) : std::nullopt;
}

std::string_view inside(std::string_view comment) {
  comment.remove_prefix(1);
  if (comment.ends_with(')')) comment.remove_suffix(1);
  return comment;
}

// A literal in brackets goes before a bare address: that may be a name from the client's own DNS.
std::optional<ip::Address> address_in_comment(std::string_view comment) {
  comment = inside(comment);
  if (ascii::istarts_with(comment, "HELO ")) return std::nullopt;
  std::optional<ip::Address> bare;
  for (;;) {
    const std::string_view word = next_token(comment);
    if (word.empty()) return bare;
    const auto address = word.starts_with('(') ? std::nullopt : address_of(word);
    if (address && word.starts_with('[')) return address;
    if (!bare) bare = address;
  }
}

// "name [192.0.2.1]": the name, without the "user@" of an ident answer; "" where there is none.
std::string_view name_in_comment(std::string_view comment) {
  comment = inside(comment);
  std::string_view word = next_token(comment);
  if (ascii::iequals(word, "HELO") || ascii::iequals(word, "EHLO") || word.contains('=')) return {};
  if (const std::size_t at = word.rfind('@'); at != std::string_view::npos) word.remove_prefix(at + 1);
  while (word.ends_with('.')) word.remove_suffix(1);
  if (word.starts_with('[') || ascii::iequals(word, "unknown") || !word.contains('.') || address_of(word)) return {};
  return word;
}

std::string_view bare(std::string_view recipient) {
  if (!recipient.starts_with('<')) return recipient;
  recipient.remove_prefix(1);
  return recipient.substr(0, recipient.find('>'));
}

// Reads the clauses one after the other; what a word means depends on the word before it.
class Reader {
 public:
  explicit Reader(std::string_view value) : rest_(value) {}

  ReceivedParts run() {
    for (;;) {
      const std::string_view token = next_token(rest_);
      if (token.empty()) break;
      if (token == ";") {
        parts_.date = trim(rest_);
      } else if (token.starts_with('(')) {
        if (parts_.by.empty()) comments_.push_back(token);
        if (comments_.size() > 3) comments_.erase(comments_.begin() + 1);
        from_next_ = false;
      } else {
        word(token);
      }
    }
    finish();
    return parts_;
  }

 private:
  void word(std::string_view token) {
    if (parts_.from.empty() && parts_.by.empty() && from_next_ && !(ascii::iequals(token, "by") && is_clause())) {
      parts_.from = token;
    } else if (parts_.by.empty() && ascii::iequals(token, "by")) {
      parts_.by = next_token(rest_);
    } else if (parts_.id.empty() && !parts_.by.empty() && ascii::iequals(token, "id")) {
      parts_.id = next_token(rest_);
    } else if (parts_.recipient.empty() && !parts_.by.empty() && ascii::iequals(token, "for")) {
      parts_.recipient = bare(next_token(rest_));
    }
    from_next_ = ascii::iequals(token, "from");
  }
  // A client may call itself "by"; a host that writes no name at all behind `from` goes on with its own.
  [[nodiscard]] bool is_clause() const {
    std::string_view ahead = rest_;
    const std::string_view next = next_token(ahead);
    return !next.starts_with('(') && !ascii::iequals(next, "by");
  }
  void finish() {
    while (parts_.by.ends_with('.')) parts_.by.remove_suffix(1);
    if (!comments_.empty()) parts_.client = address_in_comment(comments_.back());
    if (!parts_.client && parts_.from.starts_with('[')) parts_.client = address_of(parts_.from);
    for (const std::string_view comment : comments_) {
      if (parts_.from_name.empty()) parts_.from_name = name_in_comment(comment);
    }
  }

  std::string_view rest_;
  ReceivedParts parts_;
  std::vector<std::string_view> comments_;  // before `by`: the first and the last ones
  bool from_next_ = false;
};

}  // namespace

ReceivedParts parse_received(std::string_view value) {
  return Reader(value).run();
}

Hop parse_hop(std::string_view received_value) {
  const ReceivedParts parts = parse_received(received_value);
  Hop hop;
  hop.from = parts.from;
  hop.from_name = ascii::lower(parts.from_name);
  hop.address = parts.client;
  hop.by = parts.by;
  hop.id = parts.id;
  hop.recipient = parts.recipient;
  hop.at = parse_date(parts.date);
  return hop;
}

std::vector<Hop> read_trace(const HeaderBlock& header) {
  std::vector<Hop> trace;
  for (const Field& field : header.fields()) {
    if (!ascii::iequals(field.name, "Received")) continue;
    if (trace.size() == limits::kReceivedFields) break;
    trace.push_back(parse_hop(field.value));
  }
  return trace;
}

}  // namespace anechoic::mail
