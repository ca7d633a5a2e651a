// SPDX-License-Identifier: Apache-2.0
// Cuts an mbox into its messages as the bytes come, whatever their number or size.
//
// A message begins at a "From " line that has the month, the time and the year of its delivery; where no empty line
// stands before it, the weekday must be there too, in the order that delivery agents write. Content-Length is not
// believed: whoever sent the message may have written it. What precedes the first "From " line belongs to no message.
//
// Total: any bytes, in pieces of any size.   Memory: `head_bytes` and one "From " line.   Threads: none; one owner.
//                                                                                            RFC 4155
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace anechoic::mailboxes {

// Is `line` (without its line end) the line before a message?
[[nodiscard]] bool is_from_line(std::string_view line, bool after_empty_line);

class MboxSplitter {
 public:
  static constexpr std::size_t kHeadBytes = 512 * 1024;
  static constexpr std::size_t kFromLine = 1024;  // a longer line is no "From " line

  struct Message {
    std::uint64_t offset = 0;    // of its "From " line
    std::uint64_t size = 0;      // from there to the next one, with the empty line between
    std::string_view from_line;  // without its line end; valid during the call
    std::string_view head;       // behind the "From " line, at most head_bytes; valid during the call
  };
  using Sink = std::function<bool(const Message&)>;  // false: no more

  explicit MboxSplitter(Sink sink, std::size_t head_bytes = kHeadBytes)
      : sink_(std::move(sink)), head_bytes_(head_bytes) {}

  // False once the sink wants no more.
  bool feed(std::string_view bytes);
  void finish();

  [[nodiscard]] std::uint64_t preamble() const { return preamble_; }  // bytes before the first message

 private:
  void take(std::string_view bytes);
  void decide_line(std::string_view line);
  void hand_over();

  Sink sink_;
  std::size_t head_bytes_;
  std::uint64_t offset_ = 0;  // of what take() gets next
  std::uint64_t begin_ = 0;   // of the message under way
  std::uint64_t preamble_ = 0;
  std::string from_line_;
  std::string head_;
  std::string line_;  // what may become a "From " line
  bool in_message_ = false;
  bool candidate_ = false;
  bool line_start_ = true;
  bool line_empty_ = true;  // nothing but CR in the current line so far
  bool after_empty_line_ = true;
  bool stopped_ = false;
};

}  // namespace anechoic::mailboxes
