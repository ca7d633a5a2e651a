// SPDX-License-Identifier: Apache-2.0
// The life of a connection: welcome, serve, leave; and its waits, each with its deadline.
#include "doors/gateway/connection.h"

#include <algorithm>

#include "doors/gateway/replies.h"
#include "judge/verdict/reasons.h"
#include "wire/proxy/proxy.h"

namespace anechoic::gateway {

namespace reasons = judge::reasons;
using boost::asio::awaitable;

namespace {
constexpr std::chrono::seconds kLastWords{2};  // for a client that talks on while we leave
}

Connection::Connection(const Services& services, std::shared_ptr<const Setup> setup, Offers offers,
                       net::Quota::Unit unit, net::Socket socket, ip::Endpoint remote)
    : services_(services),
      setup_(std::move(setup)),
      offers_(std::move(offers)),
      unit_(std::move(unit)),
      stream_(std::move(socket), services.wheel),
      session_(offers_(setup_, remote.address)),
      inspected_(services.inspector, setup_->ruleset, services.ids.next(),
                 judge::Client{remote.address, remote.port, "", "SMTP", false}),
      remote_(remote) {}

Connection::~Connection() = default;

awaitable<void> Connection::run() {
  progressed();
  const bool welcomed = co_await welcome();
  if (welcomed) co_await serve();
  co_await leave();
}

awaitable<bool> Connection::welcome() {
  if (ip::contains(setup_->options->proxy_from, remote_.address)) {
    const bool told = co_await read_proxy_header();
    if (!told) {
      ended_by_ = reasons::kProtocol;
      co_return false;
    }
    if (!admit()) co_return true;  // the session says 421 and closes
  }
  const auto delay = setup_->options->early_talker_delay;
  if (delay.count() > 0) {
    const auto spoke = co_await stream_.receive(services_.clock.steady() + delay);
    if (spoke || spoke.error().code != Errc::Timeout) {
      ended_by_ = spoke ? reasons::kEarlyTalker : reasons::kClientGone;
      if (!spoke) co_return false;
    }
  } else {
    const auto spoke = stream_.receive_now();
    if (!spoke) {  // a port scan, a health check
      ended_by_ = reasons::kClientGone;
      co_return false;
    }
    if (!spoke->empty()) ended_by_ = reasons::kEarlyTalker;
  }
  if (ended_by_ == reasons::kEarlyTalker) {
    session_.early_talker();
    services_.observer.turned_away(reasons::kEarlyTalker);
    co_return true;  // the session says 554 and closes
  }
  const judge::Verdict verdict = inspected_.connect();
  session_.greet(verdict.accepted() ? replies::greeting(setup_->ruleset->hostname) : verdict.reply());
  greeted_ = true;
  co_return true;
}

awaitable<bool> Connection::read_proxy_header() {
  std::string input;
  for (;;) {
    const auto piece = co_await stream_.receive(deadline());
    if (!piece) co_return false;
    input += *piece;
    const auto decoded = proxy::decode(input);
    if (!decoded) co_return false;  // nothing is said: the other side is not a mail client
    const auto* header = std::get_if<proxy::Header>(&*decoded);
    if (header == nullptr) continue;  // bounded by proxy::kMaxHeader
    if (!header->local) {
      remote_ = header->source;
      inspected_.client_changed(described());
    }
    // A client behind the proxy that talks before our greeting is an early talker like any other.
    if (header->length < input.size()) ended_by_ = reasons::kEarlyTalker;
    co_return true;
  }
}

// The client that a PROXY header named is what counts, and what decides what it may; the proxy's own rights are not
// its clients'.
bool Connection::admit() {
  session_ = smtp::ServerSession(offers_(setup_, remote_.address));
  auto unit = services_.connections.take(remote_.address);
  if (unit) {
    unit_ = std::move(*unit);
    return true;
  }
  ended_by_ = reasons::kTooManyConnections;
  services_.observer.turned_away(reasons::kTooManyConnections);
  session_.greet(replies::too_many_connections());
  return false;
}

awaitable<void> Connection::serve() {
  for (;;) {
    const Next next = pump();
    if (exchange_ && exchange_->waiting_for() != Exchange::Waiting::No) {
      // What the client waits for depends on the wait; anything else is told to it before.
      if (!exchange_->client_waits()) {
        const bool told = co_await flush();
        if (!told) co_return;
      }
      co_await exchange_->wait();
      progressed();
      continue;
    }
    const bool told = co_await flush();
    if (!told) co_return;
    switch (next) {
      case Next::Close:
        co_return;
      case Next::Tls: {
        const bool encrypted = co_await start_tls();
        if (!encrypted) co_return;
        break;
      }
      case Next::WaitForAnswers:
      case Next::Read: {
        if (shutting_down_ && !session_.in_transaction()) {
          session_.shut_down(replies::shutting_down());
          ended_by_ = reasons::kShutdown;
          break;
        }
        const bool more = co_await read_client();
        if (!more) co_return;
        break;
      }
    }
  }
}

awaitable<bool> Connection::read_client() {
  const auto input = co_await stream_.receive(deadline());
  if (input) {
    last_read_ = services_.clock.steady();
    body_octets_ += input->size();  // also of a body that is refused already: its client shall hear why
    session_.feed(*input);
    co_return true;
  }
  if (input.error().code == Errc::Timeout) {
    ended_by_ = reasons::kTimeout;
    session_.shut_down(replies::timed_out());
    (void)stream_.send_now(session_.take_output());
  } else {
    ended_by_ = shutting_down_ ? reasons::kShutdown : reasons::kClientGone;
  }
  co_return false;
}

awaitable<bool> Connection::flush() {
  if (!session_.has_output()) co_return true;
  const std::string output = session_.take_output();
  const auto sent = stream_.send_now(output);
  if (sent && *sent == output.size()) co_return true;
  if (sent) {
    const auto rest = co_await stream_.send(std::string_view(output).substr(*sent),
                                            services_.clock.steady() + setup_->options->timeouts.write);
    if (rest) co_return true;
    if (ended_by_.empty()) ended_by_ = rest.error().code == Errc::Timeout ? reasons::kTimeout : reasons::kClientGone;
  } else if (ended_by_.empty()) {
    ended_by_ = reasons::kClientGone;
  }
  co_return false;
}

awaitable<bool> Connection::start_tls() {
  const auto done = co_await stream_.accept_tls(*setup_->tls, services_.clock.steady() + setup_->options->timeouts.tls);
  services_.observer.tls(done.has_value());
  if (!done) {
    ended_by_ = reasons::kProtocol;
    co_return false;
  }
  helo_.clear();
  extended_ = false;
  session_.tls_started();
  inspected_.client_changed(described());
  progressed();
  co_return true;
}

// The client is gone, or told to go; the transaction may still be winding down at the backend.
awaitable<void> Connection::leave() {
  if (exchange_) {
    exchange_->abort(ended_by_, {});
    while (!exchange_->finished() && exchange_->waiting_for() != Exchange::Waiting::No) co_await exchange_->wait();
    exchange_.reset();
  }
  inspect::Ending ending;
  if (!ended_by_.empty()) ending.reasons.push_back({ended_by_, ""});
  inspected_.finish(ending);
  co_await stream_.leave(services_.clock.steady() + kLastWords);
}

void Connection::shut_down() {
  shutting_down_ = true;
  if (!greeted_ || session_.in_transaction() || exchange_) return;
  // The coroutine sleeps in receive(): say goodbye from here and wake it by closing.
  session_.shut_down(replies::shutting_down());
  ended_by_ = reasons::kShutdown;
  (void)stream_.send_now(session_.take_output());
  stream_.close();
}

void Connection::progressed() {
  since_ = services_.clock.steady();
  last_read_ = since_;
}

SteadyTime Connection::deadline() const {
  const Timeouts& timeouts = setup_->options->timeouts;
  if (!session_.in_body()) return since_ + timeouts.command;
  // Ahead of the minimum rate on the whole, and never silent for long.
  const auto earned =
      std::chrono::seconds(timeouts.minimum_rate == 0 ? 3600 * 24 : body_octets_ / timeouts.minimum_rate);
  return std::min(since_ + timeouts.body_grace + earned, last_read_ + timeouts.block);
}

}  // namespace anechoic::gateway
