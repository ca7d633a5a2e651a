// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/pool.h"

#include <gmock/gmock.h>

#include "testing/backend_fixture.h"

namespace anechoic::smtp_client {
namespace {

using namespace std::chrono_literals;
using namespace anechoic::testing;
using ::testing::Contains;
using ::testing::HasSubstr;

class PoolTest : public BackendFixture {
 protected:
  PoolTest() : first(std::make_unique<ScriptedServer>(loop)), second(std::make_unique<ScriptedServer>(loop)) {
    first_url = "smtp://" + first->host_and_port();
    second_url = "smtp://" + second->host_and_port();
  }
  std::unique_ptr<Pool> make_pool(const Options& options = quick_options()) {
    group = Group::make({first_url, second_url}, options).value();
    return std::make_unique<Pool>(connector, loop.wheel, group);
  }
  Result<std::unique_ptr<Backend>> acquire(Pool& pool, const std::vector<std::string>& avoid = {}) {
    return loop.run(pool.acquire(avoid));
  }
  std::string endpoint_of_next(Pool& pool, const std::vector<std::string>& avoid = {}) {
    auto backend = acquire(pool, avoid);
    if (!backend) return backend.error().detail;
    return (*backend)->endpoint();
  }

  std::unique_ptr<ScriptedServer> first;
  std::unique_ptr<ScriptedServer> second;
  std::string first_url;
  std::string second_url;
  std::shared_ptr<Group> group;
};

TEST_F(PoolTest, KeepsConnectionsAndGivesThemAgain) {
  first->play(kHello + kTransaction + kTransaction);
  const auto pool = make_pool();
  auto backend = acquire(*pool).value();
  EXPECT_EQ(transact(*backend, "1\r\n"), "final 250 2.0.0 queued;");
  pool->release(std::move(backend));
  EXPECT_EQ(pool->idle_connections(), 1U);
  backend = acquire(*pool).value();
  EXPECT_EQ(transact(*backend, "2\r\n"), "final 250 2.0.0 queued;");
  EXPECT_EQ(first->connections, 1U);
  EXPECT_EQ(pool->idle_connections(), 0U);
}

TEST_F(PoolTest, DoesNotKeepWhatIsInTheMiddleOfATransactionOrLost) {
  first->play(kHello + Script{hear("MAIL"), hear("RCPT"), say("250 ok\r\n250 ok"), stall()});
  const auto pool = make_pool();
  auto backend = acquire(*pool).value();
  queue_envelope(*backend);
  EXPECT_EQ(next(*backend), "mail 250 ok");
  EXPECT_EQ(next(*backend), "rcpt 250 ok");
  pool->release(std::move(backend));
  EXPECT_EQ(pool->idle_connections(), 0U);
  loop.run_until([&] { return first->closed == 1; });
}

TEST_F(PoolTest, KeepsNoMoreThanTheBound) {
  first->play(kHello);
  Options options = quick_options();
  options.idle_connections = 1;
  const auto pool = make_pool(options);
  auto one = acquire(*pool).value();
  auto two = acquire(*pool).value();
  EXPECT_EQ(first->connections, 2U);
  pool->release(std::move(one));
  pool->release(std::move(two));
  EXPECT_EQ(pool->idle_connections(), 1U);
  loop.run_until([&] { return first->closed == 1; });
}

TEST_F(PoolTest, ClosesWhatLiesIdleTooLong) {
  first->play(kHello + Script{hear("QUIT")});
  Options options = quick_options();
  options.idle_time = 50ms;
  const auto pool = make_pool(options);
  pool->release(acquire(*pool).value());
  EXPECT_EQ(pool->idle_connections(), 1U);
  loop.run_until([&] { return first->closed == 1; });
  EXPECT_EQ(pool->idle_connections(), 0U);
  EXPECT_THAT(first->lines, Contains("QUIT"));
}

TEST_F(PoolTest, DoesNotGiveAConnectionThatDied) {
  first->play(kHello + kTransaction + Script{say("421 4.4.2 idle too long"), hang_up()});
  first->play(kHello + kTransaction);
  const auto pool = make_pool();
  auto backend = acquire(*pool).value();
  EXPECT_EQ(transact(*backend, "1\r\n"), "final 250 2.0.0 queued;");
  pool->release(std::move(backend));
  loop.run_until([&] { return first->closed == 1; });
  backend = acquire(*pool).value();
  EXPECT_EQ(first->connections, 2U);
  EXPECT_EQ(transact(*backend, "2\r\n"), "final 250 2.0.0 queued;");
}

TEST_F(PoolTest, FailsOverAndRemembersIt) {
  first->play({say("421 4.3.2 busy"), hang_up()});
  second->play(kHello);
  Options options = quick_options();
  options.back_off = 10'000ms;
  const auto pool = make_pool(options);
  EXPECT_EQ(endpoint_of_next(*pool), second_url);
  EXPECT_EQ(endpoint_of_next(*pool), second_url);
  EXPECT_EQ(first->connections, 1U) << "passed over the second time";
}

TEST_F(PoolTest, GoesBackToTheFirstAfterTheBackOff) {
  first->play({say("421 4.3.2 busy"), hang_up()});
  first->play(kHello);
  second->play(kHello);
  Options options = quick_options();
  options.back_off = 20ms;
  const auto pool = make_pool(options);
  auto backend = acquire(*pool).value();
  EXPECT_EQ(backend->endpoint(), second_url);
  pool->release(std::move(backend));
  loop.run_for(30ms);
  EXPECT_EQ(endpoint_of_next(*pool), first_url);
}

TEST_F(PoolTest, TheAvoidedComesLast) {
  first->play(kHello);
  second->play(kHello);
  const auto pool = make_pool();
  pool->release(acquire(*pool).value());  // the first one lies ready
  EXPECT_EQ(endpoint_of_next(*pool, {first_url}), second_url);
  second.reset();
  EXPECT_EQ(endpoint_of_next(*pool, {first_url}), first_url) << "better than nothing";
}

TEST_F(PoolTest, WhatIsBackedOffIsTriedWhenNothingElseCanBeHad) {
  first->play({say("421 4.3.2 busy"), hang_up()});
  second->play({say("554 5.7.1 not you"), hang_up()});
  Options options = quick_options();
  options.back_off = 10'000ms;
  const auto pool = make_pool(options);
  for (unsigned i = 1; i <= 2; ++i) {
    const auto backend = acquire(*pool);
    ASSERT_FALSE(backend);
    EXPECT_EQ(backend.error().code, Errc::Unavailable);
    EXPECT_THAT(backend.error().detail, HasSubstr("421 4.3.2 busy")) << "the first endpoint's words";
    EXPECT_EQ(first->connections, i);
    EXPECT_EQ(second->connections, i);
  }
}

TEST_F(PoolTest, LearnsWhatAllCanTake) {
  first->play(kHello);
  second->play({say("220 x"), hear("EHLO"), say("250-x\r\n250-SIZE 500\r\n250 SMTPUTF8")});
  const auto pool = make_pool();
  const auto learnt = loop.run(pool->learn());
  ASSERT_EQ(learnt.size(), 2U);
  EXPECT_EQ(learnt[0].value().size, 1'000'000U);
  EXPECT_TRUE(learnt[1].value().smtputf8);
  EXPECT_EQ(pool->common_capabilities().size, 500U);
  EXPECT_FALSE(pool->common_capabilities().eightbitmime);
  EXPECT_EQ(pool->idle_connections(), 2U);
}

}  // namespace
}  // namespace anechoic::smtp_client
