// SPDX-License-Identifier: Apache-2.0
// From a node of the file to the typed value of a setting, within the bounds of its row.
// Errors: a Problem at the place of the node, one for each wrong element of a list; says what is accepted.
// Threads: pure.
#pragma once

#include <expected>
#include <string>

#include "app/config/table.h"
#include "app/config/tree.h"

namespace anechoic::config {

// Problem::file is left empty.
[[nodiscard]] std::expected<Value, std::vector<Problem>> read_value(const Setting& setting, const Node& node);

// One text for equal values: what a reload compares.
[[nodiscard]] std::string to_text(const Value& value);

// "smtp://host:port", "lmtp://host:port", "lmtp:///path", "maildir:/path". Port left out: 25 for smtp, 24 for lmtp.
[[nodiscard]] Result<BackendAddress> parse_backend_address(std::string_view text);

}  // namespace anechoic::config
