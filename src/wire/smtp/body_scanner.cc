// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/body_scanner.h"

#include <algorithm>
#include <cstring>

namespace anechoic::smtp {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

const char* find_octet(const char* begin, const char* end, char octet) {
  const void* const found = begin == end ? nullptr : std::memchr(begin, octet, static_cast<std::size_t>(end - begin));
  return found == nullptr ? end : static_cast<const char*>(found);
}

// The first CR, LF or NUL; `end` if there is none. Three passes by memchr beat one pass octet by octet.
const char* find_special(const char* begin, const char* end) {
  end = find_octet(begin, end, '\n');
  end = find_octet(begin, end, '\r');
  return find_octet(begin, end, '\0');
}

void drop(std::string_view& input) {
  input.remove_prefix(1);
}

}  // namespace

void BodyScanner::break_rule(BodyFault fault) {
  fault_ = std::max(fault_, fault);
}

void BodyScanner::count_line(std::size_t octets) {
  line_ += octets;
  if (rules_.line_octets != 0 && line_ + kLineEnd.size() > rules_.line_octets) break_rule(BodyFault::LineTooLong);
}

std::string_view BodyScanner::give(std::string_view run) {
  octets_ += run.size();
  if (rules_.octets != 0 && octets_ > rules_.octets) break_rule(BodyFault::TooBig);
  return fault_ == BodyFault::None ? run : std::string_view();
}

std::string_view BodyScanner::read(std::string_view& input) {
  while (!input.empty() && state_ != State::Ended) {
    const std::string_view run = state_ == State::Text ? text(input) : step(input);
    if (!run.empty()) return run;
  }
  return {};
}

std::string_view BodyScanner::step(std::string_view& input) {
  const char c = input.front();
  switch (state_) {
    case State::LineStart:
      state_ = State::Text;
      if (rules_.dots && c == '.') {
        drop(input);
        state_ = State::Dot;
      }
      return {};
    case State::LooseStart:
      state_ = State::Text;
      if (rules_.dots && c == '.') drop(input);
      return {};
    case State::Dot:
      state_ = State::Text;
      if (c == '\r') {
        drop(input);
        state_ = State::DotCr;
      }
      return {};
    case State::DotCr:
      state_ = State::Cr;
      if (c == '\n') {
        drop(input);
        state_ = State::Ended;
      }
      return {};
    case State::Cr:
      return after_cr(input);
    case State::Text:
    case State::Ended:
      return {};
  }
  return {};
}

std::string_view BodyScanner::after_cr(std::string_view& input) {
  if (input.front() == '\n') {
    drop(input);
    line_ = 0;
    state_ = State::LineStart;
    return give(kLineEnd);
  }
  if (!rules_.normalize) {
    break_rule(BodyFault::BareLineEnd);
    state_ = State::Text;
    return {};
  }
  if (input.front() == '\r') {  // "\r\r\n" is one line end, not two: else a header block would end at its first line
    drop(input);
    return {};
  }
  line_ = 0;
  state_ = State::LooseStart;
  return give(kLineEnd);
}

std::string_view BodyScanner::text(std::string_view& input) {
  const char* const begin = input.data();
  const char* const end = begin + input.size();
  const char* line = begin;
  // Gives what lies before `stop`, and goes on `skip` octets behind it.
  const auto leave = [&](const char* stop, std::size_t skip, State state) {
    const auto length = static_cast<std::size_t>(stop - begin);
    input.remove_prefix(length + skip);
    state_ = state;
    return give({begin, length});
  };
  for (;;) {
    const char* const special = find_special(line, end);
    count_line(static_cast<std::size_t>(special - line));
    if (special == end) return leave(end, 0, State::Text);
    if (*special == '\0') {
      break_rule(BodyFault::Nul);
      return leave(special, 1, State::Text);
    }
    if (*special == '\n') {
      if (!rules_.normalize) {
        break_rule(BodyFault::BareLineEnd);
        return leave(special, 1, State::Text);
      }
      // The CR that is missing takes the way of one that was held back, but for ending the body.
      if (special != begin) return leave(special, 0, State::Text);
      line_ = 0;
      drop(input);
      state_ = State::LooseStart;
      return give(kLineEnd);
    }
    if (special + 1 == end || special[1] != '\n') return leave(special, 1, State::Cr);
    line_ = 0;
    line = special + 2;
    if (line == end || (rules_.dots && *line == '.')) return leave(line, 0, State::LineStart);
  }
}

std::string_view BodyScanner::finish() {
  const State last = state_;
  state_ = State::Ended;
  if (last == State::LineStart || last == State::LooseStart) return {};
  if (last == State::Cr && !rules_.normalize) {
    break_rule(BodyFault::BareLineEnd);
    return {};
  }
  return give(kLineEnd);
}

}  // namespace anechoic::smtp
