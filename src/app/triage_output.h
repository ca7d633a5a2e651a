// SPDX-License-Identifier: Apache-2.0
// What `anechoic triage` tells: to people, and to programs (docs/formats/triage.md).   Threads: pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "doors/mailbox/findings.h"

namespace anechoic::app {

// Lines for a terminal; strangers' text is escaped.
[[nodiscard]] std::string triage_summary(const triage::Findings& findings, bool applied);
[[nodiscard]] std::string undo_summary(const triage::Findings& findings);
[[nodiscard]] nlohmann::ordered_json triage_json(const triage::Findings& findings);

}  // namespace anechoic::app
