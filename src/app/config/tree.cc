// SPDX-License-Identifier: Apache-2.0
#include "app/config/tree.h"

// Debian's shared library of it is built with exceptions; we take the header alone, without them.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace anechoic::config {

namespace {

Position position(const toml::source_position& at) {
  return {.line = at.line, .column = at.column};
}

Node convert(const toml::node& from);

Node::List convert_list(const toml::array& from) {
  Node::List list;
  for (const toml::node& element : from) list.push_back(convert(element));
  return list;
}

Node::Members convert_members(const toml::table& from) {
  Node::Members members;
  for (const auto& [key, value] : from) {
    Node node = convert(value);
    node.key = position(key.source().begin);
    members.emplace(std::string(key.str()), std::move(node));
  }
  return members;
}

// The parser has bounded the depth (TOML_MAX_NESTED_VALUES).
Node convert(const toml::node& from) {
  Node node;
  node.at = node.key = position(from.source().begin);
  if (const auto* flag = from.as_boolean()) {
    node.value = flag->get();
  } else if (const auto* number = from.as_integer()) {
    node.value = number->get();
  } else if (const auto* fraction = from.as_floating_point()) {
    node.value = fraction->get();
  } else if (const auto* text = from.as_string()) {
    node.value = text->get();
  } else if (const auto* list = from.as_array()) {
    node.value = convert_list(*list);
  } else if (const auto* table = from.as_table()) {
    node.value = convert_members(*table);
  }
  return node;
}

}  // namespace

std::expected<Node, Problem> parse_tree(std::string_view text, const std::string& file) {
  const toml::parse_result parsed = toml::parse(text, file);
  if (parsed) return convert(parsed.table());
  const toml::parse_error& error = parsed.error();
  return std::unexpected(Problem{.file = file,
                                 .at = position(error.source().begin),
                                 .text = "this is not TOML: " + std::string(error.description())});
}

}  // namespace anechoic::config
