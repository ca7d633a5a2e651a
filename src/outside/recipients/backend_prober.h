// SPDX-License-Identifier: Apache-2.0
// Asks the backend of the address's domain through its pool: MAIL FROM:<>, RCPT TO, RSET, on a connection that mail
// uses as well. No sender of the world is ever asked: the pools lead to the operator's own backends.
//
// A probe that is not answered within `deadline` is answered Timeout; its dialogue goes on until the pool's own
// deadlines end it, and counts until then against `unfinished` (more: Exhausted).
// Errors: those of the pool, Refused (MAIL FROM:<> is refused: no word about the address), Timeout, Exhausted, NotFound
// (no backend has the domain). Probes that are open when the io_context is destroyed are dropped unanswered.
// Threads: probe() from any; the rest, and the answers, on the io_context's. use() before the first probe, later ones
// on the io_context. Lifetime: context and wheel outlive the last probe; destroy it when the context is gone or
// stopped.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "outside/net/deadline.h"
#include "outside/net/stream.h"
#include "outside/recipients/prober.h"
#include "outside/smtp_client/backend.h"

namespace anechoic::recipients {

struct BackendProberOptions {
  std::chrono::milliseconds deadline = std::chrono::seconds(30);
  unsigned unfinished = 20;
};

class BackendProber final : public Prober {
 public:
  // By domain. Not owned: the connections of a pool must not outlive its io_context.
  using Pools = std::map<std::string, std::weak_ptr<smtp_client::BackendPool>, std::less<>>;

  explicit BackendProber(BackendProberOptions options = {}) : options_(options) {}

  void use(boost::asio::io_context& context, net::DeadlineWheel& wheel, Pools pools);
  void probe(const mail::Mailbox& recipient, Done done) override;
  [[nodiscard]] bool busy() const { return unfinished_ > 0; }

 private:
  class Question;

  [[nodiscard]] net::Task<void> run(std::unique_ptr<Question> question);
  [[nodiscard]] net::Task<Result<smtp::Reply>> ask(mail::Mailbox recipient);
  [[nodiscard]] static net::Task<Result<smtp::Reply>> converse(smtp_client::Backend& backend);

  const BackendProberOptions options_;
  boost::asio::io_context* context_ = nullptr;
  net::DeadlineWheel* wheel_ = nullptr;
  Pools pools_;
  unsigned unfinished_ = 0;
};

}  // namespace anechoic::recipients
