// SPDX-License-Identifier: Apache-2.0
// The report of a triage as one HTML page that needs nothing else: no script, no picture, no font from elsewhere; light
// or dark as the reader has it. All text that came from mail is escaped.   Threads: pure function.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "doors/mailbox/findings.h"

namespace anechoic::desk {

// What each begins with, so that an earlier one can be told from other files.
inline constexpr std::string_view kReportBegin = "<!DOCTYPE html>\n<!-- anechoic triage report -->\n";

[[nodiscard]] std::string triage_report(const triage::Findings& findings, WallTime made, std::string_view version);

}  // namespace anechoic::desk
