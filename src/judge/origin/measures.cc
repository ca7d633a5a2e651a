// SPDX-License-Identifier: Apache-2.0
#include "judge/origin/measures.h"

#include <algorithm>
#include <vector>

namespace anechoic::judge::origin {

namespace {

constexpr std::chrono::days kClockSkew{1};

// How much of [from, to) is covered.
WallTime::duration covered(std::span<const Span> coverage, WallTime from, WallTime to) {
  std::vector<Span> spans(coverage.begin(), coverage.end());
  std::ranges::sort(spans, {}, &Span::from);
  WallTime::duration sum{0};
  WallTime reached = from;
  for (const Span& span : spans) {
    const WallTime begin = std::max(span.from, reached);
    const WallTime end = std::min(span.to, to);
    if (begin < end) {
      sum += end - begin;
      reached = end;
    }
  }
  return sum;
}

}  // namespace

Ledger absence(std::span<const Span> coverage, std::optional<WallTime> original, WallTime now) {
  // Compared before anything is added: a header may claim any date.
  if (!original || *original > now + kClockSkew || *original < WallTime{} + kClockSkew) {
    return Ledger::AbsentOutside;
  }
  const WallTime from = std::min(*original, now) - kClockSkew;
  const WallTime to = std::min(*original + kClockSkew, now);
  return covers(coverage, from, to) ? Ledger::AbsentInside : Ledger::AbsentOutside;
}

bool covers(std::span<const Span> coverage, WallTime from, WallTime to) {
  return from < to && covered(coverage, from, to) == to - from;
}

double coverage_share(std::span<const Span> coverage, WallTime from, WallTime to) {
  if (from >= to) {
    return 0;
  }
  return static_cast<double>(covered(coverage, from, to).count()) / static_cast<double>((to - from).count());
}

void Measures::add(const Judgement& judgement) {
  switch (judgement.origin) {
    case Origin::Ours:
      ++ours_;
      break;
    case Origin::NotOurs:
      ++not_ours_;
      break;
    case Origin::Unknown:
      ++unknown_;
      break;
  }
  contradictions_ += judgement.contradictions.empty() ? 0 : 1;
  unexplained_ += judgement.contradicted() ? 1 : 0;
}

double Measures::explained_share() const {
  return bounces() == 0 ? 0 : static_cast<double>(ours_ + not_ours_) / static_cast<double>(bounces());
}

bool Measures::offered(std::span<const Span> coverage, WallTime now, const ReturnTime& time) const {
  return unexplained_ == 0 && covers(coverage, now - time.queue - time.answer, now);
}

}  // namespace anechoic::judge::origin
