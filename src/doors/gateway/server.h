// SPDX-License-Identifier: Apache-2.0
// The inbound door on one thread: admits clients, serves each by a Connection, and lets them go in good order.
//
// The owner accepts sockets (outside/net/listener.h) and hands them over. use() changes the configuration for sessions
// that begin later. shut_down() tells idle clients 421 at once, busy ones after their transaction; sessions() tells
// when all are gone. Lifetime: the services outlive it; destroy it only when its io_context does not run.   Threads:
// the io_context's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <unordered_set>

#include "doors/gateway/connection.h"
#include "doors/gateway/services.h"
#include "doors/gateway/setup.h"

namespace anechoic::gateway {

class Server {
 public:
  Server(boost::asio::io_context& context, Services services, std::shared_ptr<const Setup> setup);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void accept(net::Socket socket, const ip::Endpoint& remote);
  void use(std::shared_ptr<const Setup> setup);
  void shut_down();
  [[nodiscard]] std::size_t sessions() const { return connections_.size(); }

 private:
  struct Offer;  // what decides a session's options besides the Setup

  boost::asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  [[nodiscard]] std::shared_ptr<const smtp::ServerOptions> session_options(const std::shared_ptr<const Setup>& setup,
                                                                           const ip::Address& client);

  boost::asio::io_context& context_;
  Services services_;
  std::shared_ptr<const Setup> setup_;
  std::unordered_set<Connection*> connections_;
  std::unique_ptr<Offer> last_offer_;
  std::shared_ptr<const smtp::ServerOptions> last_options_;
  bool shutting_down_ = false;
};

}  // namespace anechoic::gateway
