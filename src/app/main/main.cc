// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <iostream>

#include "app/cli.h"

int main(int argc, char** argv) {
  try {
    return anechoic::app::run_command_line(argc, argv, {std::cout, std::cerr});
  } catch (const std::exception& failure) {
    std::cerr << "anechoic: " << failure.what() << '\n';
    return anechoic::app::kCouldNotRun;
  }
}
