// SPDX-License-Identifier: Apache-2.0
// What the first weeks are measured by: the ledger's coverage, the share of bounces that were explained, and
// contradictions; and whether they are good enough to offer enforcing.
//
// A coverage is a list of spans [from, to) in which the ledger was written without a gap, in any order; they may
// overlap or touch; the one that is still being written ends at "now".   Threads: values; a Measures is used by one at
// a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "base/clock.h"
#include "judge/origin/evidence.h"
#include "judge/origin/weigh.h"

namespace anechoic::judge::origin {

struct Span {
  WallTime from{};
  WallTime to{};
};

// The ledger does not have it: is that inside of what it covers? Only if the day before and behind the original's date
// are covered too (clocks differ; what is still to come need not be). Without a date, or with one further than a day
// in the future: outside.
[[nodiscard]] Ledger absence(std::span<const Span> coverage, std::optional<WallTime> original, WallTime now);

// Is every instant of [from, to) covered?
[[nodiscard]] bool covers(std::span<const Span> coverage, WallTime from, WallTime to);

// The covered part of [from, to), 0 to 1; 0 of an empty span.
[[nodiscard]] double coverage_share(std::span<const Span> coverage, WallTime from, WallTime to);

struct ReturnTime {
  std::chrono::hours queue{5 * 24};   // how long the next hop's queue, and those behind it, keep a message
  std::chrono::hours answer{2 * 24};  // how long the answer may be on its way
};

// Counts what weigh() said of bounces: each once, when it was decided.
class Measures {
 public:
  void add(const Judgement& judgement);

  [[nodiscard]] std::uint64_t bounces() const { return ours_ + not_ours_ + unknown_; }
  [[nodiscard]] std::uint64_t ours() const { return ours_; }
  [[nodiscard]] std::uint64_t not_ours() const { return not_ours_; }
  [[nodiscard]] std::uint64_t unknown() const { return unknown_; }
  [[nodiscard]] std::uint64_t contradictions() const { return contradictions_; }  // bounces that have any
  [[nodiscard]] std::uint64_t unexplained() const { return unexplained_; }        // those with an unexplained one
  [[nodiscard]] double explained_share() const;                                   // 0 without bounces

  // May the operator be offered to enforce?
  [[nodiscard]] bool offered(std::span<const Span> coverage, WallTime now, const ReturnTime& time) const;

 private:
  std::uint64_t ours_ = 0;
  std::uint64_t not_ours_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t contradictions_ = 0;
  std::uint64_t unexplained_ = 0;
};

}  // namespace anechoic::judge::origin
