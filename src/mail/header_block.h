// SPDX-License-Identifier: Apache-2.0
// A message's or part's header fields, in order, as views into the bytes they were read from: nothing is copied,
// decoded or unfolded before somebody asks.
//
// parse() reads any block: of a message, a MIME part, a group of a report. parse_message() is for messages, and
// forgives two things more: continuation lines that lost their blank (Outlook returns such headers; they are joined to
// the field before if a well-known field follows within a few lines; junk before the first field is skipped likewise),
// and a header that an empty line tears in two before any of From, To, Subject, Date, Message-ID and Received was
// there.
//
// Total: any bytes, CRLF or LF. The block ends at the first empty line, at a line that can't be a field or a
// continuation (then body_offset is that line: broken mailers forget the empty line), or at a bound. A leading mbox
// "From " line (also quoted, ">From ") is skipped.
// Bounds: limits::kHeaderBytes, kHeaderFields; what lies behind is body and `truncated` is set.
// Lifetime: the bytes outlive the block.   Threads: values.                                             RFC 5322 2.2
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anechoic::mail {

struct Field {
  std::string_view name;   // as written, without blanks before the colon
  std::string_view value;  // raw: behind the colon up to the last line end (not included), folded as it came
  std::string_view raw;    // the whole field with its last line end
};

class HeaderBlock {
 public:
  static constexpr std::size_t kMaxFields = 1000;

  HeaderBlock() = default;
  [[nodiscard]] static HeaderBlock parse(std::string_view bytes);
  [[nodiscard]] static HeaderBlock parse_message(std::string_view bytes);
  // As RFC 5322 2.2 has it, for signatures, which depend on where the body begins: names of any printable characters.
  [[nodiscard]] static HeaderBlock parse_exact(std::string_view bytes);

  [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
  [[nodiscard]] std::size_t body_offset() const { return body_offset_; }  // behind the empty line
  [[nodiscard]] bool truncated() const { return truncated_; }

  // The first field of that name (any case), or null.
  [[nodiscard]] const Field* find(std::string_view name) const;
  // Its value unfolded and trimmed; "" when absent.
  [[nodiscard]] std::string value(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

 private:
  class Reader;

  std::vector<Field> fields_;
  std::size_t body_offset_ = 0;
  bool truncated_ = false;
};

// Line ends and the white space around them become one space; trimmed.                                  RFC 5322 2.2.3
[[nodiscard]] std::string unfold(std::string_view value);
// Without comments (nested, quoted pairs); quoted strings stay as they are.                             RFC 5322 3.2.2
[[nodiscard]] std::string without_comments(std::string_view value);

}  // namespace anechoic::mail
