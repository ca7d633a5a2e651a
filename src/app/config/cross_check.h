// SPDX-License-Identifier: Apache-2.0
// What no single setting can tell: names that point nowhere, settings that contradict each other.   Threads: pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/config/problem.h"
#include "app/config/settings.h"

namespace anechoic::config {

using Places = std::map<std::string, Position>;  // full key or table -> where it stands in the file

struct Findings {
  std::vector<Problem> errors;
  std::vector<Problem> warnings;
};

// Problem::file is left empty. Fills in what follows from the rest (the backend of a domain when there is only one).
[[nodiscard]] Findings cross_check(Settings& settings, const Places& places);

}  // namespace anechoic::config
