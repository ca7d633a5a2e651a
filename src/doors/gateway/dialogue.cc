// SPDX-License-Identifier: Apache-2.0
// What each event of the client's session leads to.
#include "doors/gateway/connection.h"
#include "doors/gateway/replies.h"
#include "judge/verdict/reasons.h"

namespace anechoic::gateway {

namespace reasons = judge::reasons;

namespace {
template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
}  // namespace

// Handles events until something has to be waited for.
Connection::Next Connection::pump() {
  for (;;) {
    if (exchange_) {
      if (exchange_->finished()) {
        exchange_.reset();
        forget_forwarded();
      } else if (exchange_blocks()) {
        return Next::WaitForAnswers;  // the last transaction is still winding down
      }
    }
    Next next = Next::Read;
    if (!handle(session_.next(), next)) return next;
  }
}

// False: `next` says what has to be waited for.
bool Connection::handle(const smtp::ServerEvent& event, Next& next) {
  const auto stop = [&next](Next what) {
    next = what;
    return false;
  };
  const auto go_on = [this] {
    progressed();
    return true;
  };
  return std::visit(
      Overloaded{
          [&](const smtp::NeedInput&) { return stop(Next::Read); },
          [&](const smtp::NeedAnswers&) { return stop(Next::WaitForAnswers); },
          [&](const smtp::StartTls&) { return stop(Next::Tls); },
          [&](const smtp::Closed& closed) {
            if (closed.cause == smtp::CloseCause::TooManyErrors || closed.cause == smtp::CloseCause::PipelinedTls) {
              ended_by_ = reasons::kProtocol;
            }
            return stop(Next::Close);
          },
          [&](const smtp::AskHelo& ask) {
            hello(ask);
            return go_on();
          },
          [&](const smtp::AskMail& ask) {
            exchange_ = std::make_unique<Exchange>(services_, setup_, client_view(), stream_.executor());
            exchange_->mail(ask);
            return go_on();
          },
          [&](const smtp::AskRcpt& ask) {
            exchange_->rcpt(ask);
            return go_on();
          },
          [&](const smtp::AskData& ask) {
            body_octets_ = 0;
            exchange_->data(ask);
            return go_on();
          },
          [&](const smtp::BodyChunk& chunk) {
            exchange_->body(chunk.bytes);
            return true;
          },
          [&](const smtp::AskEnd& ask) {
            exchange_->end(ask);
            return go_on();
          },
          [&](const smtp::Aborted& aborted) {
            if (exchange_)
              exchange_->abort(aborted.cause == smtp::AbortCause::BodyRefused ? reasons::kProtocol : "", aborted.reply);
            return go_on();
          },
          [&](const smtp::AskXclient& ask) {
            xclient(ask);
            return go_on();
          },
          [&](const smtp::GotXforward& got) {
            forwarded_ = std::make_unique<smtp::Identity>(got.identity);
            inspected_.client_changed(described());
            return go_on();
          },
      },
      event);
}

ClientView Connection::client_view() {
  const bool told = forwarded_ && forwarded_->helo;
  return {session_, inspected_, told ? *forwarded_->helo : helo_, extended_};
}

void Connection::hello(const smtp::AskHelo& question) {
  helo_ = question.name;
  extended_ = question.extended;
  inspected_.client_changed(described());
  const judge::Verdict verdict = inspected_.helo(question.name);
  session_.answer(question.id, verdict.accepted() ? replies::hello(setup_->ruleset->hostname) : verdict.reply());
}

void Connection::xclient(const smtp::AskXclient& question) {
  if (question.identity.addr) {
    if (const auto address = ip::parse_address(*question.identity.addr)) remote_.address = *address;
  }
  if (question.identity.port) remote_.port = *question.identity.port;
  if (question.identity.name) name_ = question.identity.name->starts_with('[') ? "" : *question.identity.name;
  if (question.identity.helo) helo_ = *question.identity.helo;
  inspected_.client_changed(described());
  const judge::Verdict verdict = inspected_.connect();
  session_.answer(question.id, verdict.accepted() ? replies::greeting(setup_->ruleset->hostname) : verdict.reply());
}

// XFORWARD holds for one transaction.
void Connection::forget_forwarded() {
  if (!forwarded_) return;
  forwarded_.reset();
  inspected_.client_changed(described());
}

judge::Client Connection::described() const {
  judge::Client client;
  client.address = remote_.address;
  client.port = remote_.port;
  client.name = name_;
  if (forwarded_) {
    if (forwarded_->addr) client.address = ip::parse_address(*forwarded_->addr).value_or(remote_.address);
    if (forwarded_->port) client.port = *forwarded_->port;
    if (forwarded_->helo) client.helo = *forwarded_->helo;
    if (forwarded_->name) client.name = forwarded_->name->starts_with('[') ? "" : *forwarded_->name;
  }
  client.tls = stream_.in_tls();
  client.protocol = !extended_ ? "SMTP" : (client.tls ? "ESMTPS" : "ESMTP");
  return client;
}

}  // namespace anechoic::gateway
