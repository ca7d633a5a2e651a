// SPDX-License-Identifier: Apache-2.0
// Entries of a master file: lines, or what parentheses make one line of, cut into words. Comments that begin with
// `anechoic:` are directives of ours and come with the entry in whose lines they stand.
//
// Errors: Syntax, with the number of the line (a quote or parenthesis that is never closed). Any bytes may be read.
// Bounds: linear time; memory of one entry.   Lifetime: words belong to the text.                       RFC 1035 5.1
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace anechoic::dns {

struct ZoneWord {
  std::string_view text;  // with its escapes, without its quotes
  bool quoted = false;
};

struct ZoneDirective {
  std::size_t line = 0;
  std::string_view text;  // behind `anechoic:`
};

struct ZoneEntry {
  std::size_t line = 0;    // where it begins, from 1 on
  bool has_owner = false;  // it begins at the very start of its line
  std::vector<ZoneWord> words;
  std::vector<ZoneDirective> directives;
};

class ZoneLexer {
 public:
  explicit ZoneLexer(std::string_view text) : text_(text) {}
  // The next entry that has words or directives; nullopt at the end.
  [[nodiscard]] Result<std::optional<ZoneEntry>> next();

 private:
  [[nodiscard]] Result<void> step(ZoneEntry& entry);
  [[nodiscard]] Result<void> quoted(ZoneEntry& entry);
  [[nodiscard]] Result<void> plain(ZoneEntry& entry);
  void comment(ZoneEntry& entry);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t depth_ = 0;   // of parentheses
  std::size_t opened_ = 0;  // line of the outermost open one
  bool ended_ = false;      // the entry's last line has been read
};

[[nodiscard]] Failure fail_at(std::size_t line, std::string_view what);

// A word with its escapes undone. Errors: Syntax, without the line.
[[nodiscard]] Result<std::string> unescape(std::string_view text);

}  // namespace anechoic::dns
