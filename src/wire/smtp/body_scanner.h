// SPDX-License-Identifier: Apache-2.0
// Checks the octets of a message body, and finds its end where dots say so (DATA).
//
// What comes out has CRLF line ends only, and is un-stuffed; runs point into the input (or to constant text), so
// nothing is copied. Only CRLF.CRLF ends a body with dots: no bare CR or LF and no NUL is ever part of a line end, so a
// body can't hide a second message (SMTP smuggling).
//
// normalize: a bare LF, a bare CR, and a run of CRs before an LF each become one CRLF; such a line end begins a line as
// far as un-stuffing goes, but never the one that ends the body.
//
// A body that breaks a rule gives no more runs, but is read on to its end; fault() is the worst of what was found, so
// that it does not depend on how the octets came.
// NUL is never right: 8BITMIME excludes it as RFC 5321 does (RFC 6152 2), and BINARYMIME is not offered.
//
// Memory: constant.   Threads: none; one scanner a message.             RFC 5321 2.3.8, 4.1.1.4, 4.5.2, 4.5.3.1.6
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace anechoic::smtp {

enum class BodyFault : std::uint8_t { None, LineTooLong, TooBig, BareLineEnd, Nul };  // from harmless to worst

struct BodyRules {
  std::uint64_t octets = 0;       // of the whole body, un-stuffed; 0 = any
  std::uint32_t line_octets = 0;  // of a line with CRLF; 0 = any
  bool normalize = false;         // bare line ends: made right, else a fault
  bool dots = true;               // DATA: stuffed, and ended by a lone dot
};

class BodyScanner {
 public:
  BodyScanner() = default;
  explicit BodyScanner(const BodyRules& rules) : rules_(rules) {}

  // Takes octets from the front of `input` and returns the run that they make (or a line end that was held back, for
  // which nothing may be taken). An empty run: all was taken, or the body has ended.
  [[nodiscard]] std::string_view read(std::string_view& input);
  // The body ends here, without dots (BDAT): returns the line end that is missing, or nothing.
  [[nodiscard]] std::string_view finish();

  [[nodiscard]] bool ended() const { return state_ == State::Ended; }
  [[nodiscard]] BodyFault fault() const { return fault_; }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }  // that would make up the body so far

 private:
  enum class State : std::uint8_t {
    LineStart,   // behind CRLF, or at the very start
    LooseStart,  // behind a line end that was made right
    Dot,         // behind a dot at LineStart
    DotCr,       // behind that and a CR
    Text,
    Cr,  // behind a CR that was not given out
    Ended
  };

  // A step of the states that hold something back; returns a run.
  std::string_view step(std::string_view& input);
  std::string_view after_cr(std::string_view& input);
  // The fast path: whole lines, as far as they are right.
  std::string_view text(std::string_view& input);
  std::string_view give(std::string_view run);
  void break_rule(BodyFault fault);
  void count_line(std::size_t octets);

  BodyRules rules_;
  std::uint64_t octets_ = 0;
  std::size_t line_ = 0;  // octets of the line so far, without its end
  State state_ = State::LineStart;
  BodyFault fault_ = BodyFault::None;
};

}  // namespace anechoic::smtp
