// SPDX-License-Identifier: Apache-2.0
// One connection, plain or TLS, that costs almost nothing while it waits.
//
// Reads go into a buffer that all streams of an io_context share: receive() waits for readability holding no memory,
// then reads; the view it returns is valid until the next suspension of the caller or the next read of any stream. Both
// directions try first and wait only on EAGAIN; after a read that left nothing behind, receive() waits at once.
// TLS runs on the connection's own descriptor (SSL_set_fd, SSL_MODE_RELEASE_BUFFERS). OpenSSL writes without
// MSG_NOSIGNAL, so the program ignores SIGPIPE (main).
//
// Deadlines: every wait ends at `deadline` (see deadline.h) with Errc::Timeout. A write's or handshake's closes the
// stream; receive()'s leaves it open, so that a last word can be said. One wait in each direction may be pending at a
// time. Errors: Unavailable (closed by the other side, reset, refused), Timeout, Refused (TLS verification), Io. After
// an error the stream is of no use; close() or destroy it. Threads: the io_context it was made on. Lifetime: outlives
// its awaiting coroutine.                     DESIGN 3c, 4
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "outside/net/deadline.h"
#include "outside/net/tls.h"

namespace anechoic::net {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

template <typename T>
using Task = asio::awaitable<T>;

class Stream {
 public:
  Stream(Socket socket, DeadlineWheel& wheel);
  Stream(Stream&&) = delete;
  ~Stream();

  // Waits for bytes, reads what is there (at most 64 KiB). Never returns an empty view: end of stream is Unavailable
  // "closed".
  [[nodiscard]] Task<Result<std::string_view>> receive(SteadyTime deadline);
  // What can be read without waiting; empty when nothing is there.
  [[nodiscard]] Result<std::string_view> receive_now();
  // Writes all of it, or fails.
  [[nodiscard]] Task<Result<void>> send(std::string_view bytes, SteadyTime deadline);
  // Writes what goes without waiting and says how much: the fast path before send(), which must then be given the rest.
  [[nodiscard]] Result<std::size_t> send_now(std::string_view bytes);
  // Waits until something can be written or read, whichever comes first. For a writer that must hear an early answer.
  [[nodiscard]] Task<Result<void>> wait_either(SteadyTime deadline);

  // The handshakes. `server_name`: what a verifying context checks, and SNI; may be an IP address.
  [[nodiscard]] Task<Result<void>> accept_tls(const TlsContext& context, SteadyTime deadline);
  [[nodiscard]] Task<Result<void>> connect_tls(const TlsContext& context, const std::string& server_name,
                                               SteadyTime deadline);
  [[nodiscard]] bool in_tls() const;
  [[nodiscard]] std::string tls_description() const;  // "TLSv1.3 TLS_AES_256_GCM_SHA384"; "" when plain

  // Bytes, the end or an error are waiting (for early talkers, pipelined STARTTLS, dead pooled connections).
  [[nodiscard]] bool has_input() const;
  [[nodiscard]] bool is_open() const;
  void close();      // at once; pending waits end with Unavailable
  void shut_down();  // orderly: close_notify if TLS, FIN
  // Orderly, and then closed. Where the other side has sent what nobody read, it is told that we say no more and is
  // read to its end (at most 1 MiB, until `deadline`): closing at once would reset the connection and could take our
  // last reply away from it.
  [[nodiscard]] Task<void> leave(SteadyTime deadline);
  [[nodiscard]] Result<ip::Endpoint> remote() const;  // unix sockets: 127.0.0.1:0
  [[nodiscard]] asio::any_io_executor executor();

 private:
  struct State;
  [[nodiscard]] Task<Result<void>> handshake(SteadyTime deadline);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::net
