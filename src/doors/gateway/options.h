// SPDX-License-Identifier: Apache-2.0
// Settings of the gateway door.   Threads: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ip.h"
#include "outside/spool/spool.h"
#include "wire/smtp/relay.h"
#include "wire/smtp/server_session.h"

namespace anechoic::gateway {

// How long a client may take. A deadline is set when a command may begin and is not moved by single bytes (slow loris).
struct Timeouts {
  std::chrono::seconds command{300};         // for one complete command; RFC 5321 4.5.3.2.7
  std::chrono::seconds block{180};           // between two pieces of a body; RFC 5321 4.5.3.2.5
  std::chrono::seconds body_grace{60};       // before minimum_rate is asked for
  std::uint64_t minimum_rate = 500;          // octets a second, of the body as a whole
  std::chrono::seconds write{60};            // for the client to take our replies
  std::chrono::seconds tls{60};              // handshake
  std::chrono::seconds question{45};         // a guard's answer (recipient sources); later ones count as "source down"
  std::chrono::milliseconds checks{30'000};  // who sent it, at the end of data; later answers count as unknown
};

struct Options {
  smtp::ServerOptions session;  // the part of it that is the same for every client
  smtp::RelayOptions relay;
  Timeouts timeouts;
  spool::Options spool;
  std::vector<ip::Network> proxy_from;  // must send a PROXY header
  std::vector<ip::Network> xclient_from;
  std::vector<ip::Network> xforward_from;
  std::vector<ip::Network> normalize_from;  // bare_newline = normalize for these
  std::chrono::milliseconds early_talker_delay{0};
  bool authentication_results = false;  // write ours, take out those that claim to be
  std::string authserv_id;
  // Whose results are ours to write: authserv_id and the host name, then the domains. Only the first two are taken out
  // of what a trusted relay brings, since it may well be called after a domain.
  std::vector<std::string> own_names;
  static constexpr std::size_t kOwnHostNames = 2;
};

}  // namespace anechoic::gateway
