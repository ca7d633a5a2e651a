// SPDX-License-Identifier: Apache-2.0
// The TLS half of Stream: OpenSSL on the connection's own descriptor.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "base/ip.h"
#include "outside/net/stream_state.h"

namespace anechoic::net {

namespace {

std::string last_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return "TLS error";
  const char* reason = ERR_reason_error_string(code);
  return std::string("TLS: ") + (reason != nullptr ? reason : "unknown error");
}

}  // namespace

Failure Stream::State::tls_failure(int ssl_error) {
  const int error_number = errno;
  if (!socket.is_open()) return closed_failure();
  const long verified = SSL_get_verify_result(ssl.get());
  if (!SSL_is_init_finished(ssl.get()) && verified != X509_V_OK && SSL_get_verify_mode(ssl.get()) != SSL_VERIFY_NONE) {
    return fail(Errc::Refused,
                std::string("TLS: certificate not accepted: ") + X509_verify_cert_error_string(verified));
  }
  if (ssl_error == SSL_ERROR_ZERO_RETURN) return fail(Errc::Unavailable, "closed");
  if (ssl_error == SSL_ERROR_SYSCALL) {
    if (error_number == 0) return fail(Errc::Unavailable, "closed");
    return fail(Errc::Unavailable, std::generic_category().message(error_number));
  }
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return fail(Errc::Unavailable, "closed");
  return fail(Errc::Unavailable, last_openssl_error());
}

Result<std::string_view> Stream::State::read_tls() {
  std::size_t total = 0;
  read_wants_write = false;
  do {
    ERR_clear_error();
    errno = 0;
    const int room = static_cast<int>(SharedBuffer::kSize - total);
    const int got = SSL_read(ssl.get(), buffer->data() + total, room);
    if (got > 0) {
      total += static_cast<std::size_t>(got);
      continue;
    }
    const int error = SSL_get_error(ssl.get(), got);
    // What was read before the end is given first; the end is met again at the next call.
    if (total > 0) break;
    if (error == SSL_ERROR_WANT_READ) return std::string_view{};
    if (error == SSL_ERROR_WANT_WRITE) {
      read_wants_write = true;
      return std::string_view{};
    }
    return tls_failure(error);
  } while (total < SharedBuffer::kSize && SSL_has_pending(ssl.get()) != 0);
  // A full record is probably followed by another one.
  drained = total < SSL3_RT_MAX_PLAIN_LENGTH && SSL_has_pending(ssl.get()) == 0;
  return std::string_view(buffer->data(), total);
}

Result<std::size_t> Stream::State::write_tls(std::string_view bytes) {
  std::size_t written = 0;
  write_wants_read = false;
  while (written < bytes.size()) {
    ERR_clear_error();
    errno = 0;
    std::size_t sent = 0;
    const int done = SSL_write_ex(ssl.get(), bytes.data() + written, bytes.size() - written, &sent);
    if (done > 0) {
      written += sent;
      continue;
    }
    const int error = SSL_get_error(ssl.get(), done);
    if (error == SSL_ERROR_WANT_WRITE) break;
    if (error == SSL_ERROR_WANT_READ) {
      write_wants_read = true;
      break;
    }
    return tls_failure(error);
  }
  return written;
}

Task<Result<void>> Stream::handshake(SteadyTime deadline) {
  State& state = *state_;
  state.drained = false;
  while (true) {
    ERR_clear_error();
    errno = 0;
    const int done = SSL_do_handshake(state.ssl.get());
    if (done == 1) co_return Result<void>{};
    const int error = SSL_get_error(state.ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      const Failure failure = state.tls_failure(error);
      state.close();
      co_return failure;
    }
    const auto direction = error == SSL_ERROR_WANT_READ ? Socket::wait_read : Socket::wait_write;
    state.begin_wait(state.read_until, deadline);
    const auto [failed] = co_await state.socket.async_wait(direction, kDeferred);
    state.end_wait(state.read_until);
    if (failed) {
      const Failure failure = state.closed_failure();
      state.close();
      co_return failure;
    }
  }
}

Result<void> Stream::State::start_tls(const TlsContext& context) {
  if (!socket.is_open()) return closed_failure();
  if (ssl) return fail(Errc::Refused, "TLS is already in use");
  ssl.reset(SSL_new(context.native()));
  if (!ssl || SSL_set_fd(ssl.get(), socket.native_handle()) != 1) return fail(Errc::Exhausted, last_openssl_error());
  return {};
}

Task<Result<void>> Stream::accept_tls(const TlsContext& context, SteadyTime deadline) {
  if (Result<void> started = state_->start_tls(context); !started) co_return started;
  SSL_set_accept_state(state_->ssl.get());
  co_return co_await handshake(deadline);
}

Task<Result<void>> Stream::connect_tls(const TlsContext& context, const std::string& server_name, SteadyTime deadline) {
  if (Result<void> started = state_->start_tls(context); !started) co_return started;
  SSL* ssl = state_->ssl.get();
  SSL_set_connect_state(ssl);
  const bool is_address = ip::parse_address(server_name).has_value();
  if (!is_address) SSL_set_tlsext_host_name(ssl, server_name.c_str());
  if (context.verifies()) {
    const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server_name.c_str())
                               : SSL_set1_host(ssl, server_name.c_str());
    if (set != 1) co_return fail(Errc::Refused, "TLS: \"" + server_name + "\" is no name that can be verified");
  }
  co_return co_await handshake(deadline);
}

bool Stream::in_tls() const {
  return state_->ssl != nullptr && SSL_is_init_finished(state_->ssl.get()) != 0;
}

std::string Stream::tls_description() const {
  if (!in_tls()) return {};
  return std::string(SSL_get_version(state_->ssl.get())) + " " + SSL_get_cipher_name(state_->ssl.get());
}

}  // namespace anechoic::net
