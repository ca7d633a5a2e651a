// SPDX-License-Identifier: Apache-2.0
// A whole message from a file or standard input ("-"), as bytes.   Errors: Io, Limit, Refused (a folder), with what to
// do.   Threads: any; standard input's owner.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace anechoic::app {

inline constexpr std::size_t kMostMessageBytes = 256 * 1024 * 1024;

[[nodiscard]] Result<std::string> read_message_file(const std::string& file, std::size_t most = kMostMessageBytes);

// Line ends of a file, which may be LF, as mail has them: every LF without a CR before it becomes CRLF.
[[nodiscard]] std::string with_mail_line_ends(std::string bytes);

}  // namespace anechoic::app
