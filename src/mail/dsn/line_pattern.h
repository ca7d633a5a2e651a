// SPDX-License-Identifier: Apache-2.0
// The patterns by which data/bounce_dialects.toml describes one line of a bounce:
//
//   "<{address}>:"                 a line that is an address in <> and a colon
//   "recipient: [smtp:{address}]"
//   "{any}dda:smtp={address};{any}"
//
// Letters match in any case (the pattern is lower case), a blank matches one or more; blanks at the line's ends do not
// count. {address} a failing address, {orig} the address it was made from, {host} a host name, {word} one word without
// blanks, {code} a reply code (4xx or 5xx), {local} a failing address without its
// domain, {text} the diagnostic, {any} anything; {text} and {any} go up to the first
// place where what follows them fits literally (the end of the pattern: at the end of the line), or to the end. The
// whole line must be used up. No backtracking: linear in the line. Threads: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace anechoic::mail::dsn {

struct LineMatch {
  std::string address;
  std::string original;
  std::string_view host;
  std::string_view local;
  std::string_view code;
  std::string_view text;
};

// `folded` is fold(line), of the same length.
[[nodiscard]] std::optional<LineMatch> match_line(std::string_view pattern, std::string_view line,
                                                  std::string_view folded);

}  // namespace anechoic::mail::dsn
