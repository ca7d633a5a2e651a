// SPDX-License-Identifier: Apache-2.0
// Counts by name, in bounded memory: when too many names have come, the rare ones are put together.
// Threads: none; one owner.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace anechoic::triage {

class Tally {
 public:
  void add(const std::string& name, std::uint64_t count = 1) {
    counts_[name] += count;
    total_ += count;
    if (counts_.size() > kMost) thin_out();
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  // Most frequent first (then by name).
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> top(std::size_t most) const {
    std::vector<std::pair<std::string, std::uint64_t>> all(counts_.begin(), counts_.end());
    std::ranges::sort(all, [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (all.size() > most) all.resize(most);
    return all;
  }

 private:
  void thin_out() {
    for (std::uint64_t rare = 1; counts_.size() > kMost / 2; rare *= 2)
      std::erase_if(counts_, [rare](const auto& entry) { return entry.second <= rare; });
  }
  static constexpr std::size_t kMost = 5'000;
  std::unordered_map<std::string, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace anechoic::triage
