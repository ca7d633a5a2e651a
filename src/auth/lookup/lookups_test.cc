// SPDX-License-Identifier: Apache-2.0
#include "auth/lookup/lookups.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth {
namespace {

dns::Name name(std::string_view text) {
  return dns::Name::parse(text).value();
}

// Asks `times` times in a row and counts what was found.
Task<unsigned> ask_often(Lookups& lookups, unsigned times) {
  unsigned found = 0;
  for (unsigned i = 0; i < times; ++i) {
    const SharedAnswer answer = co_await lookups.ask(name("a.example"), dns::Type::A);
    found += answer->found == Found::Records ? 1 : 0;
  }
  co_return found;
}

struct LookupsTest : ::testing::Test {
  anechoic::testing::FakeClock clock;
  anechoic::testing::FakeResolver resolver;
  unsigned found = 1000;  // not ended

  void SetUp() override { resolver.add_a("a.example", "192.0.2.1"); }
  void run(Lookups& lookups, unsigned times) {
    start(ask_often(lookups, times), [this](unsigned value) { found = value; });
  }
};

TEST_F(LookupsTest, AnswersAtOnceOrLater) {
  Lookups lookups(resolver, clock, {});
  run(lookups, 2);
  EXPECT_EQ(found, 2U);

  found = 1000;
  resolver.answer_later();
  run(lookups, 2);
  EXPECT_EQ(found, 1000U);
  resolver.answer_next();
  resolver.answer_next();
  EXPECT_EQ(found, 2U);
}

TEST_F(LookupsTest, StopsAtTheNumberOfQueries) {
  Lookups lookups(resolver, clock, {.queries = 3});
  run(lookups, 5);
  EXPECT_EQ(found, 3U);
  EXPECT_EQ(resolver.asked().size(), 3U);
  EXPECT_TRUE(lookups.exhausted());
}

TEST_F(LookupsTest, StopsAtTheTime) {
  Lookups lookups(resolver, clock, {.time = std::chrono::seconds(10)});
  run(lookups, 1);
  clock.advance(std::chrono::seconds(9));
  run(lookups, 1);
  EXPECT_EQ(found, 1U);
  clock.advance(std::chrono::seconds(1));
  run(lookups, 1);
  EXPECT_EQ(found, 0U);
}

TEST_F(LookupsTest, ALeavingResolverEndsTheTask) {
  auto leaving = std::make_unique<anechoic::testing::FakeResolver>();
  Lookups lookups(*leaving, clock, {.queries = 1});
  leaving->answer_later();
  run(lookups, 2);
  leaving.reset();
  EXPECT_EQ(found, 0U);  // the name is not in this one's table
}

}  // namespace
}  // namespace anechoic::auth
