// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/null_sender_table.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>

#include "outside/recipients/seeded_hash.h"

namespace anechoic::recipients {
namespace {

constexpr std::chrono::seconds kStep{10};

}  // namespace

NullSenderTable::NullSenderTable(const NullSenderTableOptions& options, std::uint64_t seed) : seed_(mix(seed)) {
  const std::size_t sets = std::max<std::size_t>(1, (options.entries + kShards * kWays - 1) / (kShards * kWays));
  for (Shard& shard : shards_) {
    shard.entries.resize(sets * kWays);
  }
}

std::uint64_t NullSenderTable::key_of(const mail::Mailbox& recipient) const {
  return seeded_folded_hash(seeded_folded_hash(seed_, recipient.local), recipient.domain);
}

void NullSenderTable::Entry::move_to(std::int64_t now_step) {
  const std::int64_t passed = std::min<std::int64_t>(now_step - step, kSteps);
  for (std::int64_t i = 1; i <= passed; ++i) {
    counts[static_cast<std::size_t>((step + i) % static_cast<std::int64_t>(kSteps))] = 0;
  }
  step = std::max(step, now_step);
}

unsigned NullSenderTable::Entry::sum() const {
  std::uint64_t total = 0;
  for (const std::uint32_t count : counts) {
    total += count;
  }
  return static_cast<unsigned>(std::min<std::uint64_t>(total, std::numeric_limits<unsigned>::max()));
}

unsigned NullSenderTable::add(const mail::Mailbox& recipient, SteadyTime now) {
  const std::uint64_t key = key_of(recipient);
  const std::int64_t now_step = std::max<std::int64_t>(0, now.time_since_epoch() / kStep);
  Shard& shard = shards_[key % kShards];
  const std::lock_guard lock(shard.mutex);
  const std::size_t set = (key / kShards) % (shard.entries.size() / kWays);
  const std::span<Entry> ways = std::span(shard.entries).subspan(set * kWays, kWays);
  Entry* chosen = nullptr;
  for (Entry& entry : ways) {
    if (entry.step >= 0) {
      entry.move_to(now_step);
      if (entry.key == key) {
        chosen = &entry;
        break;
      }
    }
  }
  if (chosen == nullptr) {
    chosen = &*std::ranges::min_element(ways, {}, &Entry::sum);
    *chosen = {.key = key, .step = now_step, .counts = {}};
  }
  std::uint32_t& count = chosen->counts[static_cast<std::size_t>(chosen->step % static_cast<std::int64_t>(kSteps))];
  if (count < std::numeric_limits<std::uint32_t>::max()) {
    ++count;
  }
  return chosen->sum();
}

}  // namespace anechoic::recipients
