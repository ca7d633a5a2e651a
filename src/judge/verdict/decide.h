// SPDX-License-Identifier: Apache-2.0
// The heart: facts in, verdict out. Pure; accepts any subset of facts; the only place where an unknown becomes an
// action. The order of its rules and what each unknown becomes stand in docs/decide.md.   Threads: none needed.
#pragma once

#include "judge/verdict/facts.h"
#include "judge/verdict/verdict.h"

namespace anechoic::judge {

// Is it proved at RCPT that a bounce would go to somebody who may not have sent the message, as far as SPF tells? Never
// on a temporary error, and not for the null sender, who gets no bounces.                              R26, RFC
// 3461 5.2.1
[[nodiscard]] bool wants_no_dsn(const Facts& facts);

[[nodiscard]] Verdict decide(Stage stage, const Facts& facts, const Ruleset& ruleset);

}  // namespace anechoic::judge
