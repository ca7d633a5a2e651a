// SPDX-License-Identifier: Apache-2.0
// The checks of who sent a message, on one lane: auth::Checks over the lane's cache of the DNS, behind inspect's port.
//
// use() is for messages that begin later; those under way keep the resolver, cache and options that they began with.
// Threads: the lane's.
#pragma once

#include <memory>

#include "app/config/settings.h"
#include "auth/checks.h"
#include "base/clock.h"
#include "inspect/sender_checks.h"
#include "outside/dns/cache.h"
#include "outside/dns/unbound.h"

namespace anechoic::app {

class LaneSenderChecks final : public inspect::SenderChecks {
 public:
  LaneSenderChecks(const Clock& clock, std::uint64_t seed);
  ~LaneSenderChecks() override;

  // `resolver`: a new one; null: the former stays.
  void use(const config::Settings& settings, std::unique_ptr<auth::Resolver> resolver);
  [[nodiscard]] std::unique_ptr<inspect::SenderCheck> begin() override;

  // The resolver with its cache, and the keys; held by each message under way.
  struct Parts;

 private:
  const Clock& clock_;
  const std::uint64_t seed_;
  bool on_ = false;
  auth::CheckOptions options_;
  std::shared_ptr<Parts> parts_;
};

[[nodiscard]] dns::UnboundOptions unbound_options(const config::Dns& settings);
[[nodiscard]] dns::CacheOptions cache_options(const config::Dns& settings);
[[nodiscard]] auth::CheckOptions check_options(const config::Settings& settings);

}  // namespace anechoic::app
