// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "app/cli.h"
#include "app/daemon.h"

namespace anechoic::app {

namespace {

int run(const std::string& file, Console& console) {
  auto loaded = load_or_tell(file, console);
  if (!loaded) return loaded.error();
  ::umask(S_IWGRP | S_IRWXO);  // journal and log tell who wrote to whom: not for everybody on the machine
  auto daemon = Daemon::start(file, std::move(*loaded));
  if (!daemon) {
    console.err << "anechoic can't start: " << daemon.error().detail << '\n';
    return kCouldNotRun;
  }
  const bool in_order = (*daemon)->run([&console] { console.out << "ready" << std::endl; });
  if (!in_order) {
    // Sessions that outlived stop_grace hold on to what would be destroyed; the system clears up.
    console.out.flush();
    console.err.flush();
    std::_Exit(kFine);
  }
  return kFine;
}

}  // namespace

void add_run(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("run", "Runs the gateway until it is told to stop");
  command->footer(
      "Example: anechoic run -c /etc/anechoic/anechoic.toml\n"
      "SIGTERM stops it in order, SIGHUP makes it read its configuration again. \"ready\" on standard output says that "
      "connections are accepted.");
  auto file = std::make_shared<std::string>(kDefaultConfig);
  command->add_option("-c,--config", *file, "The configuration")->capture_default_str();
  command->callback([&chosen, file] { chosen = [file](Console& console) { return run(*file, console); }; });
}

}  // namespace anechoic::app
