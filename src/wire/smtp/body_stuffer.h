// SPDX-License-Identifier: Apache-2.0
// Dot-stuffing of a message on its way to a backend, in pieces of any size.   RFC 5321 2.3.8, 4.5.2
//
// What is written has CRLF line ends only: it never carries a bare CR or LF, and the final dot stands alone on its
// line. The body is given with CRLF line ends (the spool holds nothing else); a bare CR or LF in it, also a CR at its
// end, is a mistake of ours and makes the body unsendable: false is returned, nothing more is written, and the
// connection must be closed without the final dot, so that the backend throws away what it has.
//
// Threads: none; one stuffer a message.
#pragma once

#include <string>
#include <string_view>

namespace anechoic::smtp {

class BodyStuffer {
 public:
  // Appends the stuffed bytes to `out`. False: unsendable, now and from now on; `out` is as it was.
  [[nodiscard]] bool feed(std::string_view bytes, std::string& out);
  // Appends CRLF if the last line has none, and the final dot.
  [[nodiscard]] bool finish(std::string& out);

 private:
  bool line_start_ = true;
  bool held_cr_ = false;  // a CR that ended the last piece, not written before its LF is seen
  bool broken_ = false;
};

}  // namespace anechoic::smtp
