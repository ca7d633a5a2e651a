// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply_reader.h"

#include <utility>

#include "base/limits.h"

namespace anechoic::smtp {
namespace {

constexpr std::size_t kCodeOctets = 3;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// 0 if the line does not begin with a code of an SMTP reply.
std::uint16_t code_of(std::string_view line) {
  if (line.size() < kCodeOctets || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2])) return 0;
  return static_cast<std::uint16_t>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

// The octets of the enhanced code at the beginning of `line`, 0 if there is none.
std::size_t enhanced_octets(std::string_view line) {
  const std::size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  return !word.empty() && word.size() <= 9 && parse_enhanced(word) ? word.size() : 0;
}

}  // namespace

Failure ReplyReader::broken(Errc code, std::string_view what) {
  error_ = Error{code, std::string(what)};
  line_ = {};
  reply_ = {};
  lines_ = 0;
  return Failure(*error_);
}

Result<bool> ReplyReader::take_line(std::string_view line) {
  const std::uint16_t code = code_of(line);
  if (code == 0) return broken(Errc::Syntax, "a reply line without a reply code");
  if (lines_ == limits::kReplyLines) return broken(Errc::Limit, "a reply of too many lines");
  if (lines_ != 0 && code != reply_.code) return broken(Errc::Syntax, "a reply whose lines have different codes");
  // Some servers end the last line behind the code, as RFC 5321 4.2.1 allows.
  const char separator = line.size() == kCodeOctets ? ' ' : line[kCodeOctets];
  if (separator != ' ' && separator != '-') return broken(Errc::Syntax, "a reply code with neither space nor hyphen");
  reply_.code = code;
  if (lines_++ != 0) reply_.text += '\n';
  if (line.size() > kCodeOctets) reply_.text += line.substr(kCodeOctets + 1);
  return separator == ' ';
}

Result<std::optional<Reply>> ReplyReader::next(std::string_view& input) {
  if (error_) return Failure(*error_);
  while (!input.empty()) {
    const std::size_t end = input.find('\n');
    const std::size_t octets = end == std::string_view::npos ? input.size() : end + 1;
    if (line_.size() + octets > limits::kReplyLineAccepted) return broken(Errc::Limit, "a reply line that is too long");
    std::string_view line = input.substr(0, octets);
    input.remove_prefix(octets);
    if (end == std::string_view::npos || !line_.empty()) {
      line_ += line;
      if (end == std::string_view::npos) return std::optional<Reply>();
      line = line_;
    }
    if (line.size() < 2 || line.find('\r') != line.size() - 2) {
      return broken(Errc::Syntax, "a bare CR or LF in a reply");
    }
    const Result<bool> last = take_line(line.substr(0, line.size() - 2));
    if (!last) return Failure(last.error());
    line_.clear();
    if (*last) {
      lines_ = 0;
      line_ = {};
      return std::optional<Reply>(std::exchange(reply_, {}));
    }
  }
  return std::optional<Reply>();
}

void split_enhanced(Reply& reply) {
  const std::string_view text = reply.text;
  const std::size_t octets = enhanced_octets(text.substr(0, text.find('\n')));
  if (octets == 0) return;
  const std::string code(text.substr(0, octets));
  reply.enhanced = *parse_enhanced(code);
  std::string rest;
  rest.reserve(text.size() - octets);
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.starts_with(code) && (line.size() == octets || line[octets] == ' ')) {
      line.remove_prefix(std::min(line.size(), octets + 1));
    }
    if (at != 0) rest += '\n';
    rest += line;
    at = end + 1;
  }
  reply.text = std::move(rest);
}

}  // namespace anechoic::smtp
