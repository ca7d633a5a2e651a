// SPDX-License-Identifier: Apache-2.0
#include "outside/net/stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <system_error>

#include "outside/net/sockaddr.h"
#include "outside/net/stream_state.h"

namespace anechoic::net {

namespace {

Failure broken(int error_number) {
  return fail(Errc::Unavailable, std::generic_category().message(error_number));
}

asio::execution_context& context_of(Socket& socket) {
  return asio::query(socket.get_executor(), asio::execution::context);
}

}  // namespace

Stream::State::State(Socket socket_in, DeadlineWheel& wheel)
    : Deadline(wheel), socket(std::move(socket_in)), buffer(&asio::use_service<SharedBuffer>(context_of(socket))) {
  boost::system::error_code ignored;  // a socket that can't be made non-blocking fails at its first use
  socket.native_non_blocking(true, ignored);
}

void Stream::State::begin_wait(SteadyTime& slot, SteadyTime deadline) {
  slot = deadline;
  arm(std::min(read_until, write_until));
}

void Stream::State::end_wait(SteadyTime& slot) {
  slot = SteadyTime::max();
}

void Stream::State::expired() {
  const SteadyTime earliest = std::min(read_until, write_until);
  if (earliest > std::chrono::steady_clock::now()) return arm(earliest);
  timed_out = true;
  if (write_until != SteadyTime::max()) return close();
  boost::system::error_code ignored;
  socket.cancel(ignored);  // a reader may still want to say why it goes
}

void Stream::State::close() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

Failure Stream::State::ended(bool late) {
  return late ? fail(Errc::Timeout, "no answer in time") : fail(Errc::Unavailable, "closed");
}

Result<std::string_view> Stream::State::read() {
  if (!socket.is_open()) return closed_failure();
  if (ssl) return read_tls();
  while (true) {
    const ssize_t got = ::recv(socket.native_handle(), buffer->data(), SharedBuffer::kSize, MSG_DONTWAIT);
    if (got > 0) {
      drained = static_cast<std::size_t>(got) < SharedBuffer::kSize;
      return std::string_view(buffer->data(), static_cast<std::size_t>(got));
    }
    if (got == 0) return fail(Errc::Unavailable, "closed");
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      drained = true;
      return std::string_view{};
    }
    if (errno != EINTR) return broken(errno);
  }
}

Result<std::size_t> Stream::State::write(std::string_view bytes) {
  if (!socket.is_open()) return closed_failure();
  if (ssl) return write_tls(bytes);
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t sent =
        ::send(socket.native_handle(), bytes.data() + written, bytes.size() - written, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
      written += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      break;
    } else if (errno != EINTR) {
      return broken(errno);
    }
  }
  return written;
}

Stream::Stream(Socket socket, DeadlineWheel& wheel) : state_(std::make_unique<State>(std::move(socket), wheel)) {}

Stream::~Stream() = default;

Task<Result<std::string_view>> Stream::receive(SteadyTime deadline) {
  State& state = *state_;
  bool wait_first = state.drained;
  while (true) {
    if (!wait_first) {
      Result<std::string_view> got = state.read();
      if (!got || !got->empty()) co_return got;
    }
    wait_first = false;
    if (!state.socket.is_open()) co_return state.closed_failure();
    state.begin_wait(state.read_until, deadline);
    const auto direction = state.read_wants_write ? Socket::wait_write : Socket::wait_read;
    const auto [error] = co_await state.socket.async_wait(direction, kDeferred);
    state.end_wait(state.read_until);
    const bool late = state.timed_out;
    state.timed_out = late && !state.socket.is_open();
    if (error) co_return State::ended(late);
  }
}

Result<std::string_view> Stream::receive_now() {
  return state_->read();
}

Task<Result<void>> Stream::send(std::string_view bytes, SteadyTime deadline) {
  State& state = *state_;
  while (true) {
    const Result<std::size_t> sent = state.write(bytes);
    if (!sent) co_return std::unexpected(sent.error());
    bytes.remove_prefix(*sent);
    if (bytes.empty()) co_return Result<void>{};
    state.begin_wait(state.write_until, deadline);
    const auto direction = state.write_wants_read ? Socket::wait_read : Socket::wait_write;
    const auto [error] = co_await state.socket.async_wait(direction, kDeferred);
    state.end_wait(state.write_until);
    if (error) co_return state.closed_failure();
  }
}

Result<std::size_t> Stream::send_now(std::string_view bytes) {
  return state_->write(bytes);
}

Task<Result<void>> Stream::wait_either(SteadyTime deadline) {
  State& state = *state_;
  if (!state.socket.is_open()) co_return state.closed_failure();
  state.begin_wait(state.write_until, deadline);
  co_await asio::experimental::make_parallel_group(state.socket.async_wait(Socket::wait_read, asio::deferred),
                                                   state.socket.async_wait(Socket::wait_write, asio::deferred))
      .async_wait(asio::experimental::wait_for_one(), asio::deferred);
  state.end_wait(state.write_until);
  if (!state.socket.is_open()) co_return state.closed_failure();
  co_return Result<void>{};
}

bool Stream::has_input() const {
  State& state = *state_;
  if (!state.socket.is_open()) return true;
  char byte = 0;
  if (state.ssl) {
    ERR_clear_error();
    const int got = SSL_peek(state.ssl.get(), &byte, 1);
    return got > 0 || SSL_get_error(state.ssl.get(), got) != SSL_ERROR_WANT_READ;
  }
  const ssize_t got = ::recv(state.socket.native_handle(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

bool Stream::is_open() const {
  return state_->socket.is_open();
}

void Stream::close() {
  state_->close();
}

void Stream::shut_down() {
  State& state = *state_;
  if (!state.socket.is_open()) return;
  if (state.ssl) {
    ERR_clear_error();
    SSL_shutdown(state.ssl.get());
  }
  boost::system::error_code ignored;
  state.socket.shutdown(Socket::shutdown_send, ignored);
}

Task<void> Stream::leave(SteadyTime deadline) {
  constexpr std::size_t kDiscarded = 1 << 20;
  State& state = *state_;
  if (!state.socket.is_open()) co_return;
  if (state.ssl) {
    ERR_clear_error();
    SSL_shutdown(state.ssl.get());
    state.ssl.reset();  // what still comes is not looked at
  }
  char byte = 0;
  if (::recv(state.socket.native_handle(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0) {
    boost::system::error_code ignored;
    state.socket.shutdown(Socket::shutdown_send, ignored);
    state.drained = false;
    for (std::size_t discarded = 0; discarded < kDiscarded;) {
      const auto unread = co_await receive(deadline);
      if (!unread) break;
      discarded += unread->size();
    }
  }
  state.close();
}

Result<ip::Endpoint> Stream::remote() const {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getpeername(state_->socket.native_handle(), address.get(), &address.size) != 0) {
    return fail_errno("getpeername", errno);
  }
  return to_endpoint(address);
}

asio::any_io_executor Stream::executor() {
  return state_->socket.get_executor();
}

}  // namespace anechoic::net
