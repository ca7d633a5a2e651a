// SPDX-License-Identifier: Apache-2.0
// The command line: which commands there are, and what they share.
//
// A command is one file command_NAME.cc with one function, which declares its arguments and says what runs. Exit
// status: kFine, kFound (it ran, and has something to tell), kCouldNotRun. An error says on standard error what to do
// next. Threads: main's.
#pragma once

#include <expected>
#include <functional>
#include <iosfwd>
#include <string>

#include "app/config/load.h"

namespace CLI {
class App;
}

namespace anechoic::app {

inline constexpr int kFine = 0;
inline constexpr int kFound = 1;
inline constexpr int kCouldNotRun = 2;

inline constexpr const char* kDefaultConfig = "/etc/anechoic/anechoic.toml";

struct Console {
  std::ostream& out;
  std::ostream& err;
};

// What the chosen command does; set by its callback while the line is parsed.
using Chosen = std::function<int(Console&)>;

void add_auth(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_keys(CLI::App& app, Chosen& chosen);
void add_log(CLI::App& app, Chosen& chosen);
void add_recipients(CLI::App& app, Chosen& chosen);
void add_reload(CLI::App& app, Chosen& chosen);
void add_run(CLI::App& app, Chosen& chosen);
void add_sign(CLI::App& app, Chosen& chosen);
void add_status(CLI::App& app, Chosen& chosen);
void add_classify(CLI::App& app, Chosen& chosen);
void add_triage(CLI::App& app, Chosen& chosen);
void add_config(CLI::App& app, Chosen& chosen);
void add_version(CLI::App& app, Chosen& chosen);

[[nodiscard]] int run_command_line(int argc, const char* const* argv, Console console);

[[nodiscard]] std::string version();

// Where a daemon keeps its state: by its configuration, or named outright.
struct Where {
  std::string config = kDefaultConfig;
  std::string state_dir;  // not empty: no configuration is read
};
void add_where(CLI::App& command, Where& where);
[[nodiscard]] std::expected<std::string, int> state_dir_of(const Where& where, Console& console);

// Loads the file and tells its errors and warnings; an exit status if it is of no use.
[[nodiscard]] std::expected<config::Loaded, int> load_or_tell(const std::string& file, Console& console);

}  // namespace anechoic::app
