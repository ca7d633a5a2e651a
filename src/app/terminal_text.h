// SPDX-License-Identifier: Apache-2.0
// Text from mail and of paths, for a person at a terminal: as observe/escape.h makes it harmless, with letters of all
// scripts where the locale (LC_ALL, LC_CTYPE, LANG) has them.   Threads: none may change the environment meanwhile.
#pragma once

#include <string>
#include <string_view>

namespace anechoic::app {

[[nodiscard]] std::string terminal_text(std::string_view text);

}  // namespace anechoic::app
