// SPDX-License-Identifier: Apache-2.0
#include "judge/origin/measures.h"

#include <gtest/gtest.h>

#include <vector>

namespace anechoic::judge::origin {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15}};

WallTime ago(hours time) {
  return kNow - time;
}

TEST(Coverage, AbsenceCountsOnlyADayInside) {
  const std::vector<Span> spans{{ago(days(20)), ago(days(10))}, {ago(days(8)), kNow}};
  const auto at = [&](hours time) { return absence(spans, ago(time), kNow); };
  EXPECT_EQ(at(days(15)), Ledger::AbsentInside);
  EXPECT_EQ(at(days(19)), Ledger::AbsentInside);
  EXPECT_EQ(at(days(19) + hours(1)), Ledger::AbsentOutside);  // the mail may have left before the ledger began
  EXPECT_EQ(at(days(11)), Ledger::AbsentInside);
  EXPECT_EQ(at(days(11) - hours(1)), Ledger::AbsentOutside);
  EXPECT_EQ(at(days(9)), Ledger::AbsentOutside);
  EXPECT_EQ(at(days(7)), Ledger::AbsentInside);
  EXPECT_EQ(at(hours(1)), Ledger::AbsentInside);
  EXPECT_EQ(at(hours(0)), Ledger::AbsentInside);
  EXPECT_EQ(at(-days(1)), Ledger::AbsentInside);  // the sender's clock is a day fast
  EXPECT_EQ(at(-days(1) - hours(1)), Ledger::AbsentOutside);
  EXPECT_EQ(at(days(30)), Ledger::AbsentOutside);
}

TEST(Coverage, DatesThatSayNothing) {
  const std::vector<Span> always{{WallTime{}, kNow}};
  EXPECT_EQ(absence(always, std::nullopt, kNow), Ledger::AbsentOutside);
  EXPECT_EQ(absence(always, WallTime::min(), kNow), Ledger::AbsentOutside);
  EXPECT_EQ(absence(always, WallTime::max(), kNow), Ledger::AbsentOutside);
  EXPECT_EQ(absence({}, kNow, kNow), Ledger::AbsentOutside);
}

TEST(Coverage, SpansMayOverlapTouchAndComeInAnyOrder) {
  const std::vector<Span> spans{{ago(hours(2)), kNow},
                                {ago(hours(10)), ago(hours(6))},
                                {ago(hours(8)), ago(hours(4))},
                                {ago(hours(4)), ago(hours(2))},
                                {ago(hours(1)), ago(hours(3))}};  // turned round: nothing
  EXPECT_TRUE(covers(spans, ago(hours(10)), kNow));
  EXPECT_FALSE(covers(spans, ago(hours(11)), kNow));
  EXPECT_FALSE(covers(spans, kNow, kNow));
  EXPECT_DOUBLE_EQ(coverage_share(spans, ago(hours(20)), kNow), 0.5);
  EXPECT_DOUBLE_EQ(coverage_share(spans, ago(hours(5)), ago(hours(3))), 1);
  EXPECT_DOUBLE_EQ(coverage_share(spans, kNow, ago(hours(1))), 0);
  EXPECT_DOUBLE_EQ(coverage_share({}, ago(hours(1)), kNow), 0);
}

TEST(Measures, ExplainedShareAndContradictions) {
  Measures measures;
  EXPECT_DOUBLE_EQ(measures.explained_share(), 0);
  measures.add({.origin = Origin::Ours});
  measures.add({.origin = Origin::NotOurs,
                .contradictions = {{Reason::LedgerFound, Reason::UntaggedBounce, true},
                                   {Reason::DkimVerified, Reason::UntaggedBounce, true}}});
  measures.add({.origin = Origin::NotOurs});
  measures.add({.origin = Origin::Unknown});
  EXPECT_EQ(measures.bounces(), 4U);
  EXPECT_EQ(measures.ours(), 1U);
  EXPECT_EQ(measures.not_ours(), 2U);
  EXPECT_EQ(measures.unknown(), 1U);
  EXPECT_EQ(measures.contradictions(), 1U);
  EXPECT_EQ(measures.unexplained(), 0U);
  EXPECT_DOUBLE_EQ(measures.explained_share(), 0.75);
}

TEST(Measures, OfferedWhenCoverageReachesAndNothingIsUnexplained) {
  const ReturnTime time{.queue = days(5), .answer = days(2)};
  const std::vector<Span> whole{{ago(days(7)), kNow}};
  const std::vector<Span> short_of{{ago(days(7) - hours(1)), kNow}};
  const std::vector<Span> with_gap{{ago(days(9)), ago(days(3))}, {ago(days(3) - hours(1)), kNow}};
  const std::vector<Span> ended{{ago(days(9)), ago(hours(1))}};
  Measures measures;
  EXPECT_TRUE(measures.offered(whole, kNow, time));
  EXPECT_FALSE(measures.offered(short_of, kNow, time));
  EXPECT_FALSE(measures.offered(with_gap, kNow, time));
  EXPECT_FALSE(measures.offered(ended, kNow, time));
  EXPECT_FALSE(measures.offered({}, kNow, time));
  measures.add({.origin = Origin::Ours, .contradictions = {{Reason::DkimVerified, Reason::AbsentThoughOurs, false}}});
  EXPECT_EQ(measures.unexplained(), 1U);
  EXPECT_FALSE(measures.offered(whole, kNow, time));
}

}  // namespace
}  // namespace anechoic::judge::origin
