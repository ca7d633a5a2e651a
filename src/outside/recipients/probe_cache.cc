// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/probe_cache.h"

#include <algorithm>
#include <iterator>

namespace anechoic::recipients {

ProbeCache::ProbeCache(std::size_t entries, std::uint64_t seed)
    : seed_(mix(seed)), bound_(std::max<std::size_t>(1, entries / (2 * kShards))) {
  for (Shard& shard : shards_) {
    // Another seed than the one that chooses the shard, else all of a shard would stand in the same buckets.
    shard.index = decltype(shard.index)(0, Hash{mix(seed_ + 1)});
  }
}

std::optional<CachedAnswer> ProbeCache::find(std::string_view key) const {
  const Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  return found == shard.index.end() ? std::nullopt : std::optional(found->second->answer);
}

std::optional<CachedAnswer> ProbeCache::put(std::string_view key, const CachedAnswer& answer) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  Order& order = shard.order[answer.exists ? 1 : 0];
  if (const auto found = shard.index.find(key); found != shard.index.end()) {
    const CachedAnswer before = found->second->answer;
    order.splice(order.end(), shard.order[before.exists ? 1 : 0], found->second);
    found->second->answer = answer;
    if (order.size() > bound_) {
      shard.index.erase(order.front().key);
      order.pop_front();
    }
    return before;
  }
  order.push_back({std::string(key), answer});
  shard.index.emplace(order.back().key, std::prev(order.end()));
  if (order.size() > bound_) {
    shard.index.erase(order.front().key);
    order.pop_front();
  }
  return std::nullopt;
}

bool ProbeCache::erase(std::string_view key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found == shard.index.end()) {
    return false;
  }
  const auto node = found->second;
  shard.index.erase(found);
  shard.order[node->answer.exists ? 1 : 0].erase(node);
  return true;
}

std::size_t ProbeCache::size() const {
  std::size_t total = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    total += shard.index.size();
  }
  return total;
}

}  // namespace anechoic::recipients
