// SPDX-License-Identifier: Apache-2.0
// Reads the recipient file: one address (`user@example.org`) or one domain rule (`@example.org`: every address of it) a
// line, in UTF-8. Blank lines, and from `#` at the start of a line or behind a blank, are comments. Lines end with LF
// or CRLF.
//
// Bytes are pushed in as they come. A line that can't be read is reported with its number and left out; the first
// kReported are kept, the rest counted. Any bytes may be fed; memory is bounded by the table itself.
// Errors: Limit (too many addresses).   Threads: none; one reader a file.                  docs/formats/recipients.md
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "outside/recipients/address_table.h"

namespace anechoic::recipients {

struct BadLine {
  std::size_t line = 0;  // the first is 1
  std::string problem;   // says what to do; the line itself is not repeated

  friend bool operator==(const BadLine&, const BadLine&) = default;
};

struct AddressFile {
  AddressTable table;
  std::vector<BadLine> bad_lines;  // the first of them
  std::size_t bad_line_count = 0;
};

class AddressReader {
 public:
  static constexpr std::size_t kReported = 10;
  static constexpr std::size_t kLine = 1024;  // octets

  explicit AddressReader(AddressRules rules) : rules_(std::move(rules)) {}
  [[nodiscard]] Result<void> feed(std::string_view bytes);
  [[nodiscard]] Result<AddressFile> finish() &&;

 private:
  [[nodiscard]] Result<void> end_line();
  [[nodiscard]] Result<void> take(std::string_view text);
  void bad(std::string problem);

  AddressRules rules_;
  AddressTable::Builder builder_;
  std::string line_;  // what has come of the line so far, at most kLine + 1 octets
  std::size_t number_ = 1;
  AddressFile file_;
};

}  // namespace anechoic::recipients
