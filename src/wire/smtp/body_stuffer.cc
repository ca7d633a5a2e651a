// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/body_stuffer.h"

#include <cstddef>

namespace anechoic::smtp {

bool BodyStuffer::feed(std::string_view bytes, std::string& out) {
  if (broken_) return false;
  if (bytes.empty()) return true;
  const std::size_t before = out.size();
  const auto unsendable = [&] {
    broken_ = true;
    out.resize(before);
    return false;
  };
  if (held_cr_) {
    if (bytes.front() != '\n') return unsendable();
    out += "\r\n";
    bytes.remove_prefix(1);
    held_cr_ = false;
    line_start_ = true;
  }
  while (!bytes.empty()) {
    const std::size_t cr = bytes.find('\r');
    const std::string_view line = bytes.substr(0, cr);
    if (line.find('\n') != std::string_view::npos) return unsendable();
    if (line_start_ && line.starts_with('.')) out += '.';
    out += line;
    line_start_ = false;
    if (cr == std::string_view::npos) break;
    if (cr + 1 == bytes.size()) {
      held_cr_ = true;
      break;
    }
    if (bytes[cr + 1] != '\n') return unsendable();
    out += "\r\n";
    line_start_ = true;
    bytes.remove_prefix(cr + 2);
  }
  return true;
}

bool BodyStuffer::finish(std::string& out) {
  if (broken_ || held_cr_) {
    broken_ = true;
    return false;
  }
  out += line_start_ ? ".\r\n" : "\r\n.\r\n";
  broken_ = true;  // nothing may follow the final dot
  return true;
}

}  // namespace anechoic::smtp
