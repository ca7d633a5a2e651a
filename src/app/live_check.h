// SPDX-License-Identifier: Apache-2.0
// Tries the settings against the world as it is: backends, recipient sources, files, ports, limits. No mail is sent: no
// dialogue gets further than RCPT.   Errors become findings. Threads: the caller's, which is blocked; a few seconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/config/load.h"

namespace anechoic::app {

enum class Weight : std::uint8_t { Good, Warning, Bad };

struct Finding {
  Weight weight = Weight::Good;
  std::string about;  // "backend main", "recipients people", "inbound"
  std::string text;   // escaped; says what to do when it is not good
};

[[nodiscard]] std::vector<Finding> check_live(const config::Loaded& loaded);

}  // namespace anechoic::app
