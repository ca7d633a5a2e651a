// SPDX-License-Identifier: Apache-2.0
// What the Daemon is made of. Lane 0 is the main thread's and has the signals, the control socket and HTTP besides.
#pragma once

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/control.h"
#include "app/daemon.h"
#include "app/lane.h"
#include "app/metered_prober.h"
#include "outside/http/server.h"
#include "outside/recipients/backend_prober.h"

namespace anechoic::app {

struct Daemon::State {
  State(std::string file, std::unique_ptr<observe::Log> log);
  ~State();

  // daemon.cc
  Result<void> prepare(config::Loaded loaded);
  Result<void> bind();
  void begin();  // on lane 0, before it runs
  net::Task<void> open_doors(std::function<void()> ready);
  net::Task<void> learn_backends();
  net::Task<void> await_signals();
  net::Task<void> housekeeping();
  net::Task<void> stop_in_order();
  void watch_certificate(const std::shared_ptr<net::CertificateWatch>& certificate);

  // daemon_control.cc
  net::Task<Result<nlohmann::ordered_json>> control(nlohmann::ordered_json request);
  net::Task<Result<nlohmann::ordered_json>> reload();
  void take(std::shared_ptr<Generation> next, std::unique_ptr<dns::Unbound> next_unbound);
  [[nodiscard]] nlohmann::ordered_json status() const;
  [[nodiscard]] Result<nlohmann::ordered_json> recipients(const std::string& command, const std::string& address) const;
  [[nodiscard]] Result<nlohmann::ordered_json> accept_list(const std::string& source) const;
  [[nodiscard]] std::optional<http::Page> page(std::string_view path);
  [[nodiscard]] std::size_t sessions() const;
  void each_lane(const std::function<void(Lane&)>& what);  // on its own thread, later
  void use_in_prober();
  // The resolver that these settings want; null: the present one, or none, will do.
  [[nodiscard]] Result<std::unique_ptr<dns::Unbound>> make_unbound(const config::Settings& settings);
  void use_unbound(std::unique_ptr<dns::Unbound> next);  // null: the present one stays

  const std::string config_file;
  Shared shared;
  WallTime started{};
  recipients::BackendProber prober;
  MeteredProber metered_prober{prober, shared.metrics.recipients()};
  std::shared_ptr<Generation> generation;  // lane 0 only
  std::vector<net::ListeningSocket> smtp_sockets;
  std::optional<net::ListeningSocket> http_socket;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::unique_ptr<dns::Unbound> unbound;  // of lane 0; null: no checks need it
  config::Dns asked;                      // how it asks
  std::unique_ptr<http::Server> http;
  std::unique_ptr<ControlServer> control_server;
  std::unique_ptr<boost::asio::signal_set> signals;
  std::unique_ptr<boost::asio::steady_timer> housekeeper;
  bool learning = false;
  bool reloading = false;
  bool stopping = false;
  bool all_ended = false;
};

}  // namespace anechoic::app
