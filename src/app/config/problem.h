// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration file, and where.   Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace anechoic::config {

struct Position {
  std::uint32_t line = 0;  // from 1; 0 = the file as a whole
  std::uint32_t column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Problem {
  std::string file;
  Position at;
  std::string text;  // one or more sentences on one line; says what to do

  friend bool operator==(const Problem&, const Problem&) = default;
};

[[nodiscard]] std::string to_string(const Problem& problem);  // "FILE:LINE:COLUMN: text"

}  // namespace anechoic::config
