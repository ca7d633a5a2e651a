// SPDX-License-Identifier: Apache-2.0
#include "app/sender_checks.h"

#include <utility>

namespace anechoic::app {

struct LaneSenderChecks::Parts {
  Parts(std::unique_ptr<auth::Resolver> asked, const Clock& clock, const dns::CacheOptions& options, std::uint64_t seed)
      : resolver(std::move(asked)), cache(*resolver, clock, options, seed) {}

  std::unique_ptr<auth::Resolver> resolver;
  crypto::PublicKeys keys;  // outlives the cache, whose last answers go to checks that may still want keys
  dns::Cache cache;
};

namespace {

class Check final : public inspect::SenderCheck {
 public:
  Check(std::shared_ptr<LaneSenderChecks::Parts> parts, const Clock& clock, const auth::CheckOptions& options);
  void envelope(auth::Envelope envelope, SpfDone done) override {
    checks_.envelope(std::move(envelope), std::move(done));
  }
  void reverse_path(const mail::ReversePath& path) override { checks_.reverse_path(path); }
  void message(std::string_view bytes) override { checks_.message(bytes); }
  void finish(Done done) override {
    checks_.finish([done = std::move(done)](const auth::Evidence& evidence) mutable {
      done(std::make_shared<const auth::Evidence>(evidence));
    });
  }

 private:
  std::shared_ptr<LaneSenderChecks::Parts> parts_;
  auth::Checks checks_;
};

Check::Check(std::shared_ptr<LaneSenderChecks::Parts> parts, const Clock& clock, const auth::CheckOptions& options)
    : parts_(std::move(parts)), checks_({.resolver = parts_->cache, .clock = clock, .keys = parts_->keys}, options) {}

// As libunbound writes them: address@port.
std::vector<std::string> server_names(const std::vector<ip::Endpoint>& endpoints) {
  std::vector<std::string> names;
  for (const ip::Endpoint& endpoint : endpoints)
    names.push_back(ip::to_string(endpoint.address) + "@" + std::to_string(endpoint.port));
  return names;
}

}  // namespace

LaneSenderChecks::LaneSenderChecks(const Clock& clock, std::uint64_t seed) : clock_(clock), seed_(seed) {}

LaneSenderChecks::~LaneSenderChecks() = default;

void LaneSenderChecks::use(const config::Settings& settings, std::unique_ptr<auth::Resolver> resolver) {
  options_ = check_options(settings);
  if (resolver) parts_ = std::make_shared<Parts>(std::move(resolver), clock_, cache_options(settings.dns), seed_);
  on_ = settings.auth.checks && parts_ != nullptr;
}

std::unique_ptr<inspect::SenderCheck> LaneSenderChecks::begin() {
  if (!on_) return nullptr;
  return std::make_unique<Check>(parts_, clock_, options_);
}

dns::UnboundOptions unbound_options(const config::Dns& settings) {
  dns::UnboundOptions options;
  options.servers = server_names(settings.servers);
  if (settings.recursive || !settings.servers.empty()) options.resolv_conf.clear();
  for (const config::DnsStub& stub : settings.stubs)
    options.stubs.push_back({.zone = stub.zone, .servers = server_names(stub.servers)});
  options.trust_anchor_file = settings.trust_anchor;
  options.open_questions = settings.open_questions;
  return options;
}

dns::CacheOptions cache_options(const config::Dns& settings) {
  dns::CacheOptions options;
  options.entries = settings.cache_entries;
  options.octets = static_cast<std::size_t>(settings.cache_octets);
  return options;
}

auth::CheckOptions check_options(const config::Settings& settings) {
  auth::CheckOptions options;
  options.budget = {.queries = settings.dns.queries, .time = settings.dns.time, .per_query = settings.dns.question};
  options.spf.receiver = settings.hostname;
  options.arc.trusted_sealers = settings.auth.trusted_sealers;
  return options;
}

}  // namespace anechoic::app
