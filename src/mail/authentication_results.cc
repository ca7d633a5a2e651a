// SPDX-License-Identifier: Apache-2.0
#include "mail/authentication_results.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace anechoic::mail {

namespace {

bool is_space(char c) {
  return ascii::is_blank(c) || c == '\r' || c == '\n';
}

// RFC 2045 5.1; octets above 127 as RFC 6532 allows them.
bool is_token_octet(char c) {
  return !ascii::is_control(c) && c != ' ' && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
}

bool is_address_octet(char c) {
  return is_token_octet(c) || c == '@' || c == '/' || c == '=' || c == '?';
}

bool is_careless_octet(char c) {
  return !ascii::is_control(c) && c != ' ' && !std::string_view("();\\\"").contains(c);
}

// Reads from the front; false and nullopt: it is not there, and nothing, or no matter what, was taken.
class Parser {
 public:
  Parser(std::string_view value, Reading reading) : rest_(value), reading_(reading) {}

  anechoic::Result<AuthenticationResults> parse() {
    AuthenticationResults out;
    if (!skip()) return wrong("a comment without an end");
    const std::optional<std::string> id = value();
    if (!id || id->empty()) return wrong("no authserv-id");
    out.authserv_id = *id;
    if (!skip()) return wrong("a comment without an end");
    if (!rest_.empty() && ascii::is_digit(rest_.front())) {
      const std::optional<unsigned> version = number();
      if (!version) return wrong("a version that is no number");
      out.version = *version;
      if (out.version != AuthenticationResults::kVersion) return out;
      if (!skip()) return wrong("a comment without an end");
    }
    if (is_none()) return out;
    return read_results(std::move(out));
  }

 private:
  static Failure wrong(std::string_view what) {
    return fail(Errc::Syntax, "Authentication-Results: " + std::string(what));
  }

  // White space and comments. False: a comment is not closed.
  bool skip() {
    std::size_t depth = 0;
    std::size_t i = 0;
    for (; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '(') {
        ++depth;
      } else if (depth == 0) {
        if (!is_space(c)) break;
      } else if (c == ')') {
        --depth;
      } else if (c == '\\') {
        ++i;
      }
    }
    rest_.remove_prefix(std::min(i, rest_.size()));
    return depth == 0;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  template <typename Octet>
  std::string_view run(const Octet& octet) {
    std::size_t length = 0;
    while (length < rest_.size() && octet(rest_[length])) ++length;
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  // RFC 5321 4.1.2 Keyword: letters, digits, hyphens inside.
  std::optional<std::string> keyword() {
    const std::string_view word =
        run([this](char c) { return ascii::is_alnum(c) || c == '-' || (c == '_' && reading_ == Reading::Lenient); });
    if (word.empty() || word.back() == '-') return std::nullopt;
    return ascii::lower(word);
  }

  std::optional<unsigned> number() { return ascii::parse_number<unsigned>(run(ascii::is_digit)); }

  // Behind the opening quote. Folds inside leave their blank.
  std::optional<std::string> quoted() {
    std::string out;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      char c = rest_[i];
      if (c == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (c == '\\') {
        if (++i == rest_.size()) return std::nullopt;
        c = rest_[i];
      }
      if (c != '\r' && c != '\n') out += c;
    }
    return std::nullopt;
  }

  std::optional<std::string> value() {
    if (take('"')) return quoted();
    const std::string_view token = run(is_token_octet);
    if (token.empty()) return std::nullopt;
    return std::string(token);
  }

  // [[local-part] "@"] domain-name beside what value() takes.
  std::optional<std::string> property_value() {
    if (reading_ == Reading::Lenient && !rest_.starts_with('"')) {
      return std::string(run(is_careless_octet));
    }
    const bool was_quoted = rest_.starts_with('"');
    const std::string_view from = rest_;
    const std::size_t at = from.substr(0, from.find_first_of(" \t\r\n;(\"")).find('@');
    if (!was_quoted && at != std::string_view::npos) {
      const std::string_view local = run([](char c) { return c != '@' && is_address_octet(c); });
      if (local.size() != at || !take('@')) return std::nullopt;
      const std::string_view domain = run(is_token_octet);
      if (domain.empty()) return std::nullopt;
      return std::string(local) + "@" + std::string(domain);
    }
    std::optional<std::string> first = value();
    if (!first || !was_quoted || !take('@')) return first;
    const std::string_view domain = run(is_token_octet);
    if (domain.empty()) return std::nullopt;
    return *first + "@" + std::string(domain);
  }

  bool is_none() {
    Parser ahead = *this;
    if (!ahead.take(';') || !ahead.skip()) return false;
    if (ahead.keyword() != "none" || !ahead.skip()) return false;
    return ahead.rest_.empty() ||
           (reading_ == Reading::Lenient && ahead.take(';') && ahead.skip() && ahead.rest_.empty());
  }

  anechoic::Result<AuthenticationResults> read_results(AuthenticationResults out) {
    do {
      if (!take(';')) return wrong("a semicolon is missing");
      if (!skip()) return wrong("a comment without an end");
      if (rest_.empty() && reading_ == Reading::Lenient && !out.results.empty()) break;
      if (out.results.size() == AuthenticationResults::kMostResults) {
        return fail(Errc::Limit, "Authentication-Results: too many results");
      }
      AuthenticationResults::Result result;
      if (!read_method(result)) return wrong("no method=result");
      if (!read_rest(result)) return wrong("a property can't be read");
      out.results.push_back(std::move(result));
    } while (!rest_.empty());
    return out;
  }

  bool read_method(AuthenticationResults::Result& out) {
    const std::optional<std::string> method = keyword();
    if (!method || !skip()) return false;
    out.method = *method;
    if (take('/')) {
      if (!skip()) return false;
      const std::optional<unsigned> version = number();
      if (!version || !skip()) return false;
      out.version = *version;
    }
    if (!take('=') || !skip()) return false;
    const std::optional<std::string> result = keyword();
    if (!result) return false;
    out.result = *result;
    return true;
  }

  // Reason and properties, up to the semicolon or the end. Blanks must part them.
  bool read_rest(AuthenticationResults::Result& out) {
    bool first = true;
    while (true) {
      const std::size_t before = rest_.size();
      if (!skip()) return false;
      if (rest_.empty() || rest_.front() == ';') return true;
      if (before == rest_.size()) return false;
      const std::optional<std::string> word = keyword();
      if (!word || !skip()) return false;
      if (first && *word == "reason" && take('=')) {
        if (!skip()) return false;
        std::optional<std::string> reason = value();
        if (!reason) return false;
        out.reason = std::move(*reason);
      } else if (!read_property(*word, out)) {
        return false;
      }
      first = false;
    }
  }

  bool read_property(const std::string& type, AuthenticationResults::Result& out) {
    if (!take('.') || !skip()) return false;
    const std::optional<std::string> name = keyword();
    if (!name || !skip() || !take('=') || !skip()) return false;
    std::optional<std::string> text = property_value();
    if (!text) return false;
    out.properties.push_back({type, *name, std::move(*text)});
    return true;
  }

  std::string_view rest_;
  Reading reading_;
};

}  // namespace

anechoic::Result<AuthenticationResults> parse_authentication_results(std::string_view value, Reading reading) {
  return Parser(value, reading).parse();
}

}  // namespace anechoic::mail
