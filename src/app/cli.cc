// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <iostream>

namespace anechoic::app {

std::string version() {
  return ANECHOIC_VERSION;
}

int run_command_line(int argc, const char* const* argv, Console console) {
  CLI::App app("Backscatter firewall for mail systems: refuses early, in session, what would be bounced later.",
               "anechoic");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  app.footer("anechoic COMMAND --help tells more. Exit status: 0 fine, 1 found something, 2 could not run.");
  Chosen chosen;
  add_check(app, chosen);
  add_config(app, chosen);
  add_version(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, console.out, console.err) == 0 ? kFine : kCouldNotRun;
  }
  return chosen(console);
}

std::expected<config::Loaded, int> load_or_tell(const std::string& file, Console& console) {
  auto loaded = config::load_file(file);
  if (!loaded) {
    for (const config::Problem& problem : loaded.error()) console.err << config::to_string(problem) << '\n';
    return std::unexpected(kCouldNotRun);
  }
  for (const config::Problem& warning : loaded->warnings)
    console.err << "warning: " << config::to_string(warning) << '\n';
  return std::move(*loaded);
}

}  // namespace anechoic::app
