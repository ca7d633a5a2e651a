// SPDX-License-Identifier: Apache-2.0
// How many null-sender mails each recipient got within the last minute, in a table of fixed size.
//
// The minute is counted in steps of ten seconds, so "the last minute" is the last 50 to 60 seconds. An entry is a
// seeded hash of the address (folded, so that case does not split the count); when the places of an entry are taken,
// the one with the smallest count goes. Nothing is allocated after construction.   Threads: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "inspect/null_sender_rates.h"
#include "mail/address.h"

namespace anechoic::recipients {

struct NullSenderTableOptions {
  std::size_t entries = 65536;  // recipients watched at once; rounded up to a multiple of kShards * kWays
};

class NullSenderTable final : public inspect::NullSenderRates {
 public:
  NullSenderTable(const NullSenderTableOptions& options, std::uint64_t seed);  // seed: random at start

  unsigned add(const mail::Mailbox& recipient, SteadyTime now) override;

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kWays = 8;   // places that one address may take
  static constexpr std::size_t kSteps = 6;  // of ten seconds
  struct Entry {
    std::uint64_t key = 0;
    std::int64_t step = -1;  // of the latest mail; -1: free
    std::array<std::uint32_t, kSteps> counts{};

    void move_to(std::int64_t now_step);
    [[nodiscard]] unsigned sum() const;
  };
  struct Shard {
    std::mutex mutex;
    std::vector<Entry> entries;
  };

  [[nodiscard]] std::uint64_t key_of(const mail::Mailbox& recipient) const;

  std::uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace anechoic::recipients
