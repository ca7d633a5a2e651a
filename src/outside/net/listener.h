// SPDX-License-Identifier: Apache-2.0
// Listening sockets: bound once, accepted from by every thread.
//
// A ListeningSocket is made at start; each thread makes a Listener from it, which waits on a dup of its own. One
// connection is taken a wake-up, so that threads share a rush of them. Accepted sockets have TCP_NODELAY.
// Out of descriptors or memory: accept() says so to `on_trouble` and tries again after kBackOff; what waits in the
// backlog is not lost. Errors: Io ("127.0.0.1:25: Permission denied"), Unavailable (closed). Threads: ListeningSocket
// any; Listener its io_context. Lifetime: a Listener outlives the coroutine in accept().
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>

#include "base/ip.h"
#include "base/result.h"
#include "outside/net/stream.h"

namespace anechoic::net {

class ListeningSocket {
 public:
  static constexpr int kBacklog = 1024;
  [[nodiscard]] static Result<ListeningSocket> bind(const ip::Endpoint& endpoint);
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  [[nodiscard]] const ip::Endpoint& endpoint() const { return endpoint_; }  // with the real port, if 0 was asked for
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  ListeningSocket(int descriptor, const ip::Endpoint& endpoint) : descriptor_(descriptor), endpoint_(endpoint) {}
  int descriptor_ = -1;
  ip::Endpoint endpoint_;
};

struct Accepted {
  Socket socket;
  ip::Endpoint remote;
};

class Listener {
 public:
  static constexpr std::chrono::milliseconds kBackOff{100};
  using OnTrouble = std::function<void(const Error&)>;

  [[nodiscard]] static Result<std::unique_ptr<Listener>> make(asio::io_context& context, const ListeningSocket& socket,
                                                              OnTrouble on_trouble = {});
  [[nodiscard]] Task<Result<Accepted>> accept();
  void close();  // a pending accept() ends with Unavailable

 private:
  Listener(asio::io_context& context, int descriptor, int family, OnTrouble on_trouble);
  asio::io_context& context_;
  Socket socket_;
  asio::steady_timer back_off_;
  OnTrouble on_trouble_;
};

}  // namespace anechoic::net
