// SPDX-License-Identifier: Apache-2.0
// For tests and fuzz targets: what a strict server makes of the bytes behind its 354. Written without regard to speed,
// so that it shares nothing with the code that it checks.                                        RFC
// 5321 4.1.1.4, 4.5.2
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace anechoic::smtp::testdata {

inline bool has_bare_line_end(std::string_view body) {
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\n' && (i == 0 || body[i - 1] != '\r')) return true;
    if (body[i] == '\r' && (i + 1 == body.size() || body[i + 1] != '\n')) return true;
  }
  return false;
}

// The un-stuffed body, if `wire` is exactly one message with its end and has CRLF line ends only.
inline std::optional<std::string> read_strictly(std::string_view wire) {
  if (has_bare_line_end(wire)) return std::nullopt;
  std::string body;
  while (!wire.empty()) {
    const std::size_t end = wire.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = wire.substr(0, end);
    wire.remove_prefix(end + 2);
    if (line == ".") return wire.empty() ? std::optional(body) : std::nullopt;
    if (line.starts_with('.')) line.remove_prefix(1);
    body += line;
    body += "\r\n";
  }
  return std::nullopt;
}

}  // namespace anechoic::smtp::testdata
