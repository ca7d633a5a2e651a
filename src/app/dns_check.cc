// SPDX-License-Identifier: Apache-2.0
#include "app/dns_check.h"

#include <boost/asio/io_context.hpp>
#include <optional>

#include "app/sender_checks.h"
#include "observe/escape.h"
#include "outside/net/deadline.h"

namespace anechoic::app {

namespace {

constexpr std::chrono::seconds kPatience{5};

// One question for a record that every working resolver has an answer to, be it "there is none".
auth::SharedAnswer ask_once(boost::asio::io_context& context, dns::Unbound& unbound, const dns::Name& name) {
  net::DeadlineWheel wheel(context);
  const auto resolver = unbound.resolver(context, wheel);
  const SystemClock clock;
  auth::SharedAnswer found;
  resolver->resolve({name, dns::Type::Txt}, clock.steady() + kPatience, [&](auth::SharedAnswer answer) {
    found = std::move(answer);
    context.stop();
  });
  context.run_for(kPatience + std::chrono::seconds(1));
  return found;
}

}  // namespace

std::vector<Finding> check_dns(const config::Settings& settings) {
  if (!settings.auth.checks)
    return {{Weight::Warning, "auth.checks", "is off: nobody looks who really sent a message"}};
  boost::asio::io_context context(1);
  auto unbound = dns::Unbound::start(context, unbound_options(settings.dns));
  if (!unbound) return {{Weight::Bad, "dns", observe::escape(unbound.error().detail)}};
  const std::string domain = settings.domains.empty() ? settings.hostname : settings.domains.front().name;
  const auto name = dns::Name::parse(domain);
  if (!name) return {};
  const auth::SharedAnswer answer = ask_once(context, **unbound, *name);
  if (answer && auth::is_definite(answer->found))
    return {{Weight::Good, "dns", "answers: asked for TXT of " + observe::escape(domain)}};
  const std::string why =
      answer ? std::string(auth::to_string(answer->found)) + (answer->detail.empty() ? "" : ", " + answer->detail)
             : std::string("no answer");
  return {{Weight::Bad, "dns",
           observe::escape("TXT of " + domain + ": " + why +
                           "; until it works, who sent a message is unknown and each one waits for it: look at "
                           "[dns] servers, or set auth.checks = false")}};
}

}  // namespace anechoic::app
