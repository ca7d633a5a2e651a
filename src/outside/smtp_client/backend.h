// SPDX-License-Identifier: Apache-2.0
// A connected backend as the gateway uses it: commands of the Relay are queued, events awaited. Implemented over a
// socket (smtp_client/connection.h) and by the Maildir (outside/maildir). Threads: the io_context it was made on.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "outside/spool/spool.h"
#include "wire/smtp/backend_dialogue.h"

namespace anechoic::smtp_client {

// What SendBody sends: our header fields, then the spooled message. Line ends are CRLF in both.
struct Message {
  std::string_view prepended;  // whole header fields, CRLF-ended
  spool::Spool* body = nullptr;
  std::string id;  // for the Maildir's file name
};

class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual const smtp::Capabilities& capabilities() const = 0;
  [[nodiscard]] virtual const std::string& endpoint() const = 0;  // as configured: "smtp://127.0.0.1:10025"
  // Queues a command; nothing is written before next_event().
  virtual void queue(const smtp::BackendCommand& command) = 0;
  // The message of the next SendBody; must stay alive until its FinalReplies or Lost.
  virtual void set_message(const Message& message) = 0;
  // Writes what is queued (in one go where PIPELINING allows) and waits for the next event, within the deadlines of its
  // options.
  [[nodiscard]] virtual boost::asio::awaitable<smtp::BackendEvent> next_event() = 0;
  [[nodiscard]] virtual bool reusable() const = 0;  // no transaction open, nothing outstanding, still connected
};

// Who gives connections to the backends of one group, in the operator's order, and takes them back.
class BackendPool {
 public:
  virtual ~BackendPool() = default;
  // A ready connection: a pooled one that is still alive, else a new one; endpoints in `avoid` last. Endpoints that
  // failed lately are passed over while another can be had. Errors: Unavailable/Timeout, Refused (R2: the backend
  // refuses us before MAIL; detail has its words): the Relay's BackendUnavailable.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::unique_ptr<Backend>>> acquire(
      const std::vector<std::string>& avoid) = 0;
  // Back to the pool if reusable(), else closed.
  virtual void release(std::unique_ptr<Backend> backend) = 0;
  // What every endpoint of the group could take when last seen; remembered while one is down.
  [[nodiscard]] virtual smtp::Capabilities common_capabilities() const = 0;
};

}  // namespace anechoic::smtp_client
