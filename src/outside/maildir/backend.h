// SPDX-License-Identifier: Apache-2.0
// Maildirs as a backend of the gateway: commands are answered from memory, and the end of data when the message is
// durable in the folder of each recipient (delivery.h). Whether a recipient exists is the recipient sources' business:
// a folder is made for everyone who passed them.
//
// Replies to the message: 250; 452 4.3.1 disk full; 451 4.3.0 any other failure, after which nothing is visible;
// 451 4.3.2 when too many deliveries wait.
//
// Lifetime: Delivery and Worker outlive the pool and its backends. Threads: a pool may serve several io_contexts; a
// backend belongs to the one it was made on.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "outside/maildir/delivery.h"
#include "outside/net/worker.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::observe {
class Log;
}

namespace anechoic::maildir {

class MaildirBackend final : public smtp_client::Backend {
 public:
  MaildirBackend(Delivery& delivery, net::Worker& worker, observe::Log& log, std::string endpoint);

  [[nodiscard]] const smtp::Capabilities& capabilities() const override;
  [[nodiscard]] const std::string& endpoint() const override { return endpoint_; }
  void queue(const smtp::BackendCommand& command) override;
  void set_message(const smtp_client::Message& message) override { message_ = message; }
  [[nodiscard]] boost::asio::awaitable<smtp::BackendEvent> next_event() override;
  [[nodiscard]] bool reusable() const override;

 private:
  [[nodiscard]] smtp::BackendEvent answer(const smtp::BackendCommand& command);
  [[nodiscard]] boost::asio::awaitable<smtp::Reply> deliver();
  [[nodiscard]] smtp::Reply deliver_now();

  Delivery& delivery_;
  net::Worker& worker_;
  observe::Log& log_;
  std::string endpoint_;
  std::deque<smtp::BackendCommand> commands_;
  Envelope envelope_;
  bool in_transaction_ = false;
  smtp_client::Message message_;
};

class MaildirPool final : public smtp_client::BackendPool {
 public:
  // `endpoint` as configured: "maildir:/var/mail".
  MaildirPool(Delivery& delivery, net::Worker& worker, observe::Log& log, std::string endpoint);

  [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<smtp_client::Backend>>> acquire(
      const std::vector<std::string>& avoid) override;
  void release(std::unique_ptr<smtp_client::Backend> backend) override;
  [[nodiscard]] smtp::Capabilities common_capabilities() const override;

 private:
  Delivery& delivery_;
  net::Worker& worker_;
  observe::Log& log_;
  std::string endpoint_;
};

}  // namespace anechoic::maildir
