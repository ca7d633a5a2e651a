// SPDX-License-Identifier: Apache-2.0
// Asks each SMTP and LMTP backend what `anechoic check` wants to know: is it there, does it relay for strangers when we
// ask (R1), does it accept addresses that can't exist (R9), can it be told who the client is.
// Threads: the caller's, which is blocked.
#pragma once

#include <vector>

#include "app/live_check.h"

namespace anechoic::app {

[[nodiscard]] std::vector<Finding> check_backends(const config::Settings& settings);

}  // namespace anechoic::app
