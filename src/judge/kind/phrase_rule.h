// SPDX-License-Identifier: Apache-2.0
// Where a phrase of data/phrases/*.toml is looked for.   Threads: constants.
#pragma once

#include <cstdint>

#include "judge/kind/signals.h"

namespace anechoic::judge {

enum class PhraseWhere : std::uint8_t { Text, Subject, SubjectStart };

}  // namespace anechoic::judge
