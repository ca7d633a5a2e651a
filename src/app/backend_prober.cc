// SPDX-License-Identifier: Apache-2.0
#include "app/backend_prober.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

namespace anechoic::app {

namespace asio = boost::asio;

net::Task<Result<smtp::Reply>> PoolProber::ask(std::shared_ptr<smtp_client::BackendPool> pool, mail::ReversePath sender,
                                               mail::Mailbox recipient) {
  const std::vector<std::string> nothing_avoided;
  auto acquired = co_await pool->acquire(nothing_avoided);
  if (!acquired) co_return std::unexpected(acquired.error());
  std::unique_ptr<smtp_client::Backend> backend = std::move(*acquired);
  smtp::SendMail mail;
  mail.path = std::move(sender);
  smtp::SendRcpt rcpt;
  rcpt.path.mailbox = std::move(recipient);
  mail.parameters.smtputf8 = rcpt.path.mailbox.needs_utf8();
  backend->queue(mail);
  const smtp::BackendEvent mailed = co_await backend->next_event();
  if (const auto* lost = std::get_if<smtp::Lost>(&mailed)) co_return std::unexpected(lost->error);
  const auto* mail_reply = std::get_if<smtp::MailReply>(&mailed);
  Result<smtp::Reply> result = fail(Errc::Syntax, "the backend answered something else than MAIL");
  if (mail_reply != nullptr && !mail_reply->reply.positive()) {
    result = fail(Errc::Unavailable, "MAIL was refused: " + smtp::to_string(mail_reply->reply));
  } else if (mail_reply != nullptr) {
    backend->queue(rcpt);
    const smtp::BackendEvent answered = co_await backend->next_event();
    if (const auto* lost = std::get_if<smtp::Lost>(&answered)) co_return std::unexpected(lost->error);
    if (const auto* rcpt_reply = std::get_if<smtp::RcptReply>(&answered)) result = rcpt_reply->reply;
  }
  const smtp::SendReset reset;
  backend->queue(reset);
  const smtp::BackendEvent ended = co_await backend->next_event();
  (void)ended;  // a lost connection is not reusable, which release() sees
  pool->release(std::move(backend));
  co_return result;
}

net::Task<void> PoolProber::perform(mail::Mailbox recipient, Done done) {
  const auto found = pools_.find(recipient.domain);
  if (found == pools_.end()) {
    done(fail(Errc::NotFound, "no backend has the domain " + recipient.domain));
    co_return;
  }
  const std::shared_ptr<smtp_client::BackendPool> pool = found->second;
  ++in_flight_;
  Result<smtp::Reply> result = co_await ask(pool, mail::ReversePath{}, std::move(recipient));
  --in_flight_;
  done(std::move(result));
}

void PoolProber::probe(const mail::Mailbox& recipient, Done done) {
  asio::co_spawn(*context_, perform(recipient, std::move(done)), asio::detached);
}

}  // namespace anechoic::app
