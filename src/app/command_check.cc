// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "app/cli.h"

namespace anechoic::app {

void add_check(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("check", "Tells whether a configuration is right");
  command->footer("Example: anechoic check -c /etc/anechoic/anechoic.toml");
  auto file = std::make_shared<std::string>(kDefaultConfig);
  command->add_option("-c,--config", *file, "The configuration")->capture_default_str();
  command->callback([&chosen, file] {
    chosen = [file](Console& console) {
      const auto loaded = load_or_tell(*file, console);
      if (!loaded) return loaded.error();
      console.out << *file << ": good\n";
      return loaded->warnings.empty() ? kFine : kFound;
    };
  });
}

}  // namespace anechoic::app
