// SPDX-License-Identifier: Apache-2.0
// A row of the journal for people and for programs. Text that came from the network is escaped.   Threads: pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "outside/store/stored_row.h"

namespace anechoic::app {

// The whole story of one transaction or session, in plain words, with a sentence for each reason.
[[nodiscard]] std::string tell(const store::StoredRow& row);
// One line: time, id, action, client, sender, recipients, reason, reply.
[[nodiscard]] std::string one_line(const store::StoredRow& row);
[[nodiscard]] nlohmann::ordered_json to_json(const store::StoredRow& row);

}  // namespace anechoic::app
