// SPDX-License-Identifier: Apache-2.0
#include "outside/net/quota.h"

#include <cstdint>
#include <string>

namespace anechoic::net {

Quota::Quota(const Options& options)
    : limit_(options.connections), limit_per_address_(options.connections_per_address) {}

void Quota::set_options(const Options& options) {
  limit_.store(options.connections, std::memory_order_relaxed);
  limit_per_address_.store(options.connections_per_address, std::memory_order_relaxed);
}

Quota::Shard& Quota::shard_of(const ip::Address& key) {
  std::uint32_t hash = 2166136261U;  // FNV-1a
  for (const std::uint8_t octet : key.octets()) hash = (hash ^ octet) * 16777619U;
  return shards_[hash % kShards];
}

Result<Quota::Unit> Quota::take(const ip::Address& client) {
  const unsigned limit = limit_.load(std::memory_order_relaxed);
  if (total_.fetch_add(1, std::memory_order_relaxed) >= limit) {
    total_.fetch_sub(1, std::memory_order_relaxed);
    return fail(Errc::Exhausted, "all " + std::to_string(limit) + " connections are in use");
  }
  const ip::Address key = client.limit_key();
  const unsigned limit_per_address = limit_per_address_.load(std::memory_order_relaxed);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto [entry, made] = shard.counts.try_emplace(key, 0U);
  if (entry->second >= limit_per_address) {
    if (made) shard.counts.erase(entry);
    total_.fetch_sub(1, std::memory_order_relaxed);
    return fail(Errc::Limit, std::to_string(limit_per_address) + " connections from one address");
  }
  ++entry->second;
  return Unit(*this, key);
}

void Quota::give_back(const ip::Address& key) {
  total_.fetch_sub(1, std::memory_order_relaxed);
  Shard& shard = shard_of(key);
  const std::scoped_lock lock(shard.mutex);
  const auto entry = shard.counts.find(key);
  if (--entry->second == 0) shard.counts.erase(entry);
}

}  // namespace anechoic::net
