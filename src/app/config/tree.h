// SPDX-License-Identifier: Apache-2.0
// A TOML text as a tree of our own, every node with its place in the text, so that only tree.cc knows the TOML library.
// Threads: values.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/problem.h"

namespace anechoic::config {

struct Node {
  using List = std::vector<Node>;
  using Members = std::map<std::string, Node, std::less<>>;
  struct Other {};  // a date or a time, which no setting is

  Position at;   // of the value
  Position key;  // of the key it was given to; of a list's element: of the element
  std::variant<Other, bool, std::int64_t, double, std::string, List, Members> value;

  template <typename T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&value);
  }
};

// The whole text is a table. `file` is only named in the problem.
[[nodiscard]] std::expected<Node, Problem> parse_tree(std::string_view text, const std::string& file);

}  // namespace anechoic::config
