// SPDX-License-Identifier: Apache-2.0
// The heart: facts in, verdict out. Pure; accepts any subset of facts; the only place where an unknown becomes an
// action. The order of its rules and what each unknown becomes stand in docs/decide.md.   Threads: none needed.
#pragma once

#include "judge/verdict/facts.h"
#include "judge/verdict/verdict.h"

namespace anechoic::judge {

[[nodiscard]] Verdict decide(Stage stage, const Facts& facts, const Ruleset& ruleset);

}  // namespace anechoic::judge
