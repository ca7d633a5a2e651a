// SPDX-License-Identifier: Apache-2.0
// For tests: the canonical body, as RFC 6376 3.4.3-4 tells it, without a thought of speed.   Threads: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/dkim/canonicalization.h"

namespace anechoic::auth::dkim {

inline std::string naive_body(Canonicalization canonicalization, std::string_view body) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body.substr(i).starts_with("\r\n")) {
      lines.emplace_back();
      ++i;
    } else {
      lines.back() += body[i];
    }
  }
  if (canonicalization == Canonicalization::Relaxed) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::string& line = lines[i];
      std::string reduced;
      for (const char c : line) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank || !reduced.ends_with(' ')) reduced += blank ? ' ' : c;
      }
      const bool has_end = i + 1 < lines.size();
      if (has_end && reduced.ends_with(' ')) reduced.pop_back();
      line = reduced;
    }
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty()) return canonicalization == Canonicalization::Simple ? "\r\n" : "";
  std::string out;
  for (const std::string& line : lines) out += line + "\r\n";
  return out;
}

}  // namespace anechoic::auth::dkim
