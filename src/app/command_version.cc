// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/cli.h"

namespace anechoic::app {

void add_version(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("version", "Prints the version");
  command->footer("Example: anechoic version");
  command->callback([&chosen] {
    chosen = [](Console& console) {
      console.out << "anechoic " << version() << '\n';
      return kFine;
    };
  });
}

}  // namespace anechoic::app
