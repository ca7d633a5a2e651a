// SPDX-License-Identifier: Apache-2.0
// How many questions a second does one core answer: from the cache, from a zone of 100,000 records, and through
// libunbound and its thread (a name that it knows by itself)?
//
//   bench_dns_rate [seconds for each, default 2]
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "outside/dns/cache.h"
#include "outside/dns/unbound.h"
#include "outside/dns/zone_resolver.h"
#include "wire/dns/zone_file.h"

namespace {

using namespace anechoic;
using Time = std::chrono::steady_clock;

double since(Time::time_point began) {
  return std::chrono::duration<double>(Time::now() - began).count();
}

dns::Zone large_zone() {
  std::string text = "$ORIGIN example.org.\n";
  for (int i = 0; i < 100'000; ++i) {
    text += "host" + std::to_string(i) + ".r" + std::to_string(i % 100) + " TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";
  }
  const auto began = Time::now();
  auto file = dns::parse_zone_file(text);
  if (!file) std::exit(1);
  std::printf("zone of %zu records read in %.2f s\n", file->zone.records(), since(began));
  return std::move(file->zone);
}

// Asks them over and over, in an order that no cache of the processor likes.
void measure(const char* what, auth::Resolver& resolver, const std::vector<auth::Question>& questions, double seconds) {
  std::size_t answered = 0;
  std::size_t at = 0;
  const auto deadline = Time::now() + std::chrono::hours(1);
  const auto began = Time::now();
  while (since(began) < seconds) {
    for (int i = 0; i < 1000; ++i) {
      at = (at + 7919) % questions.size();
      resolver.resolve(questions[at], deadline,
                       [&](const auth::SharedAnswer& answer) { answered += answer->records.size(); });
    }
  }
  std::printf("%-44s %10.0f a second\n", what, static_cast<double>(answered) / since(began));
}

void measure_unbound(double seconds) {
  boost::asio::io_context context(1);
  net::DeadlineWheel wheel(context);
  auto unbound = dns::Unbound::start(context, {.resolv_conf = {}});
  if (!unbound) std::exit(1);
  const auto resolver = (*unbound)->resolver(context, wheel);
  const auth::Question question{dns::Name::parse("localhost").value(), dns::Type::A};
  std::size_t answered = 0;
  std::size_t open = 0;
  const auto began = Time::now();
  while (since(began) < seconds) {
    for (; open < 500; ++open) {
      resolver->resolve(question, Time::now() + std::chrono::seconds(5), [&](const auth::SharedAnswer&) {
        ++answered;
        --open;
      });
    }
    context.run_one();
  }
  std::printf("%-44s %10.0f a second\n", "through libunbound, 500 open", static_cast<double>(answered) / since(began));
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const dns::Zone zone = large_zone();
  std::vector<auth::Question> questions;
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = "host" + std::to_string(i) + ".r" + std::to_string(i % 100) + ".example.org";
    questions.push_back({dns::Name::parse(name).value(), dns::Type::Txt});
  }
  dns::ZoneResolver resolver(zone);
  measure("zone of 100,000 records", resolver, questions, seconds);
  const SystemClock clock;
  dns::Cache cache(resolver, clock, {}, 1);
  measure("cache, 10,000 names in turn", cache, questions, seconds);
  questions.resize(20);
  measure("cache, 20 names in turn", cache, questions, seconds);
  measure_unbound(seconds);
  return 0;
}
