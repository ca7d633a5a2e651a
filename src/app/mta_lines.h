// SPDX-License-Identifier: Apache-2.0
// What the mail server behind us needs for these settings, ready to be copied, and what it may still bounce later
// (R10). Threads: pure.
#pragma once

#include <string>

#include "app/config/settings.h"

namespace anechoic::app {

// Empty: no backend speaks SMTP to a server of the operator's own.
[[nodiscard]] std::string postfix_lines(const config::Settings& settings);
[[nodiscard]] std::string exim_lines(const config::Settings& settings);
[[nodiscard]] std::string may_still_bounce(const config::Settings& settings);

}  // namespace anechoic::app
