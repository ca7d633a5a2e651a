// SPDX-License-Identifier: Apache-2.0
// From what was seen to a kind: report type before envelope, envelope before standard headers, those before other
// headers, those before structure, and text last. The sums and thresholds are explained in decide.cc.
//
// Threads: a pure function.
#pragma once

#include "judge/kind/evidence.h"

namespace anechoic::judge {

struct Decision {
  Kind kind = Kind::Ordinary;
  bool phrases_only = false;
  std::string_view language;  // of the phrases that spoke for the kind, "" = none did
};

// May add the conclusions that have a name (dressed-as-bounce).
[[nodiscard]] Decision decide(Evidence& evidence);

// Headers alone say that a mailing list or bulk mailer sent it, and nothing hints at a program's answer: the text need
// not be read.
[[nodiscard]] bool is_plainly_list(const Evidence& evidence);
// Something outside the text hints at automatic mail: all of the text is worth reading.
[[nodiscard]] bool is_suspicious(const Evidence& evidence);

}  // namespace anechoic::judge
