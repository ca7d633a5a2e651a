// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/literal_set.h"

#include <algorithm>
#include <cstring>

namespace anechoic::judge {

std::size_t LiteralSet::bucket_of(const char* key) {
  std::uint32_t value = 0;
  std::memcpy(&value, key, kKey);
  return (value * 0x9E3779B1U) >> 18U;
}

std::size_t LiteralSet::add(std::string_view literal) {
  literals_.emplace_back(literal);
  return literals_.size() - 1;
}

void LiteralSet::compile() {
  // The rarest four octets of all literals are the best key; what is taken already is less good.
  std::vector<std::uint32_t> common(kBuckets, 0);
  std::vector<std::uint32_t> taken(kBuckets, 0);
  for (const std::string& literal : literals_) {
    for (std::size_t at = 0; at + kKey <= literal.size(); ++at) ++common[bucket_of(literal.data() + at)];
  }
  std::vector<Entry> chosen;
  short_.clear();
  for (std::size_t number = 0; number < literals_.size(); ++number) {
    const std::string& literal = literals_[number];
    if (literal.size() < kKey) {
      short_.push_back(number);
      continue;
    }
    std::size_t best = 0;
    const auto badness = [&](std::size_t at) {
      const std::size_t bucket = bucket_of(literal.data() + at);
      return common[bucket] + 16 * taken[bucket];
    };
    for (std::size_t at = 1; at + kKey <= literal.size(); ++at) {
      if (badness(at) < badness(best)) best = at;
    }
    ++taken[bucket_of(literal.data() + best)];
    chosen.push_back({static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(best)});
  }
  const auto bucket = [&](const Entry& entry) { return bucket_of(literals_[entry.number].data() + entry.key_at); };
  std::ranges::sort(chosen, {}, [&](const Entry& entry) { return std::pair(bucket(entry), entry.number); });
  entries_ = std::move(chosen);
  first_.assign(kBuckets + 1, 0);
  used_.fill(0);
  for (const Entry& entry : entries_) {
    const std::size_t its = bucket(entry);
    ++first_[its + 1];
    used_[its / 64] |= std::uint64_t{1} << (its % 64);
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::vector<std::size_t> LiteralSet::find(std::string_view text) const {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at + kKey <= text.size(); ++at) {
    const std::size_t bucket = bucket_of(text.data() + at);
    if ((used_[bucket / 64] >> (bucket % 64) & 1U) == 0) continue;
    for (std::size_t i = first_[bucket]; i < first_[bucket + 1]; ++i) {
      const Entry& entry = entries_[i];
      if (at < entry.key_at || !text.substr(at - entry.key_at).starts_with(literals_[entry.number])) continue;
      found.push_back(entry.number);
    }
  }
  for (const std::size_t number : short_) {
    if (text.contains(literals_[number])) found.push_back(number);
  }
  std::ranges::sort(found);
  const auto twice = std::ranges::unique(found);
  found.erase(twice.begin(), twice.end());
  return found;
}

}  // namespace anechoic::judge
