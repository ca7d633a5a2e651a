// SPDX-License-Identifier: Apache-2.0
// Lists of `name=value;` as DKIM signatures and keys, ARC fields and DMARC records are written.
//
// Values are without folding white space at their ends; that inside stays (without_blanks() removes it where the
// value's grammar allows it). Names are kept as written: DKIM's are case-sensitive, DMARC's are not (find() has a
// variant). Errors: Syntax (no `=`, empty name, a tag twice, octets that are not allowed), Limit (more than kMost
// tags). Lifetime: views into the text.   Threads: values.                                     RFC 6376 3.2, RFC
// 9989 4.7
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace anechoic::auth {

struct Tag {
  std::string_view name;
  std::string_view value;
  friend bool operator==(const Tag&, const Tag&) = default;
};

class TagList {
 public:
  static constexpr std::size_t kMost = 64;
  [[nodiscard]] static Result<TagList> parse(std::string_view text);

  [[nodiscard]] const std::vector<Tag>& tags() const { return tags_; }
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;           // exact
  [[nodiscard]] std::optional<std::string_view> find_any_case(std::string_view name) const;  // the first

 private:
  std::vector<Tag> tags_;
};

// Without spaces, tabs, CR and LF.
[[nodiscard]] std::string without_blanks(std::string_view value);
// Parted at `separator`, each without blanks at its ends; empty pieces stay.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view value, char separator);
// RFC 4648 4, blanks allowed inside. Errors: Syntax.
[[nodiscard]] Result<std::string> decode_base64(std::string_view value);
[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace anechoic::auth
