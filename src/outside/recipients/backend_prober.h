// SPDX-License-Identifier: Apache-2.0
// Asks a backend through its pool: MAIL FROM:<>, RCPT TO, RSET, on a connection that mail uses as well. No sender of
// the world is ever asked: the pool leads to the operator's own backend.
//
// A probe that is not answered within `deadline` is answered Timeout; its dialogue goes on until the pool's own
// deadlines end it, and counts until then against `unfinished` (more: Exhausted).
// Errors: those of the pool, Refused (MAIL FROM:<> is refused: no word about the address), Timeout, Exhausted,
// Unavailable (this prober ended before the answer).
// Threads: probe() from any; everything else on the io_context. Lifetime: context, wheel and pool outlive it, and
// nothing of it runs on the context when it is destroyed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "outside/net/deadline.h"
#include "outside/recipients/prober.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::recipients {

struct BackendProberOptions {
  std::chrono::milliseconds deadline = std::chrono::seconds(30);
  unsigned unfinished = 20;
};

class BackendProber final : public Prober {
 public:
  BackendProber(boost::asio::io_context& context, net::DeadlineWheel& wheel, smtp_client::BackendPool& pool,
                BackendProberOptions options);
  ~BackendProber() override;
  BackendProber(const BackendProber&) = delete;
  BackendProber& operator=(const BackendProber&) = delete;

  void probe(const mail::Mailbox& recipient, Done done) override;

 private:
  class Question;

  [[nodiscard]] boost::asio::awaitable<void> run(std::unique_ptr<Question> question);
  [[nodiscard]] boost::asio::awaitable<Result<smtp::Reply>> ask(mail::Mailbox recipient);
  [[nodiscard]] static boost::asio::awaitable<Result<smtp::Reply>> converse(smtp_client::Backend& backend);

  boost::asio::io_context& context_;
  net::DeadlineWheel& wheel_;
  smtp_client::BackendPool& pool_;
  const BackendProberOptions options_;
  unsigned unfinished_ = 0;
};

}  // namespace anechoic::recipients
