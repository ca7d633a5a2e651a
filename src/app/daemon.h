// SPDX-License-Identifier: Apache-2.0
// The running program: binds, makes the lanes, serves, reloads, stops.
//
// start() does everything that can fail (files, ports, other daemons) and serves nothing yet; run() serves until a
// signal or stop(). SIGTERM, SIGINT: no new connections, idle sessions hear 421, messages under way are finished within
// stop_grace. SIGHUP: reload, whole or not at all. SIGPIPE is ignored.
// Threads: start(), run() on main's; stop() from any.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config/load.h"
#include "base/result.h"

namespace anechoic::app {

class Daemon {
 public:
  // `config_file`: what a reload reads.
  [[nodiscard]] static Result<std::unique_ptr<Daemon>> start(const std::string& config_file, config::Loaded loaded);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // `ready` is called once connections are accepted. True: everything ended in order; false: something was still
  // open when stop_grace was over, and the process must end without destroying this.
  [[nodiscard]] bool run(const std::function<void()>& ready);
  void stop();

 private:
  struct State;
  explicit Daemon(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::app
