// SPDX-License-Identifier: Apache-2.0
// The example configuration and the manual page, made from the table of settings. Both are committed
// (etc/anechoic.toml.example, docs/man/anechoic.toml.5) and a test holds them against this.   Threads: pure.
#pragma once

#include <string>

namespace anechoic::config {

[[nodiscard]] std::string example();
[[nodiscard]] std::string manual_page();  // roff, section 5

}  // namespace anechoic::config
