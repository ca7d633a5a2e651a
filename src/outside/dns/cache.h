// SPDX-License-Identifier: Apache-2.0
// Answers kept in front of another resolver, so that what has just been asked is not asked again: bounded in number and
// octets, the least lately used go first.
//
// An answer is handed on as it came, for as long as its time to live allows; its `ttl` is the one that it came with.
// Identical questions that are open are joined; one whose deadline is earlier than that of the open one is asked on its
// own. Failures are kept, too, for a short time (RFC 2308 7), unless their ttl is 0.
// A hit allocates nothing and calls back at once.
//
// Lifetime: resolver and clock outlive it. Threads: one object per thread, on it.                  RFC 1035 7.4; RFC
// 2308
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "auth/lookup/resolver.h"

namespace anechoic::dns {

struct CacheOptions {
  std::size_t entries = 50'000;
  std::size_t octets = std::size_t{16} * 1024 * 1024;  // estimated, with what the table itself needs
  std::chrono::seconds least{0};                       // answers live at least so long, whatever their time to live
  std::chrono::seconds most{3600};                     // ... and at most
  std::chrono::seconds negative_most{300};             // "no such name", "no such record"
  std::chrono::seconds failure_most{5};                // SERVFAIL, time-outs
};

class Cache final : public auth::Resolver {
 public:
  struct Counts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;   // asked of the resolver behind
    std::uint64_t joined = 0;   // to a question that was open
    std::uint64_t evicted = 0;  // for want of room, before their time
  };

  // seed: random at start, because strangers choose the names.
  Cache(auth::Resolver& behind, const Clock& clock, CacheOptions options, std::uint64_t seed);
  ~Cache() override;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  void resolve(const auth::Question& question, SteadyTime deadline, Callback callback) override;

  [[nodiscard]] const Counts& counts() const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t octets() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // calls of the resolver behind may come when the cache has gone
};

}  // namespace anechoic::dns
