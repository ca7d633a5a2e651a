// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/probe_source.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/probe_fakes.h"

namespace anechoic::recipients {
namespace {

using Kind = SourceAnswer::Kind;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const smtp::Reply kTaken{250, {2, 1, 5}, "Ok"};
const smtp::Reply kUnknown{550, {5, 1, 1}, "User unknown"};
const smtp::Reply kLater{451, {4, 7, 1}, "Greylisted"};

mail::Mailbox box(const std::string& address) {
  return mail::parse_mailbox(address, mail::Utf8::Allowed).value();
}

class ProbeSourceTest : public ::testing::Test {
 protected:
  ProbeSourceTest() { prober.known = {"postmaster@example.org", "user@example.org"}; }

  std::shared_ptr<ProbeSource> make(bool canary = true) {
    ProbeOptions options{.name = "asked", .canary = std::nullopt, .probes = 3};
    if (canary) {
      options.canary = box("postmaster@example.org");
    }
    auto source = std::make_shared<ProbeSource>(
        options, ProbeSource::Ports{.prober = prober,
                                    .store = &store,
                                    .clock = clock,
                                    .alarm = [this](const Alarm& alarm) { alarms.push_back(alarm); },
                                    .random = [this] { return ++random; }});
    EXPECT_TRUE(source->load());
    return source;
  }
  // One whose tests have been made.
  std::shared_ptr<ProbeSource> tested(bool canary = true) {
    auto source = make(canary);
    (void)source->find(box("first@example.org"));
    return source;
  }
  static Kind kind(ProbeSource& source, const std::string& address) { return source.find(box(address)).kind; }

  testing::FakeClock clock;
  testing::ScriptedProber prober;
  testing::KeptCache store;
  std::vector<Alarm> alarms;
  std::uint64_t random = 0;
};

// R10a: what is not cached is left to the live RCPT; its answer is learned.
TEST_F(ProbeSourceTest, LiveAnswersAreLearnedAndMissesAreNotProbed) {
  auto source = tested();
  const std::size_t probes = prober.asked.size();
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Nothing);
  source->learn(box("user@example.org"), kTaken);
  source->learn(box("Nobody@example.org"), kUnknown);
  source->learn(box("grey@example.org"), kLater);
  EXPECT_EQ(kind(*source, "User@example.org"), Kind::Exists);
  EXPECT_FALSE(source->find(box("user@example.org")).exact) << "a probe lists nothing (R1)";
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Absent);
  EXPECT_EQ(kind(*source, "grey@example.org"), Kind::Nothing);
  EXPECT_EQ(prober.asked.size(), probes);
  source->learn(box("nobody@example.org"), kTaken);
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Exists);
}

TEST_F(ProbeSourceTest, LivesAreNotLengthenedByUse) {
  auto source = tested(false);
  prober.busy = true;  // so that nothing is refreshed
  source->learn(box("user@example.org"), kTaken);
  source->learn(box("nobody@example.org"), kUnknown);
  for (int minute = 0; minute < 9; ++minute) {
    clock.advance(minutes(1));
    EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Absent);
  }
  clock.advance(minutes(1));
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Nothing);
}

TEST_F(ProbeSourceTest, NegativesLiveTenMinutesPositivesTwelveHours) {
  auto source = tested(false);
  source->learn(box("user@example.org"), kTaken);
  clock.advance(hours(10));
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  prober.busy = true;
  clock.advance(hours(1) + minutes(59));
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  clock.advance(minutes(1));
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
}

TEST_F(ProbeSourceTest, PositivesAreRefreshedAheadOnce) {
  auto source = tested(false);
  source->learn(box("user@example.org"), kTaken);
  source->learn(box("left@example.org"), kTaken);
  clock.advance(hours(11));
  (void)kind(*source, "someone@example.org");  // the accept-all test is due again, too
  prober.asked.clear();
  prober.later = true;
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  EXPECT_EQ(kind(*source, "left@example.org"), Kind::Exists);
  EXPECT_EQ(prober.asked, (std::vector<std::string>{"user@example.org", "left@example.org"}));
  prober.answer_all();
  prober.later = false;
  clock.advance(hours(2));
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists) << "past its first life";
  EXPECT_EQ(kind(*source, "left@example.org"), Kind::Nothing) << "the backend said no, ten minutes and more ago";
}

TEST_F(ProbeSourceTest, ProbesInFlightAreBounded) {
  auto source = tested(false);
  for (int i = 0; i < 10; ++i) {
    source->learn(box("u" + std::to_string(i) + "@example.org"), kTaken);
  }
  clock.advance(hours(11));
  prober.later = true;
  for (int i = 0; i < 10; ++i) {
    (void)kind(*source, "u" + std::to_string(i) + "@example.org");
  }
  EXPECT_EQ(prober.open.size(), 3U);
  for (int i = 0; i < 20; ++i) {  // tests of further domains queue
    (void)kind(*source, "x@d" + std::to_string(i) + ".example");
  }
  EXPECT_EQ(prober.open.size(), 3U);
  std::size_t most = 0;
  while (!prober.open.empty()) {
    most = std::max(most, prober.open.size());
    prober.answer_next();
  }
  EXPECT_EQ(most, 3U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(prober.count("@d" + std::to_string(i) + ".example"), 1);
  }
}

// R9
TEST_F(ProbeSourceTest, AcceptAllMustBeKnownFirst) {
  prober.later = true;
  auto source = make();
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Wait);
  EXPECT_EQ(kind(*source, "other@example.org"), Kind::Wait);
  int ready = 0;
  source->wait(box("user@example.org"), [&ready] { ++ready; });
  source->wait(box("other@example.org"), [&ready] { ++ready; });
  EXPECT_EQ(ready, 0);
  EXPECT_EQ(prober.count("anechoic-test-"), 1);
  prober.answer_all();
  EXPECT_EQ(ready, 2);
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
  source->wait(box("user@example.org"), [&ready] { ++ready; });
  EXPECT_EQ(ready, 3) << "nothing to wait for";
}

TEST_F(ProbeSourceTest, AcceptAllIsFoundAndTestedAgain) {
  prober.accepts_all = true;
  auto source = tested();
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::AcceptsAll);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_NE(alarms[0].text.find("catch_all"), std::string::npos);
  source->learn(box("user@example.org"), kTaken);  // means nothing
  prober.accepts_all = false;
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::AcceptsAll);
  clock.advance(hours(1));
  (void)kind(*source, "user@example.org");
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_TRUE(alarms[1].over);
  const std::vector<std::string> asked = prober.asked;
  std::vector<std::string> made_up;
  std::ranges::copy_if(asked, std::back_inserter(made_up), [](const auto& a) { return a.starts_with("anechoic-"); });
  ASSERT_EQ(made_up.size(), 2U);
  EXPECT_NE(made_up[0], made_up[1]) << "a new address each time";
}

TEST_F(ProbeSourceTest, AnUntestableDomainIsDownUntilItIsTested) {
  prober.busy = true;
  auto source = tested(false);
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Down);
  EXPECT_EQ(alarms.size(), 1U);
  prober.busy = false;
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Down) << "not yet tried again";
  clock.advance(seconds(31));
  prober.later = true;
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Down) << "nobody waits for a second try";
  prober.answer_all();
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_TRUE(alarms[1].over);
}

TEST_F(ProbeSourceTest, AFormerResultHoldsWhileTheTestCantBeMadeAnew) {
  auto source = tested(false);
  clock.advance(hours(2));
  prober.reachable = false;
  (void)kind(*source, "user@example.org");
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
}

// R8
TEST_F(ProbeSourceTest, ARefusedCanaryMeansDownAndPositivesAreServedStale) {
  auto source = tested();
  source->learn(box("user@example.org"), kTaken);
  source->learn(box("nobody@example.org"), kUnknown);
  prober.known.clear();  // the backend has lost its directory and refuses everybody
  clock.advance(minutes(5));
  (void)kind(*source, "x@example.org");
  const SourceAnswer known = source->find(box("user@example.org"));
  EXPECT_EQ(known.kind, Kind::Exists);
  EXPECT_TRUE(known.stale);
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Down) << "no negatives from a broken backend";
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_NE(alarms[0].text.find("postmaster@example.org"), std::string::npos);
  source->learn(box("user@example.org"), kUnknown);  // the same breakage, live
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  clock.advance(hours(24));
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists) << "expired, but better than nothing";
  clock.advance(hours(24 * 7));
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Down);
  EXPECT_EQ(alarms.size(), 1U);
  prober.known = {"postmaster@example.org"};
  clock.advance(seconds(31));
  (void)kind(*source, "x@example.org");
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Nothing);
  ASSERT_EQ(alarms.size(), 2U);
  EXPECT_TRUE(alarms[1].over);
}

TEST_F(ProbeSourceTest, AnUnreachableBackendIsDown) {
  auto source = tested();
  source->learn(box("user@example.org"), kTaken);
  prober.reachable = false;
  clock.advance(minutes(5));
  (void)kind(*source, "x@example.org");
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  EXPECT_EQ(kind(*source, "other@example.org"), Kind::Down);
  const long before = prober.count("postmaster");
  clock.advance(seconds(10));
  (void)kind(*source, "x@example.org");
  EXPECT_EQ(prober.count("postmaster"), before) << "tried again every 30 s, not with every question";
}

TEST_F(ProbeSourceTest, WhatIsLearnedSurvivesARestart) {
  {
    auto source = tested();
    source->learn(box("user@example.org"), kTaken);
    source->learn(box("nobody@example.org"), kUnknown);
  }
  clock.advance(minutes(5));
  prober.asked.clear();
  prober.later = true;
  auto source = make(false);
  EXPECT_EQ(kind(*source, "user@example.org"), Kind::Exists);
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Absent);
  EXPECT_TRUE(prober.asked.empty()) << "the accept-all result was kept, too";
  clock.advance(minutes(5));
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Nothing);
  clock.advance(minutes(51));
  (void)kind(*source, "user@example.org");
  EXPECT_EQ(prober.count("anechoic-test-"), 1) << "an hour after the first test, not after the restart";
}

TEST_F(ProbeSourceTest, ABusyAddressIsNotWrittenWithEveryMail) {
  auto source = tested();
  const int before = store.puts;
  for (int i = 0; i < 100; ++i) {
    source->learn(box("user@example.org"), kTaken);
    clock.advance(seconds(1));
  }
  EXPECT_EQ(store.puts, before + 1);
  clock.advance(hours(2));
  source->learn(box("user@example.org"), kTaken);
  EXPECT_EQ(store.puts, before + 2);
}

TEST_F(ProbeSourceTest, ShowAndForget) {
  auto source = tested();
  source->learn(box("nobody@example.org"), kUnknown);
  const SourceReport report = source->show(box("Nobody@example.org"));
  EXPECT_EQ(report.type, "probe");
  EXPECT_EQ(report.answer.kind, Kind::Absent);
  EXPECT_EQ(report.asked_at, clock.wall());
  EXPECT_EQ(report.expires, clock.wall() + minutes(10));
  EXPECT_TRUE(source->forget(box("nobody@example.org")));
  EXPECT_FALSE(source->forget(box("nobody@example.org")));
  EXPECT_EQ(kind(*source, "nobody@example.org"), Kind::Nothing);
  EXPECT_FALSE(store.rows.contains({"asked", "nobody@example.org"}));
  EXPECT_EQ(source->show(box("x@unasked.example")).answer.kind, Kind::Nothing);
}

TEST_F(ProbeSourceTest, RoutedAddressesAreNeverAnswered) {
  auto source = tested();
  source->learn(box("a%b@example.org"), kTaken);
  EXPECT_EQ(kind(*source, "a%b@example.org"), Kind::Nothing);
  EXPECT_TRUE(store.rows.contains({"asked", "@example.org"}));
  EXPECT_FALSE(store.rows.contains({"asked", "a%b@example.org"}));
}

TEST_F(ProbeSourceTest, AnswersThatComeAfterItsEndAreDropped) {
  prober.later = true;
  auto source = make();
  (void)kind(*source, "user@example.org");
  bool ready = false;
  source->wait(box("user@example.org"), [&ready] { ready = true; });
  source.reset();
  prober.answer_all();
  EXPECT_FALSE(ready);
}

}  // namespace
}  // namespace anechoic::recipients
