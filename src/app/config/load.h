// SPDX-License-Identifier: Apache-2.0
// Reads anechoic.toml: the settings, the ruleset made of them, and everything that is wrong with the file, all at once.
// Files that the settings name (certificates, recipient lists) are not opened here.   Threads: pure but for the file.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/problem.h"
#include "app/config/settings.h"
#include "app/config/table.h"
#include "judge/verdict/ruleset.h"

namespace anechoic::config {

struct Entered {
  std::string text;
  Reload reload;
};

struct Loaded {
  Settings settings;
  std::shared_ptr<const judge::Ruleset> ruleset;
  std::vector<Problem> warnings;
  std::map<std::string, Entered> values;  // "backend.main.pool" -> "20": all settings, defaults included
};

using LoadResult = std::expected<Loaded, std::vector<Problem>>;  // problems in the order of the file

[[nodiscard]] LoadResult load_text(std::string_view text, const std::string& file);
[[nodiscard]] LoadResult load_file(const std::string& file);

// What differs between two loads of it: full keys ("inbound.listen").
struct Changes {
  std::vector<std::string> live;
  std::vector<std::string> restart;  // take effect only after a restart
};
[[nodiscard]] Changes compare(const Loaded& before, const Loaded& after);

}  // namespace anechoic::config
