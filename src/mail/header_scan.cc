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
#include "mail/header_scan.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/limits.h"

namespace anechoic::mail {
namespace {

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

// The next word or comment, taken from the front of `text`; "" at the end.
std::string_view next_token(std::string_view& text) {
  text = ascii::trim(text);
  std::size_t end = 0;
  if (text.starts_with('(')) {
    end = end_of_comment(text, 0);
  } else {
    end = std::min(text.find_first_of(" \t("), text.size());
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

// A literal in brackets goes before a bare address: that may be a name from the client's own DNS.
std::optional<ip::Address> address_in_comment(std::string_view comment) {
  comment = comment.substr(1);
  if (comment.ends_with(')')) comment.remove_suffix(1);
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

std::string first_message_id(std::string_view value) {
  value = ascii::trim(value);
  const std::size_t open = value.find('<');
  const std::size_t close = open == std::string_view::npos ? open : value.find('>', open);
  if (close != std::string_view::npos) value = value.substr(open, close + 1 - open);
  std::string out;
  for (const char c : value.substr(0, 998)) {
    if (!ascii::is_control(c)) out += c;
  }
  return out;
}

}  // namespace

ReceivedParts parse_received(std::string_view value) {
  ReceivedParts parts;
  std::string_view from;
  std::string_view last_comment;
  for (bool from_next = false;;) {
    const std::string_view token = next_token(value);
    if (token.empty() || token.starts_with(';')) break;
    if (token.starts_with('(')) {
      last_comment = token;
    } else if (ascii::iequals(token, "by")) {
      parts.by = next_token(value);
      break;
    } else if (std::exchange(from_next, ascii::iequals(token, "from")) && from.empty()) {
      from = token;
    }
  }
  while (parts.by.ends_with('.') || parts.by.ends_with(';')) parts.by.remove_suffix(1);
  if (!last_comment.empty()) parts.client = address_in_comment(last_comment);
  if (!parts.client && from.starts_with('[')) parts.client = address_of(from);
  return parts;
}

void HeaderScanner::feed(std::string_view bytes) {
  while (!done_ && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view piece = bytes.substr(0, end == std::string_view::npos ? end : end + 1);
    bytes.remove_prefix(piece.size());
    fed_ += piece.size();
    const bool ended = piece.ends_with('\n');
    const std::size_t room = kFieldBytes - std::min(line_.size(), kFieldBytes);
    if (ended) piece.remove_suffix(1);
    line_ += piece.substr(0, room);
    if (ended) {
      if (line_.ends_with('\r')) line_.pop_back();
      on_line(std::exchange(line_, std::string()));
    }
    if (fed_ >= limits::kHeaderBytes) finish();
  }
}

void HeaderScanner::on_line(std::string_view line) {
  if (!line.empty() && ascii::is_blank(line.front())) {
    const std::size_t room = kFieldBytes - std::min(field_.size(), kFieldBytes);
    field_ += line.substr(0, room);
    return;
  }
  on_field();
  if (line.empty()) {
    done_ = true;
  } else {
    field_ = line;
  }
}

void HeaderScanner::on_field() {
  const std::string field = std::exchange(field_, std::string());
  const std::size_t colon = field.find(':');
  if (colon == std::string::npos) return;
  const std::string_view name = ascii::trim(std::string_view(field).substr(0, colon));
  const std::string_view value = std::string_view(field).substr(colon + 1);
  if (ascii::iequals(name, "Message-ID") && result_.message_id.empty()) {
    result_.message_id = first_message_id(value);
  } else if (ascii::iequals(name, "Received")) {
    const ReceivedParts parts = parse_received(value);
    ++result_.received_fields;
    if (!options_.hostname.empty() && ascii::iequals(parts.by, options_.hostname)) ++result_.own_received_fields;
    if (result_.received_fields == options_.hops) result_.client = parts.client;
  }
}

void HeaderScanner::finish() {
  if (done_) return;
  if (!line_.empty()) on_line(std::exchange(line_, std::string()));
  if (!done_) on_field();
  done_ = true;
}

HeaderScanResult scan_headers(std::string_view header_block, HeaderScanOptions options) {
  HeaderScanner scanner(std::move(options));
  scanner.feed(header_block);
  scanner.finish();
  return scanner.result();
}

}  // namespace anechoic::mail
