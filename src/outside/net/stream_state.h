// SPDX-License-Identifier: Apache-2.0
// What a Stream holds, for stream.cc (bytes) and stream_tls.cc (handshake). Inner part of the room.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>

#include "outside/net/deferred.h"
#include "outside/net/shared_buffer.h"
#include "outside/net/stream.h"

namespace anechoic::net {

struct Stream::State final : Deadline {
  State(Socket socket_in, DeadlineWheel& wheel);

  // A wait's deadline stays armed after it: the next wait then only notes a new time. So `waits` says whether the
  // expiry is about anybody.
  void begin_wait(SteadyTime& slot, SteadyTime deadline);
  void end_wait(SteadyTime& slot);
  void expired() override;
  void close();

  // Empty = nothing there.
  [[nodiscard]] Result<std::string_view> read();
  [[nodiscard]] Result<std::size_t> write(std::string_view bytes);
  [[nodiscard]] Result<void> start_tls(const TlsContext& context);
  [[nodiscard]] Result<std::string_view> read_tls();
  [[nodiscard]] Result<std::size_t> write_tls(std::string_view bytes);
  // Why a wait or call failed, once the stream was closed by us.
  [[nodiscard]] Failure closed_failure() const { return ended(timed_out); }
  [[nodiscard]] static Failure ended(bool late);
  // Of an OpenSSL call that returned `result` and wants neither reading nor writing.
  [[nodiscard]] Failure tls_failure(int ssl_error);

  struct FreeSsl {
    void operator()(SSL* freed) const { SSL_free(freed); }
  };

  Socket socket;
  SharedBuffer* buffer;
  std::unique_ptr<SSL, FreeSsl> ssl;
  SteadyTime read_until = SteadyTime::max();
  SteadyTime write_until = SteadyTime::max();
  bool drained = false;           // the last read took all there was
  bool read_wants_write = false;  // TLS: before it can go on in that direction
  bool write_wants_read = false;
  bool timed_out = false;  // closed by the deadline
};

}  // namespace anechoic::net
