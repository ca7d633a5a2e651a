// SPDX-License-Identifier: Apache-2.0
// How many connections there may be, in total and from one client network (ip::Address::limit_key).
//
// take() counts a connection in; the Unit it returns counts it out when it is destroyed.
// Errors: Exhausted (in total), Limit (this client).
// Threads: any; Units may be destroyed on another thread. Lifetime: the Quota outlives its Units.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "base/ip.h"
#include "base/result.h"

namespace anechoic::net {

class Quota {
 public:
  struct Options {
    unsigned connections = 2000;
    unsigned connections_per_address = 50;
  };

  class Unit {
   public:
    Unit() = default;  // counts nothing
    Unit(Unit&& other) noexcept : quota_(std::exchange(other.quota_, nullptr)), key_(other.key_) {}
    Unit& operator=(Unit&& other) noexcept {
      std::swap(quota_, other.quota_);
      std::swap(key_, other.key_);
      return *this;
    }
    ~Unit() {
      if (quota_ != nullptr) quota_->give_back(key_);
    }

   private:
    friend class Quota;
    Unit(Quota& quota, const ip::Address& key) : quota_(&quota), key_(key) {}
    Quota* quota_ = nullptr;
    ip::Address key_;
  };

  explicit Quota(const Options& options);
  Quota(const Quota&) = delete;
  Quota& operator=(const Quota&) = delete;

  [[nodiscard]] Result<Unit> take(const ip::Address& client);
  void set_options(const Options& options);  // units already taken stay taken
  [[nodiscard]] unsigned in_use() const { return total_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kShards = 16;
  struct alignas(64) Shard {
    std::mutex mutex;
    std::map<ip::Address, unsigned> counts;
  };

  [[nodiscard]] Shard& shard_of(const ip::Address& key);
  void give_back(const ip::Address& key);

  std::atomic<unsigned> limit_;
  std::atomic<unsigned> limit_per_address_;
  std::atomic<unsigned> total_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace anechoic::net
