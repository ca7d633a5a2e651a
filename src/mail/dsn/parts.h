// SPDX-License-Identifier: Apache-2.0
// Which parts of a message speak for a report: its own, not those of the message that it returns.
// Total.   Threads: pure functions.                                                        RFC 6522, RFC 6533
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mail/mime/message.h"

namespace anechoic::mail::dsn {

struct SpeakingParts {
  std::vector<std::size_t> status;  // message/delivery-status
  std::vector<std::size_t> text;    // plain before HTML
  std::size_t disposition = Part::kNone;
  std::size_t feedback = Part::kNone;
  std::size_t original = Part::kNone;  // the returned message or its headers
};

[[nodiscard]] SpeakingParts find_speaking_parts(const Message& message);

// A text part as people read it: UTF-8, LF, HTML as words.
[[nodiscard]] std::string text_of(const Part& part, std::size_t limit);

// multipart/report
[[nodiscard]] bool is_report(const Message& message);

}  // namespace anechoic::mail::dsn
