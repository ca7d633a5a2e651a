// SPDX-License-Identifier: Apache-2.0
// Connections to the outside: TCP by name or address, and unix sockets.
//
// Names are looked up by getaddrinfo on a Worker; addresses go without. Several addresses of a name are tried in the
// order of the system (RFC 6724), each with a share of the time left. TCP sockets have TCP_NODELAY.
// Errors: Unavailable (refused, no such host, unreachable), Timeout, Exhausted (the Worker's queue, descriptors), Io;
// `detail` names the destination.
// Threads: connect() on its io_context. Lifetime: the Connector outlives its callers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "outside/net/stream.h"
#include "outside/net/worker.h"

namespace anechoic::net {

struct TcpDestination {
  std::string host;  // name or address, without brackets
  std::uint16_t port = 0;
  friend bool operator==(const TcpDestination&, const TcpDestination&) = default;
};
struct UnixDestination {
  std::string path;
  friend bool operator==(const UnixDestination&, const UnixDestination&) = default;
};
using Destination = std::variant<TcpDestination, UnixDestination>;

class Connector {
 public:
  Connector(asio::io_context& context, DeadlineWheel& wheel, Worker& resolver);
  [[nodiscard]] Task<Result<Socket>> connect(const Destination& destination, SteadyTime deadline);
  [[nodiscard]] Task<Result<std::vector<ip::Endpoint>>> resolve(TcpDestination destination);

 private:
  [[nodiscard]] Task<Result<Socket>> connect_tcp(const TcpDestination& destination, SteadyTime deadline);
  [[nodiscard]] Task<Result<Socket>> connect_to(asio::generic::stream_protocol::endpoint endpoint, SteadyTime deadline);
  asio::io_context& context_;
  DeadlineWheel& wheel_;
  Worker& resolver_;
};

}  // namespace anechoic::net
