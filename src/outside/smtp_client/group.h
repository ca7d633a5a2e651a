// SPDX-License-Identifier: Apache-2.0
// The backends of one group as configured, and what is remembered of them: one object for all threads.
//
// Remembered, in memory only: what each endpoint offered when last seen, and which failed lately. A failed endpoint is
// passed over for Options::back_off, doubled with each further failure up to Options::back_off_most.
// Errors at making: Syntax (URLs, TLS settings), Io (CA file).
// Threads: any. Lifetime: shared by the pools of all threads.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "outside/net/tls.h"
#include "outside/smtp_client/endpoint.h"
#include "wire/smtp/backend_dialogue.h"

namespace anechoic::smtp_client {

enum class Tls : std::uint8_t {
  Never,
  IfOffered,  // any certificate; if the handshake fails, without TLS
  Required,   // encrypted, any certificate
  Verified,   // name and chain are checked
};

struct Options {
  std::string hostname = "localhost";  // in EHLO/LHLO
  Tls tls = Tls::IfOffered;            // over unix sockets: IfOffered is Never
  std::string ca_file{};               // for Verified; "" = the system's roots
  bool xforward = false;               // identity = "xforward"

  std::chrono::milliseconds connect{15'000};
  std::chrono::milliseconds greeting{60'000};
  std::chrono::milliseconds command{100'000};
  std::chrono::milliseconds data_block{100'000};  // until one piece of the body is taken
  std::chrono::milliseconds data_done{300'000};   // from the final dot to its answer; DESIGN: below the client's 600 s

  unsigned idle_connections = 20;               // kept a thread and group
  std::chrono::milliseconds idle_time{60'000};  // then they are closed
  unsigned messages = 500;                      // a connection; many servers end a session after 1000
  std::chrono::milliseconds back_off{1'000};    // after a failure
  std::chrono::milliseconds back_off_most{60'000};
};

class Group {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Group>> make(const std::vector<std::string>& urls, Options options);

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  [[nodiscard]] const net::TlsContext* tls() const { return tls_.get(); }
  // For the session with endpoint `index`; without_tls: the second try after a failed opportunistic handshake.
  [[nodiscard]] std::shared_ptr<const smtp::ClientOptions> session_options(std::size_t index, bool without_tls) const;

  void succeeded(std::size_t index, const smtp::Capabilities& capabilities);
  void failed(std::size_t index, SteadyTime now);
  [[nodiscard]] bool is_backed_off(std::size_t index, SteadyTime now) const;
  // What all endpoints seen so far can take; nothing while none was seen.
  [[nodiscard]] smtp::Capabilities common_capabilities() const;

 private:
  struct Memory {
    std::optional<smtp::Capabilities> capabilities;
    unsigned failures = 0;  // in a row
    SteadyTime retry_at{};
  };
  Group(std::vector<Endpoint> endpoints, Options options, std::shared_ptr<const net::TlsContext> tls);

  const std::vector<Endpoint> endpoints_;
  const Options options_;
  const std::shared_ptr<const net::TlsContext> tls_;
  std::vector<std::shared_ptr<const smtp::ClientOptions>> session_options_;  // two for each endpoint
  mutable std::mutex mutex_;
  std::vector<Memory> memory_;
};

// The weaker of both in everything.
[[nodiscard]] smtp::Capabilities common(const smtp::Capabilities& one, const smtp::Capabilities& other);

}  // namespace anechoic::smtp_client
