// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/line_pattern.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/dsn/text_tools.h"

namespace anechoic::mail::dsn {
namespace {

class Matcher {
 public:
  Matcher(std::string_view pattern, std::string_view line, std::string_view folded)
      : pattern_(pattern), line_(line), folded_(folded) {}

  std::optional<LineMatch> run() {
    skip_blanks();
    while (!pattern_.empty()) {
      const bool fits = pattern_.front() == '{' ? placeholder() : literal();
      if (!fits) return std::nullopt;
    }
    skip_blanks();
    if (at_ != line_.size()) return std::nullopt;
    return std::move(match_);
  }

 private:
  void skip_blanks() {
    while (at_ < line_.size() && ascii::is_blank(line_[at_])) ++at_;
  }

  bool literal() {
    if (pattern_.front() == ' ') {
      const std::size_t before = at_;
      skip_blanks();
      if (at_ == before && at_ < line_.size()) return false;
    } else {
      if (at_ == line_.size() || folded_[at_] != pattern_.front()) return false;
      ++at_;
    }
    pattern_.remove_prefix(1);
    return true;
  }

  // The literal text that the rest of the pattern begins with.
  [[nodiscard]] std::string_view next_literal() const {
    return pattern_.substr(0, std::min(pattern_.find('{'), pattern_.size()));
  }

  // Where the end of the pattern fits: at the end of the line, if it can ("a@b (no (such) user)").
  [[nodiscard]] std::size_t last_literal_at() const {
    const std::string_view left = ascii::trim(folded_.substr(at_));
    const std::string_view wanted = pattern_;
    if (!left.ends_with(wanted)) return folded_.find(wanted, at_);
    return static_cast<std::size_t>(left.data() - folded_.data()) + left.size() - wanted.size();
  }

  bool placeholder() {
    const std::size_t close = pattern_.find('}');
    if (close == std::string_view::npos) return false;
    const std::string_view name = pattern_.substr(1, close - 1);
    pattern_.remove_prefix(close + 1);
    if (name == "address" || name == "orig") return address(name == "address" ? match_.address : match_.original);
    if (name == "text" || name == "any") return stretch(name == "text");
    if (name == "code") return code();
    if (name == "local") return local();
    return word(name == "host");
  }

  bool address(std::string& into) {
    auto found = address_at(line_, at_);
    if (!found) return false;
    into = one_line(found->address, kMaxAddress);
    at_ = found->end;
    return true;
  }

  bool code() {
    const std::string_view digits = line_.substr(at_, 3);
    if (digits.size() < 3 || (digits[0] != '4' && digits[0] != '5') || !std::ranges::all_of(digits, ascii::is_digit))
      return false;
    match_.code = digits;
    at_ += 3;
    return true;
  }

  bool local() {
    const std::size_t begin = at_;
    while (at_ < line_.size() &&
           (ascii::is_alnum(line_[at_]) || line_[at_] == '.' || line_[at_] == '_' || line_[at_] == '-'))
      ++at_;
    match_.local = line_.substr(begin, std::min<std::size_t>(at_ - begin, 64));
    return at_ > begin;
  }

  bool word(bool is_host) {
    const std::size_t begin = at_;
    const char stop = pattern_.empty() ? ' ' : pattern_.front();
    while (at_ < line_.size() && !ascii::is_blank(line_[at_]) && folded_[at_] != stop) ++at_;
    if (is_host) match_.host = line_.substr(begin, at_ - begin);
    return at_ > begin;
  }

  bool stretch(bool is_text) {
    const std::size_t begin = at_;
    if (pattern_.empty()) {
      at_ = line_.size();
    } else if (pattern_.starts_with("{address}")) {
      const auto found = find_address(line_, at_);
      if (!found) return false;
      at_ = found->begin;
    } else {
      at_ = next_literal() == pattern_ ? last_literal_at() : folded_.find(next_literal(), at_);
      if (at_ == std::string_view::npos) return false;
    }
    if (is_text) match_.text = ascii::trim(line_.substr(begin, at_ - begin));
    return true;
  }

  std::string_view pattern_;
  std::string_view line_;
  std::string_view folded_;
  std::size_t at_ = 0;
  LineMatch match_;
};

}  // namespace

std::optional<LineMatch> match_line(std::string_view pattern, std::string_view line, std::string_view folded) {
  return Matcher(pattern, line, folded).run();
}

}  // namespace anechoic::mail::dsn
