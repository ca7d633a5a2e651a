// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server for pages that are ready at once: metrics, health, status.
//
// GET and HEAD only, no bodies in, no names, no files. A path that `pages` does not know is 404. Everything is bounded:
// connections, header size, requests per connection, time per request; a client above a bound is closed or hears 431,
// 408 or 503.
// Threads: the io_context's; `pages` is called there and must not block. Lifetime: destroy it only when its io_context
// does not run, or after stop() and one more run.                                                   RFC 9110, RFC 9112
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "outside/net/deadline.h"
#include "outside/net/listener.h"

namespace anechoic::http {

struct Options {
  unsigned connections = 64;                       // further ones hear 503
  unsigned header_octets = 8192;                   // of a request
  unsigned requests = 1000;                        // of one connection
  std::chrono::milliseconds request_time{10'000};  // for a whole request, and to take the response
};

struct Page {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class Server {
 public:
  // The path without its query, as given (not decoded). Empty: 404.
  using Pages = std::function<std::optional<Page>(std::string_view path)>;

  // Begins to accept when the io_context runs.   Errors: Io.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(boost::asio::io_context& context,
                                                             net::DeadlineWheel& wheel,
                                                             const net::ListeningSocket& socket, Options options,
                                                             Pages pages);
  ~Server();
  void stop();  // closes the listener and all connections

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace anechoic::http
