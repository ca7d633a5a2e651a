// SPDX-License-Identifier: Apache-2.0
// TLS settings and their OpenSSL context. The server's context is made anew when certificate or key change on disk.
// Errors at making: Io, Syntax, with what to do.   Threads: a made context may be used from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"

struct ssl_ctx_st;

namespace anechoic::net {

class TlsContext {
 public:
  // PEM files: the chain (leaf first) and its key.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> server(const std::string& certificate_file,
                                                                        const std::string& key_file);
  // verify: the server's name and chain are checked against the system's roots, or `ca_file` when it is not empty.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> client(bool verify, const std::string& ca_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // When the leaf certificate is valid; nothing without one.
  struct Validity {
    WallTime from;
    WallTime until;
  };
  [[nodiscard]] std::optional<Validity> validity() const;

  [[nodiscard]] ssl_ctx_st* native() const { return context_; }
  [[nodiscard]] bool verifies() const { return verifies_; }

 private:
  TlsContext(ssl_ctx_st* context, bool verifies) : context_(context), verifies_(verifies) {}
  ssl_ctx_st* context_;
  bool verifies_;
};

}  // namespace anechoic::net
