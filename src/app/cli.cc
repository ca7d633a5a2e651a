// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/config/values.h"

namespace anechoic::app {

namespace {

// For a word that is not a command but looks like one.
void tell_nearest(const CLI::App& app, std::string_view word, Console& console) {
  if (word.empty() || word.size() > 32 || word.starts_with('-')) return;
  for (const CLI::App* command : app.get_subcommands({})) {
    const unsigned distance = config::edit_distance(word, command->get_name());
    if (distance == 0) return;
    if (distance <= 2)
      console.err << "there is no command " << word << "; did you mean " << command->get_name() << "?\n";
  }
}

}  // namespace

std::string version() {
  return ANECHOIC_VERSION;
}

int run_command_line(int argc, const char* const* argv, Console console) {
  CLI::App app("Backscatter firewall for mail systems: refuses early, in session, what would be bounced later.",
               "anechoic");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of all commands");
  app.set_version_flag("--version", "anechoic " + version(), "Prints the version");
  app.footer("anechoic COMMAND --help tells more. Exit status: 0 fine, 1 found something, 2 could not run.");
  Chosen chosen;
  add_run(app, chosen);
  add_auth(app, chosen);
  add_check(app, chosen);
  add_classify(app, chosen);
  add_explain(app, chosen);
  add_keys(app, chosen);
  add_log(app, chosen);
  add_recipients(app, chosen);
  add_reload(app, chosen);
  add_sign(app, chosen);
  add_status(app, chosen);
  add_triage(app, chosen);
  add_config(app, chosen);
  add_version(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (argc > 1) tell_nearest(app, argv[1], console);
    return app.exit(error, console.out, console.err) == 0 ? kFine : kCouldNotRun;
  }
  return chosen(console);
}

void add_where(CLI::App& command, Where& where) {
  command.add_option("-c,--config", where.config, "The configuration of the daemon")->capture_default_str();
  command.add_option("--state-dir", where.state_dir, "Its state_dir, in place of a configuration");
}

std::expected<std::string, int> state_dir_of(const Where& where, Console& console) {
  if (!where.state_dir.empty()) return where.state_dir;
  const auto loaded = config::load_file(where.config);
  if (loaded) return loaded->settings.state_dir;
  for (const config::Problem& problem : loaded.error()) console.err << config::to_string(problem) << '\n';
  console.err << "the configuration tells where the state is; --state-dir DIR does without it\n";
  return std::unexpected(kCouldNotRun);
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
