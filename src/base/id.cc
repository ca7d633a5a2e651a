// SPDX-License-Identifier: Apache-2.0
#include "base/id.h"

#include <algorithm>

namespace anechoic {
namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kIdLength = 16;
constexpr std::size_t kTransactionLength = 3;

// 64 bits: 41 of milliseconds since 2020 (enough until 2089), 13 of the seed, 10 of the counter within one millisecond.
constexpr unsigned kCounterBits = 10;
constexpr unsigned kSeedBits = 13;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 41U) - 1;
constexpr auto kEpoch = std::chrono::sys_days{std::chrono::year{2020} / 1 / 1};

void write_base32(std::string& out, std::size_t end, std::size_t length, std::uint64_t value) {
  for (std::size_t i = 0; i < length; ++i) {
    out[end - 1 - i] = kAlphabet[value & 31U];
    value >>= 5U;
  }
}

}  // namespace

std::string SessionId::transaction(std::uint32_t number) const {
  std::string out(kIdLength, 'a');
  write_base32(out, kIdLength - kTransactionLength, kIdLength - kTransactionLength, value_);
  write_base32(out, kIdLength, kTransactionLength, number % 32768U);
  return out;
}

IdSource::IdSource(const Clock& clock, std::uint32_t seed)
    : clock_(clock), seed_(seed & ((std::uint32_t{1} << kSeedBits) - 1U)) {}

SessionId IdSource::next() {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(clock_.wall() - kEpoch).count();
  const std::uint64_t floor = (static_cast<std::uint64_t>(since) & kTimeMask) << kCounterBits;
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t mine = 0;
  do {
    mine = std::max(floor, last + 1);  // more than 1024 ids in a millisecond borrow from the next one
  } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
  const std::uint64_t time = mine >> kCounterBits;
  const std::uint64_t counter = mine & ((std::uint64_t{1} << kCounterBits) - 1);
  return SessionId((time << (kSeedBits + kCounterBits)) | (std::uint64_t{seed_} << kCounterBits) | counter);
}

bool is_id(std::string_view text) {
  return text.size() == kIdLength && std::ranges::all_of(text, [](char c) { return kAlphabet.contains(c); });
}

}  // namespace anechoic
