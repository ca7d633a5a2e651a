// SPDX-License-Identifier: Apache-2.0
#include "outside/net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "outside/net/deferred.h"
#include "outside/net/sockaddr.h"

namespace anechoic::net {

namespace {

// They pass by themselves when a connection ends.
bool out_of_resources(int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOBUFS || error_number == ENOMEM;
}

// The connection that was to be accepted failed, not the listener. accept(2)
bool of_one_connection(int error_number) {
  switch (error_number) {
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
    case EPERM:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<ListeningSocket> ListeningSocket::bind(const ip::Endpoint& endpoint) {
  const SocketAddress address = to_socket_address(endpoint);
  const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return fail_errno(ip::to_string(endpoint), errno);
  ListeningSocket made(descriptor, endpoint);
  const int on = 1;
  bool good = ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0;
  // Accepted sockets inherit it.
  good = good && ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
  // [::] must leave 0.0.0.0 to whoever lists it.
  if (address.family() == AF_INET6) {
    good = good && ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0;
  }
  good = good && ::bind(descriptor, address.get(), address.size) == 0;
  good = good && ::listen(descriptor, kBacklog) == 0;
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  good = good && ::getsockname(descriptor, bound.get(), &bound.size) == 0;
  if (!good) return fail_errno(ip::to_string(endpoint), errno);
  made.endpoint_ = to_endpoint(bound);
  return made;
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), endpoint_(other.endpoint_) {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(endpoint_, other.endpoint_);
  return *this;
}

ListeningSocket::~ListeningSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Listener::Listener(asio::io_context& context, int descriptor, int family, OnTrouble on_trouble)
    : context_(context),
      socket_(context, asio::generic::stream_protocol(family, IPPROTO_TCP), descriptor),
      back_off_(context),
      on_trouble_(std::move(on_trouble)) {}

Result<std::unique_ptr<Listener>> Listener::make(asio::io_context& context, const ListeningSocket& socket,
                                                 OnTrouble on_trouble) {
  const int copy = ::fcntl(socket.descriptor(), F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return fail_errno(ip::to_string(socket.endpoint()), errno);
  const int family = socket.endpoint().address.is_v4() ? AF_INET : AF_INET6;
  return std::unique_ptr<Listener>(new Listener(context, copy, family, std::move(on_trouble)));
}

Task<Result<Accepted>> Listener::accept() {
  while (socket_.is_open()) {
    const auto [error] = co_await socket_.async_wait(Socket::wait_read, kDeferred);
    if (error) break;
    SocketAddress remote;
    remote.size = sizeof remote.storage;
    const int descriptor = ::accept4(socket_.native_handle(), remote.get(), &remote.size, SOCK_CLOEXEC);
    int error_number = errno;
    if (descriptor >= 0) {
      Accepted accepted{Socket(context_), to_endpoint(remote)};
      boost::system::error_code failed;
      accepted.socket.assign(asio::generic::stream_protocol(remote.family(), IPPROTO_TCP), descriptor, failed);
      if (!failed) co_return accepted;
      ::close(descriptor);
      error_number = failed.value();
    }
    if (error_number == EAGAIN || error_number == EWOULDBLOCK || of_one_connection(error_number)) continue;
    if (!out_of_resources(error_number)) co_return fail_errno("accept", error_number);
    if (on_trouble_) on_trouble_(fail_errno("accept", error_number).error());
    back_off_.expires_after(kBackOff);
    (void)co_await back_off_.async_wait(kDeferred);
  }
  co_return fail(Errc::Unavailable, "closed");
}

void Listener::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  back_off_.cancel();
}

}  // namespace anechoic::net
