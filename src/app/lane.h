// SPDX-License-Identifier: Apache-2.0
// One thread of the daemon: its io_context and everything that lives on it. A connection never leaves its lane.
// Threads: all on its own io_context, but for the constructor and sessions(). Lifetime: `shared` outlives it; destroy
// it when its io_context has run out of work (stopped() is true).                                        DESIGN 3c
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/generation.h"
#include "app/sender_checks.h"
#include "doors/gateway/server.h"
#include "inspect/transaction.h"
#include "outside/net/connector.h"
#include "outside/net/listener.h"
#include "outside/recipients/directory.h"
#include "outside/smtp_client/pool.h"

namespace anechoic::app {

class Lane {
 public:
  Lane(Shared& shared, const Generation& generation);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  [[nodiscard]] boost::asio::io_context& context() { return context_; }
  [[nodiscard]] net::DeadlineWheel& wheel() { return wheel_; }

  [[nodiscard]] Result<void> listen(const std::vector<net::ListeningSocket>& sockets);
  void use(const Generation& generation);  // for sessions to come
  // The DNS is asked of another resolver from now on.
  void use(const Generation& generation, std::unique_ptr<auth::Resolver> resolver);
  void certificate_changed(const Generation& generation);
  void stop_accepting();
  void shut_down();  // idle sessions hear 421; busy ones after their transaction
  [[nodiscard]] std::size_t sessions() const { return sessions_.load(std::memory_order_relaxed); }

  // By backend and by domain, for probes and for learning what the backends can do.
  [[nodiscard]] std::shared_ptr<smtp_client::BackendPool> pool_of(const std::string& backend) const;
  [[nodiscard]] std::vector<std::shared_ptr<smtp_client::Pool>> client_pools() const;
  void count_idle_connections();

 private:
  struct PoolEntry {
    BackendParts parts;
    std::shared_ptr<smtp_client::Pool> client;  // null: a Maildir
    std::shared_ptr<smtp_client::BackendPool> pool;
    std::size_t counted_idle = 0;
  };
  void make_pools(const Generation& generation);
  void make_setup(const Generation& generation);
  [[nodiscard]] gateway::Services services();
  [[nodiscard]] net::Task<void> accept_from(net::Listener& listener);

  Shared& shared_;
  boost::asio::io_context context_{1};
  net::DeadlineWheel wheel_{context_};
  net::Connector connector_;
  std::map<std::string, PoolEntry> pools_;
  recipients::Directory directory_;
  judge::Classifier classifier_;
  LaneSenderChecks sender_checks_;
  inspect::Inspector inspector_;
  gateway::Server server_;
  std::shared_ptr<const gateway::Setup> setup_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::atomic<std::size_t> sessions_{0};
};

}  // namespace anechoic::app
