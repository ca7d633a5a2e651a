// SPDX-License-Identifier: Apache-2.0
// Asks the DNS once, as the settings say, so that `check` can tell whether the sender checks will get answers.
// Threads: the caller's, which is blocked for a few seconds at most.
#pragma once

#include <vector>

#include "app/live_check.h"

namespace anechoic::app {

[[nodiscard]] std::vector<Finding> check_dns(const config::Settings& settings);

}  // namespace anechoic::app
