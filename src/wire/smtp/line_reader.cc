// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/line_reader.h"

#include "base/limits.h"

namespace anechoic::smtp {

LineRead LineReader::skip(std::string_view input) {
  const std::size_t end = input.find("\r\n");
  if (end != std::string_view::npos) {
    skipping_ = false;
    return {LineStatus::NeedMore, {}, end + 2, true};
  }
  const bool half_end = input.ends_with('\r');
  return {LineStatus::NeedMore, {}, input.size() - (half_end ? 1 : 0), false};
}

LineRead LineReader::read(std::string_view input) {
  if (skipping_) return skip(input);
  const std::size_t feed = input.find('\n', scanned_);
  if (feed == std::string_view::npos) {
    scanned_ = input.size();
    if (input.size() < limits::kCommandLine) return {};
    // The last CR may be half of the line end.
    return {LineStatus::TooLong, {}, input.size() - (input.ends_with('\r') ? 1 : 0), false};
  }
  if (feed + 1 > limits::kCommandLine) {
    const bool ended = input[feed - 1] == '\r';
    return {LineStatus::TooLong, {}, feed + 1, ended};
  }
  if (feed == 0 || input[feed - 1] != '\r') return {LineStatus::BareLineEnd, {}, feed + 1, false};
  const std::string_view line = input.substr(0, feed - 1);
  if (line.contains('\r')) return {LineStatus::BareLineEnd, {}, feed + 1, true};
  if (line.contains('\0')) return {LineStatus::Nul, {}, feed + 1, true};
  return {LineStatus::Line, line, feed + 1, true};
}

void LineReader::take(const LineRead& read) {
  scanned_ = 0;
  if (read.status != LineStatus::NeedMore) skipping_ = !read.ended;
}

}  // namespace anechoic::smtp
