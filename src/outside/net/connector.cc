// SPDX-License-Identifier: Apache-2.0
#include "outside/net/connector.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

#include "outside/net/deferred.h"
#include "outside/net/sockaddr.h"

namespace anechoic::net {

namespace {

class CloseAtDeadline final : public Deadline {
 public:
  CloseAtDeadline(DeadlineWheel& wheel, Socket& socket) : Deadline(wheel), socket_(socket) {}
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  void expired() override {
    passed_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  Socket& socket_;
  bool passed_ = false;
};

Result<std::vector<ip::Endpoint>> look_up(const TcpDestination& destination) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int failed = ::getaddrinfo(destination.host.c_str(), nullptr, &hints, &list);
  if (failed != 0) return fail(Errc::Unavailable, destination.host + ": " + ::gai_strerror(failed));
  std::vector<ip::Endpoint> endpoints;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    SocketAddress address;
    address.size = entry->ai_addrlen;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    endpoints.push_back({to_endpoint(address).address, destination.port});
  }
  ::freeaddrinfo(list);
  if (endpoints.empty()) return fail(Errc::Unavailable, destination.host + ": no address");
  return endpoints;
}

std::unexpected<Error> about(const std::string& what, Error error) {
  error.detail = what + ": " + error.detail;
  return std::unexpected(std::move(error));
}

}  // namespace

Connector::Connector(asio::io_context& context, DeadlineWheel& wheel, Worker& resolver)
    : context_(context), wheel_(wheel), resolver_(resolver) {}

Task<Result<Socket>> Connector::connect(const Destination& destination, SteadyTime deadline) {
  if (const auto* tcp = std::get_if<TcpDestination>(&destination)) co_return co_await connect_tcp(*tcp, deadline);
  const std::string& path = std::get<UnixDestination>(destination).path;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    co_return fail(Errc::Limit, "\"" + path + "\": the path of a unix socket has at most 107 octets");
  }
  Result<Socket> socket = co_await connect_to(asio::local::stream_protocol::endpoint(path), deadline);
  if (!socket) co_return about(path, std::move(socket.error()));
  co_return socket;
}

Task<Result<std::vector<ip::Endpoint>>> Connector::resolve(TcpDestination destination) {
  if (const Result<ip::Address> address = ip::parse_address(destination.host)) {
    co_return std::vector<ip::Endpoint>{{*address, destination.port}};
  }
  std::move_only_function<Result<std::vector<ip::Endpoint>>()> job = [destination] { return look_up(destination); };
  co_return co_await resolver_.run<std::vector<ip::Endpoint>>(std::move(job));
}

Task<Result<Socket>> Connector::connect_tcp(const TcpDestination& destination, SteadyTime deadline) {
  Result<std::vector<ip::Endpoint>> endpoints = co_await resolve(destination);
  if (!endpoints) co_return std::unexpected(std::move(endpoints.error()));
  Result<Socket> socket = fail(Errc::Timeout, "no answer in time");
  std::size_t left = endpoints->size();
  for (const ip::Endpoint& endpoint : *endpoints) {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= deadline) break;
    const SteadyTime until = left == 1 ? deadline : now + (deadline - now) / static_cast<std::int64_t>(left);
    --left;
    const SocketAddress address = to_socket_address(endpoint);
    socket = co_await connect_to({address.get(), address.size, IPPROTO_TCP}, until);
    if (socket) {
      const asio::ip::tcp::no_delay on(true);
      boost::system::error_code ignored;
      socket->set_option(on, ignored);
      co_return socket;
    }
  }
  co_return about(destination.host + ":" + std::to_string(destination.port), std::move(socket.error()));
}

Task<Result<Socket>> Connector::connect_to(asio::generic::stream_protocol::endpoint endpoint, SteadyTime deadline) {
  Socket socket(context_);
  boost::system::error_code failed;
  socket.open(endpoint.protocol(), failed);
  if (failed) co_return fail(Errc::Exhausted, failed.message());
  CloseAtDeadline watch(wheel_, socket);
  watch.arm(deadline);
  const auto [error] = co_await socket.async_connect(endpoint, kDeferred);
  watch.disarm();
  if (watch.passed()) co_return fail(Errc::Timeout, "no answer in time");
  if (error) co_return fail(Errc::Unavailable, error.message());
  co_return socket;
}

}  // namespace anechoic::net
