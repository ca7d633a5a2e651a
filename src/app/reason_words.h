// SPDX-License-Identifier: Apache-2.0
// Every reason of judge/verdict/reasons.h in a sentence, for `anechoic explain`; also the closed set of reason labels.
// Threads: constants.
#pragma once

#include <span>
#include <string_view>

namespace anechoic::app {

struct ReasonWords {
  std::string_view name;
  std::string_view sentence;  // what was found, and what can be done about it where something can
};

[[nodiscard]] std::span<const ReasonWords> all_reasons();
// A general sentence for a name that is not in the table (a journal of another version).
[[nodiscard]] std::string_view sentence_of(std::string_view reason);

}  // namespace anechoic::app
