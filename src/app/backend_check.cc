// SPDX-License-Identifier: Apache-2.0
#include "app/backend_check.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <random>

#include "app/generation.h"
#include "observe/escape.h"
#include "outside/net/connector.h"
#include "outside/smtp_client/pool.h"

namespace anechoic::app {

namespace asio = boost::asio;

namespace {

using smtp_client::BackendPool;

// One dialogue on a connection of the pool, up to RCPT and then RSET.
net::Task<Result<smtp::Reply>> ask(BackendPool& pool, mail::Mailbox sender, mail::Mailbox recipient) {
  const std::vector<std::string> nothing_avoided;
  auto acquired = co_await pool.acquire(nothing_avoided);
  if (!acquired) co_return std::unexpected(acquired.error());
  std::unique_ptr<smtp_client::Backend> backend = std::move(*acquired);
  smtp::SendMail mail;
  mail.path.mailbox = std::move(sender);
  mail.parameters.smtputf8 = recipient.needs_utf8();
  smtp::SendRcpt rcpt;
  rcpt.path.mailbox = std::move(recipient);
  const smtp::SendReset reset;
  Result<smtp::Reply> result = fail(Errc::Syntax, "the backend answered out of turn");
  backend->queue(mail);
  const smtp::BackendEvent mailed = co_await backend->next_event();
  if (const auto* lost = std::get_if<smtp::Lost>(&mailed)) co_return std::unexpected(lost->error);
  const auto* mail_reply = std::get_if<smtp::MailReply>(&mailed);
  if (mail_reply != nullptr && !mail_reply->reply.positive()) {
    result = fail(Errc::Refused, "MAIL FROM was refused: " + smtp::to_string(mail_reply->reply));
  } else if (mail_reply != nullptr) {
    backend->queue(rcpt);
    const smtp::BackendEvent answered = co_await backend->next_event();
    if (const auto* lost = std::get_if<smtp::Lost>(&answered)) co_return std::unexpected(lost->error);
    if (const auto* reply = std::get_if<smtp::RcptReply>(&answered)) result = reply->reply;
  }
  backend->queue(reset);
  const smtp::BackendEvent ended = co_await backend->next_event();
  (void)ended;
  pool.release(std::move(backend));
  co_return result;
}

std::string made_up_name() {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
  std::random_device random;
  std::string name = "anechoic-check-";
  for (int i = 0; i < 20; ++i) name += kLetters[random() % kLetters.size()];
  return name;
}

class BackendCheck {
 public:
  BackendCheck(const config::Settings& settings, const config::Backend& backend, smtp_client::Pool& pool,
               std::vector<Finding>& findings)
      : settings_(settings), backend_(backend), pool_(pool), findings_(findings) {
    for (const config::Domain& domain : settings.domains)
      if (domain.backend == backend.name) domains_.push_back(&domain);
  }

  net::Task<void> run() {
    const bool reachable = co_await endpoints();
    if (!reachable || domains_.empty()) co_return;
    for (const config::Domain* domain : domains_) co_await accept_all(*domain);
    co_await relay();
    for (const config::Domain* domain : domains_) co_await known(*domain);
  }

 private:
  void add(Weight weight, const std::string& text) {
    findings_.push_back({.weight = weight, .about = "backend " + backend_.name, .text = observe::escape(text)});
  }

  // False: no server of it can be asked anything.
  net::Task<bool> endpoints() {
    const std::vector<Result<smtp::Capabilities>> learned = co_await pool_.learn();
    bool any = false;
    for (std::size_t i = 0; i < learned.size(); ++i) {
      const std::string& url = backend_.to[i].text;
      if (!learned[i]) {
        add(Weight::Bad, learned[i].error().detail + hint(learned[i].error()));
        continue;
      }
      any = true;
      const smtp::Capabilities& can = *learned[i];
      add(Weight::Good, url + (backend_.xforward ? " answers and takes XFORWARD" : " answers"));
      const std::uint64_t ours = settings_.inbound.options.session.message_size;
      if (can.size && *can.size > 0 && *can.size < ours)
        add(Weight::Warning, fmt::format("{} takes {} octets, less than inbound.message_size = {}: the smaller counts",
                                         url, *can.size, ours));
    }
    co_return any;
  }

  std::string hint(const Error& error) const {
    if (error.code == Errc::Refused && backend_.xforward)
      return "; if it does not offer XFORWARD: in Postfix smtpd_authorized_xforward_hosts must have our address, for "
             "others set identity = \"none\"";
    if (error.code == Errc::Unavailable) return "; is the server running and listening there?";
    return "";
  }

  [[nodiscard]] mail::Mailbox sender() const { return {.local = "postmaster", .domain = domains_.front()->name}; }

  net::Task<void> accept_all(const config::Domain& domain) {
    const Result<smtp::Reply> reply = co_await ask(pool_, sender(), {.local = made_up_name(), .domain = domain.name});
    if (!reply) {
      add(Weight::Bad, fmt::format("could not be asked for {}: {}", domain.name, reply.error().detail));
      co_return;
    }
    if (!reply->positive()) {
      add(Weight::Good,
          fmt::format("refuses an address of {} that can't exist: {}", domain.name, smtp::to_string(*reply)));
      co_return;
    }
    accepts_all_ = true;
    if (domain.catch_all) {
      add(Weight::Good, fmt::format("accepts every address of {}, as catch_all says", domain.name));
    } else if (has_list(domain)) {
      add(Weight::Warning,
          fmt::format("accepts every address of {}; only the recipient list keeps unknown ones out, so "
                      "it must have mode = 550 in the end",
                      domain.name));
    } else {
      add(Weight::Bad, fmt::format("accepts every address of {} and would bounce later: give the domain a recipient "
                                   "source with a file, make the server refuse unknown users at RCPT, or set "
                                   "catch_all = true if every address does exist",
                                   domain.name));
    }
  }

  [[nodiscard]] bool has_list(const config::Domain& domain) const {
    return std::ranges::any_of(domain.recipients,
                               [this](const std::string& name) { return !settings_.source(name)->probe; });
  }

  // R1: foreign domains, and the forms by which old servers were told a route.
  net::Task<void> relay() {
    const std::string& ours = domains_.front()->name;
    struct Offer {
      mail::Mailbox to;
      bool routed;
    };
    const std::vector<Offer> offers{
        {{.local = "relay-test", .domain = "example.com"}, false},
        {{.local = "relay-test", .domain = "[192.0.2.1]"}, false},
        {{.local = "relay-test%example.com", .domain = ours}, true},
        {{.local = "relay-test@example.com", .domain = ours}, true},
        {{.local = "example.com!relay-test", .domain = ours}, true},
    };
    bool closed = true;
    for (const Offer& offer : offers) {
      const Result<smtp::Reply> reply = co_await ask(pool_, sender(), offer.to);
      if (!reply) {
        add(Weight::Warning, fmt::format("could not be asked whether it relays to <{}>: {}", mail::to_string(offer.to),
                                         reply.error().detail));
        closed = false;
        continue;
      }
      if (!reply->positive()) continue;
      if (offer.routed && accepts_all_) continue;  // it accepts any local part, so this one tells nothing
      closed = false;
      add(Weight::Bad, fmt::format("is an open relay through us: it accepts <{}> from our address ({}). It must not "
                                   "treat us as a friend: see the lines below",
                                   mail::to_string(offer.to), smtp::to_string(*reply)));
    }
    if (closed) add(Weight::Good, "does not relay for strangers when we ask");
  }

  net::Task<void> known(const config::Domain& domain) {
    const Result<smtp::Reply> reply = co_await ask(pool_, sender(), {.local = "postmaster", .domain = domain.name});
    if (reply && !reply->positive())
      add(Weight::Warning, fmt::format("refuses postmaster@{}, which must exist (RFC 5321 4.5.1): {}", domain.name,
                                       smtp::to_string(*reply)));
    for (const std::string& name : domain.recipients) {
      const config::RecipientSource& source = *settings_.source(name);
      if (!source.probe || source.canary.empty()) continue;
      const auto canary = *mail::parse_mailbox(source.canary, mail::Utf8::Allowed);
      if (canary.domain != domain.name) continue;
      const Result<smtp::Reply> answer = co_await ask(pool_, sender(), canary);
      if (answer && !answer->positive())
        add(Weight::Bad, fmt::format("refuses the canary {} of recipients {}: the source would count as broken; name "
                                     "an address that exists",
                                     source.canary, name));
    }
  }

  const config::Settings& settings_;
  const config::Backend& backend_;
  smtp_client::Pool& pool_;
  std::vector<Finding>& findings_;
  std::vector<const config::Domain*> domains_;
  bool accepts_all_ = false;
};

}  // namespace

std::vector<Finding> check_backends(const config::Settings& settings) {
  std::vector<Finding> findings;
  for (const config::Backend& backend : settings.backends) {
    if (backend.is_maildir()) continue;
    std::vector<std::string> urls;
    for (const config::BackendAddress& address : backend.to) urls.push_back(address.text);
    smtp_client::Options options = client_options(backend, settings.hostname);
    // An operator waits for this.
    options.greeting = std::min(options.greeting, std::chrono::milliseconds(15'000));
    options.command = std::min(options.command, std::chrono::milliseconds(30'000));
    auto group = smtp_client::Group::make(urls, options);
    if (!group) {
      findings.push_back(
          {.weight = Weight::Bad, .about = "backend " + backend.name, .text = observe::escape(group.error().detail)});
      continue;
    }
    asio::io_context context(1);
    net::Worker resolver("resolve", 1, 64);
    net::DeadlineWheel wheel(context);
    net::Connector connector(context, wheel, resolver);
    {
      smtp_client::Pool pool(connector, wheel, *group);
      BackendCheck check(settings, backend, pool, findings);
      bool done = false;
      asio::co_spawn(context, check.run(), [&done](const std::exception_ptr&) { done = true; });
      while (!done && context.run_one() > 0) {
      }
      pool.close_idle();
    }
    context.run_for(std::chrono::milliseconds(200));
  }
  return findings;
}

}  // namespace anechoic::app
