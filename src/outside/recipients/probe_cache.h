// SPDX-License-Identifier: Apache-2.0
// What backends have said of addresses, in memory, bounded. Being asked never lengthens a life: only put() does.
//
// Positives and negatives have a room each (half of `entries`), so that a flood of unknown addresses does not push the
// known ones out; in a full room the one put longest ago goes. An answer stays findable after `expires` until it is
// pushed out: what an expired one is good for is the caller's business (R8).   Threads: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "outside/recipients/seeded_hash.h"

namespace anechoic::recipients {

struct CachedAnswer {
  bool exists = false;
  WallTime asked_at{};  // when the backend said so
  WallTime expires{};

  friend bool operator==(const CachedAnswer&, const CachedAnswer&) = default;
};

class ProbeCache {
 public:
  ProbeCache(std::size_t entries, std::uint64_t seed);  // seed: random at start

  [[nodiscard]] std::optional<CachedAnswer> find(std::string_view key) const;
  // Returns what was there before.
  std::optional<CachedAnswer> put(std::string_view key, const CachedAnswer& answer);
  bool erase(std::string_view key);
  [[nodiscard]] std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;
  struct Node {
    std::string key;
    CachedAnswer answer;
  };
  using Order = std::list<Node>;  // oldest put first
  struct Hash {
    std::uint64_t seed;
    std::size_t operator()(std::string_view key) const { return seeded_hash(seed, key); }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::array<Order, 2> order;                                                     // [exists]
    std::unordered_map<std::string_view, Order::iterator, Hash> index{0, Hash{0}};  // the keys are the nodes'
  };

  [[nodiscard]] Shard& shard_of(std::string_view key) { return shards_[seeded_hash(seed_, key) % kShards]; }
  [[nodiscard]] const Shard& shard_of(std::string_view key) const { return shards_[seeded_hash(seed_, key) % kShards]; }

  std::uint64_t seed_;
  std::size_t bound_;  // of each order of each shard
  std::array<Shard, kShards> shards_;
};

}  // namespace anechoic::recipients
