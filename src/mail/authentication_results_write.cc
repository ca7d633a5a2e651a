// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/ascii.h"
#include "mail/authentication_results.h"

namespace anechoic::mail {

namespace {

constexpr std::size_t kLine = 78;  // RFC 5322 2.1.1

bool is_token_octet(char c) {
  return ascii::is_printable(c) && c != ' ' && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_octet);
}

// `local@domain` or `@domain` that needs no quotes.
bool is_plain_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  return std::ranges::all_of(local, is_token_octet) && is_token(text.substr(at + 1));
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += ascii::is_printable(c) ? c : '?';
  }
  return out + '"';
}

enum class Kind : std::uint8_t { Value, Address };

std::string value_text(std::string_view text, Kind kind) {
  const std::string_view shown = text.substr(0, kMostValue);
  if (is_token(shown) || (kind == Kind::Address && is_plain_address(shown))) return std::string(shown);
  return quoted(shown);
}

// A Keyword in lower case, whatever comes in.
std::string keyword_text(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 64)) {
    if (ascii::is_alnum(c) || (c == '-' && !out.empty())) out += ascii::to_lower(c);
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "x" : out;
}

class Writer {
 public:
  // `piece` behind a blank, or on a line of its own where it does not fit.
  void add(std::string_view piece) {
    if (column_ + 1 + piece.size() > kLine) {
      new_line(piece);
      return;
    }
    out_ += ' ';
    out_ += piece;
    column_ += 1 + piece.size();
  }
  void new_line(std::string_view piece) {
    out_ += "\r\n\t";
    out_ += piece;
    column_ = 8 + piece.size();
  }
  void begin(std::string_view name) {
    out_ += name;
    column_ = name.size();
  }
  void close(char c) { out_ += c; }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
  std::size_t column_ = 0;
};

void write_result(Writer& writer, const AuthenticationResults::Result& result) {
  std::string method = keyword_text(result.method);
  if (result.version != 1) method += "/" + std::to_string(result.version);
  writer.new_line(method + "=" + keyword_text(result.result));
  if (!result.reason.empty()) writer.add("reason=" + value_text(result.reason, Kind::Value));
  for (const AuthenticationResults::Property& property : result.properties) {
    if (property.value.empty()) continue;
    writer.add(keyword_text(property.type) + "." + keyword_text(property.name) + "=" +
               value_text(property.value, Kind::Address));
  }
}

}  // namespace

std::string write_authentication_results(const AuthenticationResults& results) {
  Writer writer;
  writer.begin("Authentication-Results:");
  writer.add(value_text(results.authserv_id.empty() ? "unknown" : results.authserv_id, Kind::Value));
  if (results.results.empty()) {
    writer.close(';');
    writer.add("none");
  }
  std::size_t count = 0;
  for (const AuthenticationResults::Result& result : results.results) {
    if (count++ == kMostWritten) break;
    writer.close(';');
    write_result(writer, result);
  }
  return std::move(writer).take() + "\r\n";
}

}  // namespace anechoic::mail
