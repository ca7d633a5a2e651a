// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.h"

#include <sys/resource.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/daemon_state.h"

namespace anechoic::app {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kCertificatePeriod{10};
constexpr std::chrono::seconds kHousekeeping{5};
constexpr std::chrono::seconds kLearning{2};  // the doors open then, whatever the backends do

// Each session needs a descriptor for itself, one for its backend, and perhaps one for its body.
void raise_descriptors(const config::Settings& settings, observe::Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t wanted = (std::uint64_t{settings.inbound.connections} * 2) + 256;
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < wanted)
    log.event(observe::Level::Warning, "few-descriptors",
              {{"limit", limit.rlim_cur}, {"wanted", wanted}, {"do", "raise LimitNOFILE or lower connections"}});
}

net::Quota::Options quota_options(const config::Settings& settings) {
  const unsigned per_address = settings.inbound.connections_per_address;
  return {.connections = settings.inbound.connections,
          .connections_per_address = per_address == 0 ? std::numeric_limits<unsigned>::max() : per_address};
}

}  // namespace

Daemon::State::State(std::string file, std::unique_ptr<observe::Log> log)
    : config_file(std::move(file)), shared(std::move(log), random_bits()), started(shared.clock.wall()) {}

Daemon::State::~State() {
  unbound.reset();           // while the context stands on which it hands out answers
  shared.resolver.finish();  // they may still be leaving a lane's context
  shared.disk.finish();
  if (!lanes.empty()) prober.use(lanes.front()->context(), lanes.front()->wheel(), {});  // it holds pools of lane 0
}

Result<void> Daemon::State::prepare(config::Loaded loaded) {
  raise_descriptors(loaded.settings, *shared.log);
  shared.connections.set_options(quota_options(loaded.settings));
  shared.metrics.set_started(version(), std::chrono::floor<std::chrono::seconds>(started));
  if (const auto opened = shared.open_store(loaded.settings); !opened) return opened;
  auto made = make_generation(std::move(loaded), nullptr, shared, metered_prober);
  if (!made) return std::unexpected(made.error());
  generation = std::move(*made);
  unsigned threads = generation->settings().threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) lanes.push_back(std::make_unique<Lane>(shared, *generation));
  use_in_prober();
  auto resolver = make_unbound(generation->settings());
  if (!resolver) return std::unexpected(resolver.error());
  use_unbound(std::move(*resolver));
  return {};
}

Result<std::unique_ptr<dns::Unbound>> Daemon::State::make_unbound(const config::Settings& settings) {
  if (!settings.auth.checks || (unbound && asked == settings.dns)) return nullptr;
  auto made = dns::Unbound::start(lanes.front()->context(), unbound_options(settings.dns));
  if (!made)
    return fail(made.error().code, "[dns]: " + made.error().detail + "; auth.checks = false does without the DNS");
  return made;
}

// Each lane gets a resolver of its own; those of the former one answer "could not be found out" once it is gone.
void Daemon::State::use_unbound(std::unique_ptr<dns::Unbound> next) {
  if (!next) return;
  for (const auto& lane : lanes) {
    auto resolver = std::make_shared<std::unique_ptr<auth::Resolver>>(next->resolver(lane->context(), lane->wheel()));
    asio::post(lane->context(),
               [&lane = *lane, resolver, in_use = generation] { lane.use(*in_use, std::move(*resolver)); });
  }
  unbound = std::move(next);
  asked = generation->settings().dns;
}

Result<void> Daemon::State::bind() {
  const auto bind_one = [](const char* setting, const ip::Endpoint& endpoint) -> Result<net::ListeningSocket> {
    auto socket = net::ListeningSocket::bind(endpoint);
    if (!socket) return fail(socket.error().code, std::string(setting) + ": " + socket.error().detail);
    return socket;
  };
  for (const ip::Endpoint& endpoint : generation->settings().inbound.listen) {
    auto socket = bind_one("inbound.listen", endpoint);
    if (!socket) return std::unexpected(socket.error());
    smtp_sockets.push_back(std::move(*socket));
  }
  Lane& first = *lanes.front();
  for (const ip::Endpoint& endpoint : generation->settings().http.listen) {
    auto socket = bind_one("http.listen", endpoint);
    if (!socket) return std::unexpected(socket.error());
    http_socket.emplace(std::move(*socket));
    auto server = http::Server::start(first.context(), first.wheel(), *http_socket, {},
                                      [this](std::string_view path) { return page(path); });
    if (!server) return std::unexpected(server.error());
    http = std::move(*server);
  }
  auto server =
      ControlServer::start(first.context(), first.wheel(), generation->settings().file_in_state(kControlSocket),
                           [this](nlohmann::ordered_json request) { return control(std::move(request)); });
  if (!server) return std::unexpected(server.error());
  control_server = std::move(*server);
  return {};
}

void Daemon::State::begin() {
  asio::io_context& context = lanes.front()->context();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is a full disk, not an end
  signals = std::make_unique<asio::signal_set>(context, SIGTERM, SIGINT, SIGHUP);
  housekeeper = std::make_unique<asio::steady_timer>(context);
  asio::co_spawn(context, await_signals(), asio::detached);
  asio::co_spawn(context, housekeeping(), asio::detached);
  if (generation->certificate) watch_certificate(generation->certificate);
}

void Daemon::State::watch_certificate(const std::shared_ptr<net::CertificateWatch>& certificate) {
  const auto report = [this, watched = certificate.get()](const Result<bool>& result) {
    if (generation->certificate.get() != watched) return;  // of an earlier configuration
    if (!result) {
      shared.log->event(observe::Level::Error, "certificate-unusable", {{"why", result.error().detail}});
      return;
    }
    shared.log->event(observe::Level::Info, "certificate-reloaded");
    each_lane([in_use = generation](Lane& lane) { lane.certificate_changed(*in_use); });
  };
  asio::co_spawn(lanes.front()->context(), net::watch_certificate(certificate, shared.disk, kCertificatePeriod, report),
                 asio::detached);
}

// So that the first clients are already offered what the backends can take.
net::Task<void> Daemon::State::learn_backends() {
  for (const auto& pool : lanes.front()->client_pools()) {
    const std::vector<Result<smtp::Capabilities>> learned = co_await pool->learn();
    for (const Result<smtp::Capabilities>& one : learned)
      if (!one) shared.log->event(observe::Level::Warning, "backend-unready", {{"why", one.error().detail}});
  }
  learning = false;
}

net::Task<void> Daemon::State::open_doors(std::function<void()> ready) {
  learning = true;
  asio::co_spawn(lanes.front()->context(), learn_backends(), asio::detached);
  asio::steady_timer pause(lanes.front()->context());
  const SteadyTime begun = shared.clock.steady();
  while (learning && shared.clock.steady() - begun < kLearning) {
    pause.expires_after(std::chrono::milliseconds(20));
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (stopping) co_return;
  each_lane([this](Lane& lane) {
    if (const auto listening = lane.listen(smtp_sockets); !listening)
      shared.log->event(observe::Level::Error, "listen-failed", {{"why", listening.error().detail}});
  });
  for (const net::ListeningSocket& socket : smtp_sockets)
    shared.log->event(observe::Level::Info, "listening", {{"on", ip::to_string(socket.endpoint())}});
  shared.log->event(observe::Level::Info, "ready", {{"version", version()}, {"threads", lanes.size()}});
  ready();
}

net::Task<void> Daemon::State::await_signals() {
  for (;;) {
    const auto [error, signal] = co_await signals->async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    if (signal == SIGHUP) {
      (void)shared.log->reopen();
      const Result<nlohmann::ordered_json> done = co_await reload();
      (void)done;  // reload() logs
      continue;
    }
    shared.log->event(observe::Level::Info, "stopping", {{"sessions", sessions()}});
    if (!stopping) asio::co_spawn(lanes.front()->context(), stop_in_order(), asio::detached);
  }
}

net::Task<void> Daemon::State::housekeeping() {
  for (;;) {
    housekeeper->expires_after(kHousekeeping);
    const auto [error] = co_await housekeeper->async_wait(asio::as_tuple(asio::use_awaitable));
    if (error) co_return;
    each_lane([](Lane& lane) { lane.count_idle_connections(); });
  }
}

net::Task<void> Daemon::State::stop_in_order() {
  stopping = true;
  each_lane([](Lane& lane) { lane.shut_down(); });
  const SteadyTime deadline = shared.clock.steady() + generation->settings().stop_grace;
  asio::steady_timer pause(lanes.front()->context());
  // Once more after the last session, for what http and control still write.
  do {
    pause.expires_after(std::chrono::milliseconds(50));
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  } while (sessions() > 0 && shared.clock.steady() < deadline);
  if (http) http->stop();
  control_server->stop();
  signals->cancel();
  housekeeper->cancel();
  pause.expires_after(std::chrono::milliseconds(50));
  co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  all_ended = sessions() == 0 && !reloading && !learning && !prober.busy();
  shared.log->event(observe::Level::Info, "stopped", {{"cut_off", sessions()}});
  for (const auto& lane : lanes) lane->context().stop();
}

void Daemon::State::each_lane(const std::function<void(Lane&)>& what) {
  for (const auto& lane : lanes) asio::post(lane->context(), [what, &lane = *lane] { what(lane); });
}

std::size_t Daemon::State::sessions() const {
  std::size_t sum = 0;
  for (const auto& lane : lanes) sum += lane->sessions();
  return sum;
}

void Daemon::State::use_in_prober() {
  recipients::BackendProber::Pools pools;
  for (const config::Domain& domain : generation->settings().domains)
    pools.emplace(domain.name, lanes.front()->pool_of(domain.backend));
  prober.use(lanes.front()->context(), lanes.front()->wheel(), std::move(pools));
}

Daemon::Daemon(std::unique_ptr<State> state) : state_(std::move(state)) {}

Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(const std::string& config_file, config::Loaded loaded) {
  static const SystemClock kClock;  // the log's; stateless, and needed before there is a State
  auto log = observe::Log::open(loaded.settings.log, kClock);
  if (!log) return std::unexpected(log.error());
  auto state = std::make_unique<State>(config_file, std::move(*log));
  if (const auto prepared = state->prepare(std::move(loaded)); !prepared) return std::unexpected(prepared.error());
  if (const auto bound = state->bind(); !bound) return std::unexpected(bound.error());
  state->begin();
  return std::unique_ptr<Daemon>(new Daemon(std::move(state)));
}

bool Daemon::run(const std::function<void()>& ready) {
  State& state = *state_;
  asio::co_spawn(state.lanes.front()->context(), state.open_doors(ready), asio::detached);
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> busy;
  for (const auto& lane : state.lanes) busy.push_back(asio::make_work_guard(lane->context()));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < state.lanes.size(); ++i)
      threads.emplace_back([&context = state.lanes[i]->context()] { context.run(); });
    state.lanes.front()->context().run();
  }
  if (state.all_ended) return true;
  // The files are closed in order all the same; what was still open has not been acknowledged.
  if (state.shared.sqlite_journal && state.sessions() > 0) {
    // Sessions that were cut off have no row. The journal's marker stays, so that the next start tells of the gap.
    state.shared.sqlite_journal->flush();
    (void)state.shared.sqlite_journal.release();  // the process ends now
  }
  state.shared.sqlite_journal.reset();
  state.shared.cache->flush();
  state.shared.log->flush();  // a worker may still have something to say, so it stays
  return false;
}

void Daemon::stop() {
  asio::post(state_->lanes.front()->context(), [&state = *state_] {
    if (!state.stopping) asio::co_spawn(state.lanes.front()->context(), state.stop_in_order(), asio::detached);
  });
}

}  // namespace anechoic::app
