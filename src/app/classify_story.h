// SPDX-License-Identifier: Apache-2.0
// What `anechoic classify` tells of one message: as JSON (docs/formats/classify.md) and for people.   Threads: pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "judge/kind/classify.h"

namespace anechoic::app {

// Every key is always there; null where nothing is known.
[[nodiscard]] nlohmann::ordered_json to_json(std::string_view file, const judge::Classification& classification);
// Several lines, the last with its line end. Text of the message has no control characters left.
[[nodiscard]] std::string tell(std::string_view file, const judge::Classification& classification);

}  // namespace anechoic::app
