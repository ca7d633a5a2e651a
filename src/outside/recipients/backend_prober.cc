// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/backend_prober.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace anechoic::recipients {

// Answers once, whatever comes first: the backend or the deadline.
class BackendProber::Question final : private net::Deadline {
 public:
  Question(net::DeadlineWheel& wheel, mail::Mailbox of, Done done)
      : Deadline(wheel), recipient(std::move(of)), done_(std::move(done)) {}

  void start(std::chrono::milliseconds within) { arm(std::chrono::steady_clock::now() + within); }
  void answer(Result<smtp::Reply> result) {
    if (Done done = std::exchange(done_, nullptr)) {
      disarm();
      done(std::move(result));
    }
  }

  const mail::Mailbox recipient;

 private:
  void expired() override { answer(fail(Errc::Timeout, "the backend did not answer the probe in time")); }

  Done done_;
};

void BackendProber::use(boost::asio::io_context& context, net::DeadlineWheel& wheel, Pools pools) {
  context_ = &context;
  wheel_ = &wheel;
  pools_ = std::move(pools);
}

void BackendProber::probe(const mail::Mailbox& recipient, Done done) {
  auto question = std::make_unique<Question>(*wheel_, recipient, std::move(done));
  boost::asio::co_spawn(*context_, run(std::move(question)), boost::asio::detached);
}

net::Task<void> BackendProber::run(std::unique_ptr<Question> question) {
  if (unfinished_ >= options_.unfinished) {
    question->answer(fail(Errc::Exhausted, "too many probes of the backend are unanswered"));
    co_return;
  }
  ++unfinished_;
  question->start(options_.deadline);
  Result<smtp::Reply> result = co_await ask(question->recipient);
  --unfinished_;
  question->answer(std::move(result));
}

net::Task<Result<smtp::Reply>> BackendProber::ask(mail::Mailbox recipient) {
  const auto found = pools_.find(recipient.domain);
  const std::shared_ptr<smtp_client::BackendPool> pool = found == pools_.end() ? nullptr : found->second.lock();
  if (pool == nullptr) {
    co_return fail(Errc::NotFound, "no backend has the domain " + recipient.domain);
  }
  const std::vector<std::string> none;
  Result<std::unique_ptr<smtp_client::Backend>> acquired = co_await pool->acquire(none);
  if (!acquired) {
    co_return Failure(std::move(acquired).error());
  }
  std::unique_ptr<smtp_client::Backend> backend = *std::move(acquired);
  const bool utf8 = recipient.needs_utf8();
  if (utf8 && !backend->capabilities().smtputf8) {
    pool->release(std::move(backend));
    co_return fail(Errc::Refused, "the backend does not take SMTPUTF8");
  }
  backend->queue(smtp::SendMail{.path = {}, .parameters = {.size = {}, .smtputf8 = utf8}, .identity = {}});
  backend->queue(smtp::SendRcpt{{std::move(recipient)}});
  backend->queue(smtp::SendReset{});
  Result<smtp::Reply> result = co_await converse(*backend);
  pool->release(std::move(backend));
  co_return result;
}

net::Task<Result<smtp::Reply>> BackendProber::converse(smtp_client::Backend& backend) {
  std::optional<smtp::Reply> mail;
  std::optional<smtp::Reply> rcpt;
  // The answer to RSET is awaited, too, so that the connection goes back clean.
  while (true) {
    const smtp::BackendEvent event = co_await backend.next_event();
    if (const auto* reply = std::get_if<smtp::MailReply>(&event)) {
      mail = reply->reply;
    } else if (const auto* answer = std::get_if<smtp::RcptReply>(&event)) {
      rcpt = answer->reply;
    } else if (const auto* lost = std::get_if<smtp::Lost>(&event)) {
      if (!rcpt) {
        co_return Failure(lost->error);
      }
      break;
    } else {
      break;
    }
  }
  if (!mail || !mail->positive()) {
    co_return fail(Errc::Refused,
                   "the backend refuses MAIL FROM:<>: " + (mail ? smtp::to_string(*mail) : std::string("no answer")));
  }
  if (!rcpt) {
    co_return fail(Errc::Unavailable, "the backend did not answer RCPT");
  }
  co_return *std::move(rcpt);
}

}  // namespace anechoic::recipients
