// SPDX-License-Identifier: Apache-2.0
#include "outside/dns/cache.h"

#include <gtest/gtest.h>

#include <optional>

#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::dns {
namespace {

using namespace std::chrono_literals;
using auth::Answer;
using auth::Found;
using auth::Question;
using auth::SharedAnswer;
using testing::FakeClock;

Question question(std::string_view name, Type type = Type::Txt) {
  return {Name::parse(name).value(), type};
}

// Says what the test wants, when the test wants.
class Behind final : public auth::Resolver {
 public:
  struct Asked {
    Question question;
    SteadyTime deadline;
    Callback callback;
  };
  Answer says{.found = Found::Records, .records = {Txt{"text"}}, .ttl = 60s};
  bool at_once = true;
  std::vector<Asked> open;
  unsigned asked = 0;

  void resolve(const Question& of, SteadyTime deadline, Callback callback) override {
    ++asked;
    if (at_once) return callback(std::make_shared<const Answer>(says));
    open.push_back({of, deadline, std::move(callback)});
  }
  void answer(std::size_t which = 0) {
    Callback callback = std::move(open.at(which).callback);
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    callback(std::make_shared<const Answer>(says));
  }
};

class DnsCache : public ::testing::Test {
 protected:
  FakeClock clock;
  Behind behind;
  CacheOptions options;
  std::optional<Cache> cache;

  void SetUp() override { renew(); }
  void renew() { cache.emplace(behind, clock, options, 42); }
  SteadyTime in(std::chrono::seconds time) const { return clock.steady() + time; }
  // What came back, if anything.
  SharedAnswer ask(std::string_view name, Type type = Type::Txt) {
    SharedAnswer got;
    cache->resolve(question(name, type), in(5s), [&](SharedAnswer answer) { got = std::move(answer); });
    return got;
  }
};

TEST_F(DnsCache, AnswersFromMemoryUntilTheTimeIsUp) {
  const SharedAnswer first = ask("a.example");
  EXPECT_EQ(ask("A.EXAMPLE"), first);
  clock.advance(59s);
  EXPECT_EQ(ask("a.example"), first);
  EXPECT_EQ(behind.asked, 1U);
  clock.advance(1s);
  EXPECT_NE(ask("a.example"), first);
  EXPECT_EQ(behind.asked, 2U);
  EXPECT_EQ(cache->counts().hits, 2U);
  EXPECT_EQ(cache->counts().misses, 2U);
  ask("a.example", Type::A);
  ask("b.example");
  EXPECT_EQ(behind.asked, 4U);
}

TEST_F(DnsCache, BoundsEachKindOfLife) {
  struct Case {
    Found found;
    std::chrono::seconds ttl;
    std::chrono::seconds lives;
  };
  options.least = 10s;
  options.most = 100s;
  options.negative_most = 30s;
  options.failure_most = 5s;
  const Case cases[] = {{Found::Records, 0s, 10s},          {Found::Records, 50s, 50s},
                        {Found::Records, 1000s, 100s},      {Found::NoRecords, 20s, 20s},
                        {Found::NoSuchName, 1000s, 30s},    {Found::NoSuchName, 0s, 0s},
                        {Found::TemporaryFailure, 60s, 5s}, {Found::TemporaryFailure, 0s, 0s},
                        {Found::Timeout, 60s, 5s},          {Found::OverBudget, 60s, 0s}};
  for (const Case& c : cases) {
    renew();
    behind.asked = 0;
    behind.says = {.found = c.found, .records = {}, .ttl = c.ttl};
    const SharedAnswer first = ask("a");
    ASSERT_TRUE(first);
    if (c.lives > 0s) {
      clock.advance(c.lives - 1s);
      EXPECT_EQ(ask("a"), first) << to_string(c.found);
      EXPECT_EQ(behind.asked, 1U);
      clock.advance(1s);
    }
    ask("a");
    EXPECT_EQ(behind.asked, 2U) << to_string(c.found);
  }
}

TEST_F(DnsCache, JoinsQuestionsThatAreOpen) {
  behind.at_once = false;
  std::vector<SharedAnswer> got(3);
  for (SharedAnswer& each : got) {
    cache->resolve(question("a"), in(5s), [&each](SharedAnswer answer) { each = std::move(answer); });
  }
  cache->resolve(question("a", Type::A), in(5s), [](const SharedAnswer&) {});
  EXPECT_EQ(behind.asked, 2U);
  EXPECT_EQ(cache->counts().joined, 2U);
  behind.answer();
  for (const SharedAnswer& each : got) {
    ASSERT_TRUE(each);
    EXPECT_EQ(each->records, (std::vector<Rdata>{Txt{"text"}}));
  }
  EXPECT_EQ(ask("a"), got[0]);
}

TEST_F(DnsCache, AsksOnItsOwnForWhoeverIsInAHurry) {
  behind.at_once = false;
  SharedAnswer slow;
  SharedAnswer quick;
  cache->resolve(question("a"), in(9s), [&](SharedAnswer answer) { slow = std::move(answer); });
  cache->resolve(question("a"), in(2s), [&](SharedAnswer answer) { quick = std::move(answer); });
  ASSERT_EQ(behind.open.size(), 2U);
  EXPECT_EQ(behind.open[1].deadline, in(2s));
  behind.says.found = Found::Timeout;
  behind.says.ttl = 0s;
  behind.answer(1);
  EXPECT_EQ(quick->found, Found::Timeout);
  EXPECT_FALSE(slow);
  behind.says = {.found = Found::NoRecords, .records = {}};
  behind.answer();
  EXPECT_EQ(slow->found, Found::NoRecords);
}

TEST_F(DnsCache, AsksAgainForThosePatientEnough) {
  behind.at_once = false;
  std::vector<SharedAnswer> got(3);
  for (std::size_t i = 0; i < got.size(); ++i) {
    cache->resolve(question("a"), in(std::chrono::seconds(2 + 2 * i)),
                   [&got, i](SharedAnswer answer) { got[i] = std::move(answer); });
  }
  clock.advance(2s);
  behind.says = {.found = Found::Timeout, .records = {}, .ttl = 0s};
  behind.answer();
  ASSERT_TRUE(got[0]);
  EXPECT_FALSE(got[1]);
  ASSERT_EQ(behind.open.size(), 1U);
  EXPECT_EQ(behind.open[0].deadline, in(2s));
  behind.says = {.found = Found::Records, .records = {Txt{"late"}}, .ttl = 1s};
  behind.answer();
  EXPECT_EQ(got[1], got[2]);
  EXPECT_EQ(got[1]->found, Found::Records);
}

TEST_F(DnsCache, AFailureBeforeTheDeadlineIsForAll) {
  behind.at_once = false;
  unsigned failed = 0;
  for (const auto time : {2s, 4s}) {
    cache->resolve(question("a"), in(time),
                   [&](const SharedAnswer& answer) { failed += answer->found == Found::Timeout; });
  }
  behind.says = {.found = Found::Timeout, .records = {}};
  behind.answer();
  EXPECT_EQ(failed, 2U);
}

TEST_F(DnsCache, TheLeastLatelyUsedGoFirst) {
  options.entries = 3;
  renew();
  for (const auto* name : {"a", "b", "c", "a", "d"}) ask(name);
  EXPECT_EQ(cache->size(), 3U);
  EXPECT_EQ(cache->counts().evicted, 1U);
  behind.asked = 0;
  for (const auto* name : {"a", "c", "d"}) ask(name);
  EXPECT_EQ(behind.asked, 0U);
  ask("b");
  EXPECT_EQ(behind.asked, 1U);
}

TEST_F(DnsCache, IsBoundedInOctets) {
  options.octets = 100'000;
  renew();
  behind.says.records = {Txt{std::string(10'000, 'x')}};
  for (int i = 0; i < 100; ++i) {
    ask("n" + std::to_string(i));
    EXPECT_LE(cache->octets(), 100'000U);
  }
  EXPECT_GE(cache->size(), 8U);
  behind.says.records = {Txt{std::string(200'000, 'x')}};
  ask("huge");
  EXPECT_GE(cache->size(), 8U);  // what does not fit pushes nothing out
  behind.says.records.assign(1, Txt{"x"});
  clock.advance(1h);
  for (int i = 0; i < 100; ++i) ask("n" + std::to_string(i));
  EXPECT_LE(cache->octets(), 100'000U);
  EXPECT_EQ(cache->size(), 100U);
}

TEST_F(DnsCache, AnswersWhatIsOpenWhenItGoes) {
  behind.at_once = false;
  std::vector<Found> got;
  for (const auto* name : {"a", "a", "b"}) {
    cache->resolve(question(name), in(5s), [&](const SharedAnswer& answer) {
      got.push_back(answer->found);
      // Whoever asks meanwhile is answered, too.
      if (got.size() == 1)
        cache->resolve(question("c"), in(5s), [&](const SharedAnswer& also) { got.push_back(also->found); });
    });
  }
  cache.reset();
  EXPECT_EQ(got, std::vector(4, Found::TemporaryFailure));
  while (!behind.open.empty()) behind.answer();  // too late: nobody is called
  EXPECT_EQ(got.size(), 4U);
}

TEST_F(DnsCache, MayBeAskedFromACallback) {
  behind.at_once = false;
  SharedAnswer second;
  cache->resolve(question("a"), in(5s), [&](const SharedAnswer&) {
    cache->resolve(question("a"), in(5s), [&](SharedAnswer answer) { second = std::move(answer); });
  });
  behind.answer();
  ASSERT_TRUE(second);
  EXPECT_EQ(behind.asked, 1U);
}

}  // namespace
}  // namespace anechoic::dns
