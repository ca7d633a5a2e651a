// SPDX-License-Identifier: Apache-2.0
// What `anechoic auth` tells: to programs (docs/formats/auth.md), and to people.   Threads: pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "auth/evidence.h"

namespace anechoic::app {

// Every key is always there; null where something was not asked, or is not known.
[[nodiscard]] nlohmann::ordered_json auth_json(const auth::Evidence& evidence);
// Several lines; strangers' text is escaped. `client`: the address that SPF was asked about, "" = none.
[[nodiscard]] std::string auth_story(const auth::Evidence& evidence, std::string_view client);

}  // namespace anechoic::app
