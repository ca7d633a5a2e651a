// SPDX-License-Identifier: Apache-2.0
// The rules at the end of data: what becomes of mail whose sender is not who it says. Private to the room; the reasons
// for each rule stand in docs/decide.md.   Threads: none needed.
#pragma once

#include "judge/verdict/facts.h"
#include "judge/verdict/verdict.h"

namespace anechoic::judge {

[[nodiscard]] Verdict decide_sender(const Facts& facts, const Ruleset& ruleset);

}  // namespace anechoic::judge
