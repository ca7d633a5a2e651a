// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "auth/spf/check.h"
#include "auth_rate.h"
#include "outside/dns/cache.h"
#include "outside/dns/zone_resolver.h"
#include "wire/dns/zone_file.h"

namespace bench {
namespace {

using namespace anechoic;

constexpr unsigned kDomains = 1000;

// One domain of each usual kind in turn, and who sends for it: mostly by an include, some by mx or a, some by ip4
// alone.
struct World {
  std::string zone;
  std::vector<auth::spf::Question> questions;

  void add(std::string_view name, std::string_view record) {
    zone += name;
    zone += ". ";
    zone += record;
    zone += '\n';
  }
  void ask(const std::string& domain, std::string_view client) {
    questions.push_back({.client = ip::parse_address(client).value(),
                         .helo = "mail." + domain,
                         .local = "user",
                         .domain = domain,
                         .now = {}});
  }
};

World make_world(unsigned domains) {
  World world;
  world.zone =
      "_spf.big.example. TXT \"v=spf1 include:_n1.big.example include:_n2.big.example include:_n3.big.example ~all\"\n"
      "_n1.big.example. TXT \"v=spf1 ip4:198.51.100.0/28 ip4:198.51.100.32/27 ip4:203.0.113.0/28 ip6:2001:db8:1::/48 "
      "~all\"\n"
      "_n2.big.example. TXT \"v=spf1 ip4:198.51.100.64/28 ip4:198.51.100.96/27 ip4:203.0.113.32/28 ip6:2001:db8:2::/48 "
      "~all\"\n"
      "_n3.big.example. TXT \"v=spf1 ip4:198.51.100.128/28 ip4:203.0.113.64/28 ip6:2001:db8:3::/48 ~all\"\n"
      "spf.other.example. TXT \"v=spf1 ip4:192.0.2.0/26 ip4:192.0.2.128/26 -all\"\n";
  for (unsigned i = 0; i < domains; ++i) {
    const std::string name = "d" + std::to_string(i) + ".example";
    const std::string host = "mx." + name;
    switch (i % 5) {
      case 0:  // a large provider, found in the second part of its networks
        world.add(name, "TXT \"v=spf1 include:_spf.big.example -all\"");
        world.ask(name, "198.51.100.70");
        break;
      case 1:
        world.add(name, "TXT \"v=spf1 mx include:spf.other.example ~all\"");
        world.add(name, "MX 10 " + host + '.');
        world.add(host, "A 203.0.113.200");
        world.ask(name, "192.0.2.140");
        break;
      case 2:
        world.add(name, "TXT \"v=spf1 a mx -all\"");
        world.add(name, "A 203.0.113.201");
        world.add(name, "MX 10 " + host + '.');
        world.add(host, "A 203.0.113.202");
        world.ask(name, "203.0.113.202");
        break;
      case 3:
        world.add(name, "TXT \"v=spf1 ip4:203.0.113.203 ip6:2001:db8::/64 -all\"");
        world.add(name, "TXT \"other=text\"");
        world.ask(name, "2001:db8::25");
        break;
      default:  // a forgery
        world.add(name, "TXT \"v=spf1 include:spf.other.example -all\"");
        world.ask(name, "203.0.113.250");
    }
  }
  return world;
}

class Bench {
 public:
  explicit Bench(unsigned domains, bool cold) : world_(make_world(domains)), cold_(cold) {
    auto file = dns::parse_zone_file(world_.zone);
    if (!file) {
      std::fprintf(stderr, "bench_auth_rate: %s\n", file.error().detail.c_str());
      std::exit(2);
    }
    zone_ = std::move(file->zone);
    renew();
  }

  void check_next() {
    auth::Lookups lookups(*cache_, clock_, {});
    start(auth::spf::check_host(lookups, world_.questions[at_], options_), [this](const auth::spf::Outcome& outcome) {
      passed_ += outcome.result == auth::spf::Result::Pass ? 1U : 0U;
    });
    if (++at_ < world_.questions.size()) return;
    at_ = 0;
    if (passed_ != world_.questions.size() / 5 * 4) {
      std::fprintf(stderr, "bench_auth_rate: %zu checks passed\n", passed_);
      std::exit(2);
    }
    passed_ = 0;
    if (cold_) renew();
  }

 private:
  void renew() { cache_ = std::make_unique<dns::Cache>(resolver_, clock_, dns::CacheOptions{}, 1); }

  World world_;
  const bool cold_;
  SystemClock clock_;
  auth::spf::Options options_;
  dns::Zone zone_;
  dns::ZoneResolver resolver_{zone_};
  std::unique_ptr<dns::Cache> cache_;
  std::size_t at_ = 0;
  std::size_t passed_ = 0;
};

Unit spf(unsigned domains, bool cold) {
  auto bench = std::make_shared<Bench>(domains, cold);
  if (!cold) {
    for (unsigned i = 0; i < domains; ++i) bench->check_next();  // fills the cache
  }
  return [bench] {
    bench->check_next();
    return std::size_t{0};
  };
}

}  // namespace

Unit spf_warm() {
  return spf(kDomains, false);
}
Unit spf_cold() {
  return spf(10 * kDomains, true);
}

}  // namespace bench
