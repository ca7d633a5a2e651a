// SPDX-License-Identifier: Apache-2.0
// Finds command lines in the bytes of a client.
//
// Only CRLF ends a line. A line with a bare CR or LF or a NUL, or longer than limits::kCommandLine, is never given out:
// it is answered once, as soon as that is known (so that somebody at a terminal who sends LF hears what is wrong), and
// everything up to the next CRLF belongs to it.
//
// Memory: none; the caller keeps the bytes that were not taken, at most limits::kCommandLine.
// Threads: none; one owner.                                                      RFC 5321 2.3.8, 4.5.3.1.4
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace anechoic::smtp {

enum class LineStatus : std::uint8_t { NeedMore, Line, TooLong, BareLineEnd, Nul };

struct LineRead {
  LineStatus status = LineStatus::NeedMore;
  std::string_view line;  // without CRLF; points into the input
  std::size_t taken = 0;  // bytes of the input that are done with, once take() was called
  bool ended = true;      // a bad line: was its CRLF seen?
};

class LineReader {
 public:
  // Looks at `input`, which begins where the last take() left off. May be asked again with the same bytes, or more.
  [[nodiscard]] LineRead read(std::string_view input);
  // The caller removes `read.taken` bytes from the front of its input.
  void take(const LineRead& read);
  void reset() { *this = LineReader(); }

 private:
  [[nodiscard]] LineRead skip(std::string_view input);

  std::size_t scanned_ = 0;  // bytes of the input that hold no LF
  bool skipping_ = false;    // within a bad line that was answered
};

}  // namespace anechoic::smtp
