// SPDX-License-Identifier: Apache-2.0
#include "app/lane.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "app/metered_pool.h"
#include "inspect/rate_guard.h"
#include "inspect/recipient_guard.h"
#include "inspect/sender_guard.h"
#include "judge/verdict/reasons.h"
#include "outside/maildir/backend.h"

namespace anechoic::app {

namespace asio = boost::asio;

namespace {

// The list of guards: a new one is added here.
std::vector<std::unique_ptr<inspect::Guard>> make_guards(recipients::Directory& directory,
                                                         inspect::SenderChecks& checks, Shared& shared) {
  std::vector<std::unique_ptr<inspect::Guard>> guards;
  guards.push_back(std::make_unique<inspect::RecipientGuard>(directory));
  guards.push_back(std::make_unique<inspect::RateGuard>(shared.null_senders, shared.clock));
  guards.push_back(std::make_unique<inspect::SenderGuard>(checks));
  return guards;
}

}  // namespace

Lane::Lane(Shared& shared, const Generation& generation)
    : shared_(shared),
      connector_(context_, wheel_, shared.resolver),
      directory_(generation.table,
                 [this](std::move_only_function<void()> what) { asio::post(context_, std::move(what)); }),
      sender_checks_(shared.clock, random_bits()),
      inspector_(inspect::InspectorOptions{.classifier = &classifier_}, make_guards(directory_, sender_checks_, shared),
                 *shared.journal, shared.clock),
      server_(context_, services(), nullptr) {
  use(generation);
}

Lane::~Lane() = default;

gateway::Services Lane::services() {
  const observe::GatewayMetrics& metrics = shared_.metrics.gateway();
  return {.clock = shared_.clock,
          .ids = shared_.ids,
          .inspector = inspector_,
          .mixed_results = *shared_.mixed_results,
          .wheel = wheel_,
          .connections = shared_.connections,
          .spool_quota = shared_.spool_quota,
          .observer = {.opened =
                           [this, &metrics] {
                             sessions_.fetch_add(1, std::memory_order_relaxed);
                             metrics.sessions.add(1);
                           },
                       .closed =
                           [this, &metrics] {
                             sessions_.fetch_sub(1, std::memory_order_relaxed);
                             metrics.sessions.add(-1);
                           },
                       .turned_away = [&metrics](std::string_view reason) { metrics.refused.add(reason); },
                       .tls = [&metrics](bool good) { (good ? metrics.tls_sessions : metrics.tls_failures).add(); },
                       .alarm =
                           [this](std::string_view endpoint, std::string_view text) {
                             shared_.alarms.raise(judge::reasons::kBackendAboutUs, std::string(endpoint),
                                                  std::string(text));
                           }}};
}

void Lane::make_pools(const Generation& generation) {
  std::map<std::string, PoolEntry> pools;
  for (const BackendParts& parts : generation.backends) {
    const auto former = pools_.find(parts.name);
    if (former != pools_.end() && former->second.parts.group == parts.group &&
        former->second.parts.delivery == parts.delivery) {
      pools.insert(pools_.extract(former));
      continue;
    }
    PoolEntry entry{.parts = parts, .client = {}, .pool = {}, .counted_idle = 0};
    std::shared_ptr<smtp_client::BackendPool> pool;
    if (parts.group) {
      entry.client = std::make_shared<smtp_client::Pool>(connector_, wheel_, parts.group);
      pool = entry.client;
    } else {
      pool = std::make_shared<maildir::MaildirPool>(*parts.delivery, shared_.disk, *shared_.log,
                                                    "maildir:" + parts.delivery->options().directory);
    }
    entry.pool = std::make_shared<MeteredPool>(parts.name, std::move(pool), shared_.metrics.backend(parts.name),
                                               shared_.alarms, parts.delivery);
    pools.emplace(parts.name, std::move(entry));
  }
  for (const auto& [name, gone] : pools_)
    shared_.metrics.backend(name).pooled.add(-static_cast<double>(gone.counted_idle));
  pools_ = std::move(pools);
}

void Lane::make_setup(const Generation& generation) {
  auto setup = std::make_shared<gateway::Setup>();
  setup->options = generation.options;
  setup->ruleset = generation.loaded.ruleset;
  if (generation.certificate) setup->tls = generation.certificate->current();
  for (const BackendParts& parts : generation.backends) setup->pools.push_back(pools_.at(parts.name).pool);
  setup_ = setup;
  server_.use(setup_);
}

void Lane::use(const Generation& generation) {
  make_pools(generation);
  directory_.replace(generation.table);
  sender_checks_.use(generation.settings(), nullptr);
  make_setup(generation);
}

void Lane::use(const Generation& generation, std::unique_ptr<auth::Resolver> resolver) {
  sender_checks_.use(generation.settings(), std::move(resolver));
}

void Lane::certificate_changed(const Generation& generation) {
  make_setup(generation);
}

Result<void> Lane::listen(const std::vector<net::ListeningSocket>& sockets) {
  for (const net::ListeningSocket& socket : sockets) {
    auto listener = net::Listener::make(context_, socket, [this](const Error& error) {
      shared_.log->event(observe::Level::Error, "accept-failed", {{"why", error.detail}});
    });
    if (!listener) return std::unexpected(listener.error());
    listeners_.push_back(std::move(*listener));
    asio::co_spawn(context_, accept_from(*listeners_.back()), asio::detached);
  }
  return {};
}

net::Task<void> Lane::accept_from(net::Listener& listener) {
  const observe::Counter accepted_total = shared_.metrics.gateway().connections;
  for (;;) {
    Result<net::Accepted> accepted = co_await listener.accept();
    if (!accepted) co_return;
    accepted_total.add();
    server_.accept(std::move(accepted->socket), accepted->remote);
  }
}

void Lane::stop_accepting() {
  for (const auto& listener : listeners_) listener->close();
}

void Lane::shut_down() {
  stop_accepting();
  server_.shut_down();
}

std::shared_ptr<smtp_client::BackendPool> Lane::pool_of(const std::string& backend) const {
  const auto found = pools_.find(backend);
  return found == pools_.end() ? nullptr : found->second.pool;
}

std::vector<std::shared_ptr<smtp_client::Pool>> Lane::client_pools() const {
  std::vector<std::shared_ptr<smtp_client::Pool>> all;
  for (const auto& [name, entry] : pools_)
    if (entry.client) all.push_back(entry.client);
  return all;
}

void Lane::count_idle_connections() {
  for (auto& [name, entry] : pools_) {
    if (!entry.client) continue;
    const std::size_t idle = entry.client->idle_connections();
    shared_.metrics.backend(name).pooled.add(static_cast<double>(idle) - static_cast<double>(entry.counted_idle));
    entry.counted_idle = idle;
  }
}

}  // namespace anechoic::app
