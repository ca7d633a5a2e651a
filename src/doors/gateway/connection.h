// SPDX-License-Identifier: Apache-2.0
// One client: moves bytes between its stream and the SMTP session, and the session's questions to the inspector and the
// Exchange. One coroutine; it waits for one thing at a time (docs/decisions/0004).
//
// Lifetime: held by its own coroutine and the Server's list.   Threads: the Server's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "doors/gateway/exchange.h"
#include "doors/gateway/services.h"
#include "doors/gateway/setup.h"
#include "outside/net/stream.h"
#include "wire/smtp/server_session.h"

namespace anechoic::gateway {

class Connection {
 public:
  // What a session of that client is offered; asked again when a PROXY header names the client.
  using Offers = std::function<std::shared_ptr<const smtp::ServerOptions>(const std::shared_ptr<const Setup>&,
                                                                          const ip::Address&)>;

  // `unit`: the client's place among the connections; one that a PROXY header is to come from has none yet.
  Connection(const Services& services, std::shared_ptr<const Setup> setup, Offers offers, net::Quota::Unit unit,
             net::Socket socket, ip::Endpoint remote);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Serves the client to the end. The connection is closed when it returns.
  boost::asio::awaitable<void> run();
  // The program is about to stop: an idle client hears 421 now, a busy one after its transaction.
  void shut_down();

 private:
  enum class Next : std::uint8_t { Read, WaitForAnswers, Tls, Close };

  boost::asio::awaitable<bool> welcome();
  boost::asio::awaitable<bool> read_proxy_header();
  [[nodiscard]] bool admit();
  boost::asio::awaitable<bool> start_tls();
  boost::asio::awaitable<bool> read_client();
  boost::asio::awaitable<bool> flush();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<void> leave();
  [[nodiscard]] Next pump();
  [[nodiscard]] bool handle(const smtp::ServerEvent& event, Next& next);
  void hello(const smtp::AskHelo& question);
  void xclient(const smtp::AskXclient& question);
  [[nodiscard]] judge::Client described() const;
  [[nodiscard]] ClientView client_view();
  [[nodiscard]] SteadyTime deadline() const;
  void progressed();
  void forget_forwarded();
  [[nodiscard]] bool exchange_blocks() const { return exchange_ && exchange_->over(); }

  const Services& services_;
  std::shared_ptr<const Setup> setup_;
  Offers offers_;
  net::Quota::Unit unit_;
  net::Stream stream_;
  smtp::ServerSession session_;
  inspect::Session inspected_;
  ip::Endpoint remote_;
  std::string name_;
  std::unique_ptr<smtp::Identity> forwarded_;  // XFORWARD
  std::string helo_;
  bool extended_ = false;
  bool shutting_down_ = false;
  bool greeted_ = false;
  std::string_view ended_by_;  // a reason, "" = QUIT
  SteadyTime since_{};         // when the present command could begin, or the body began
  SteadyTime last_read_{};
  std::uint64_t body_octets_ = 0;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace anechoic::gateway
