// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/cli.h"
#include "app/config/document.h"

namespace anechoic::app {

void add_config(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("config", "Prints an example configuration, or its manual page");
  command->require_subcommand(1);
  CLI::App* example = command->add_subcommand("example", "A commented configuration to begin with");
  example->footer("Example: anechoic config example > /etc/anechoic/anechoic.toml");
  example->callback([&chosen] {
    chosen = [](Console& console) {
      console.out << config::example();
      return kFine;
    };
  });
  CLI::App* man = command->add_subcommand("man", "The manual page anechoic.toml(5)");
  man->footer("Example: anechoic config man | man -l -");
  man->callback([&chosen] {
    chosen = [](Console& console) {
      console.out << config::manual_page();
      return kFine;
    };
  });
}

}  // namespace anechoic::app
