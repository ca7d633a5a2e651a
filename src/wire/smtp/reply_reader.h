// SPDX-License-Identifier: Apache-2.0
// Reads the replies of a server from bytes that come in pieces of any size.   RFC 5321 4.2, 4.2.1
//
// Each call of `next` takes bytes off the front of `input` up to the end of one reply, or all of them. Total: any bytes
// are answered by a Reply, by "more is needed", or by an error that stays.
// Errors: Syntax (no code 200..599, codes that differ within a reply, a bare CR or LF, a wrong separator), Limit (a
// line above limits::kReplyLineAccepted, more than limits::kReplyLines lines). Memory: one reply at most; nothing
// between replies.   Threads: none; one owner.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/smtp/reply.h"

namespace anechoic::smtp {

class ReplyReader {
 public:
  // A whole reply, or nothing yet (then `input` is empty). The enhanced code is still part of the text.
  [[nodiscard]] Result<std::optional<Reply>> next(std::string_view& input);
  // Has a reply begun that is not whole?
  [[nodiscard]] bool partial() const { return !line_.empty() || lines_ != 0; }

 private:
  [[nodiscard]] Result<bool> take_line(std::string_view line);
  [[nodiscard]] Failure broken(Errc code, std::string_view what);

  std::string line_;  // the beginning of a line whose end has not come
  Reply reply_;
  std::size_t lines_ = 0;
  std::optional<Error> error_;
};

// Moves the enhanced code from the text into `enhanced`, on every line that begins with the same one (RFC 2034 4). A
// text without one is left alone. Not for greetings and EHLO replies, which have none.
void split_enhanced(Reply& reply);

}  // namespace anechoic::smtp
