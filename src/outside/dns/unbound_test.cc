// SPDX-License-Identifier: Apache-2.0
// What needs no name server: a socket that never answers, and the one name that libunbound knows by itself.
// tests/interop/dns_test.py has the real servers.
#include "outside/dns/unbound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fstream>
#include <thread>

#include "testing/loop.h"
#include "testing/temp_dir.h"

namespace anechoic::dns {
namespace {

using namespace std::chrono_literals;
using auth::Found;
using auth::Question;
using auth::SharedAnswer;
using testing::Loop;

Question question(std::string_view name, Type type = Type::A) {
  return {Name::parse(name).value(), type};
}

class UnboundTest : public ::testing::Test {
 protected:
  Loop loop;
  boost::asio::ip::udp::socket deaf{loop.context, {boost::asio::ip::address_v4::loopback(), 0}};
  UnboundOptions options;
  std::unique_ptr<Unbound> unbound;
  std::unique_ptr<auth::Resolver> resolver;

  void start() {
    options.servers = {"127.0.0.1@" + std::to_string(deaf.local_endpoint().port())};
    auto started = Unbound::start(loop.context, options);
    ASSERT_TRUE(started) << started.error().detail;
    unbound = std::move(*started);
    resolver = unbound->resolver(loop.context, loop.wheel);
  }
  // Where the answer will be; the callback may outlive the test's own variables.
  std::shared_ptr<SharedAnswer> ask(std::string_view name, std::chrono::milliseconds time) {
    auto got = std::make_shared<SharedAnswer>();
    resolver->resolve(question(name), testing::within(time), [got](SharedAnswer answer) { *got = std::move(answer); });
    return got;
  }
};

TEST_F(UnboundTest, Answers) {
  start();
  const auto got = ask("localhost", 10s);
  loop.run_until([&] { return *got != nullptr; });
  EXPECT_EQ((*got)->found, Found::Records);
  EXPECT_EQ((*got)->records, std::vector<Rdata>{ip::parse_address("127.0.0.1").value()});
  EXPECT_EQ(unbound->open(), 0U);
}

TEST_F(UnboundTest, KeepsDeadlines) {
  start();
  const auto began = std::chrono::steady_clock::now();
  const auto got = ask("a.example", 300ms);
  const auto at_once = ask("b.example", -1ms);
  ASSERT_TRUE(*at_once);
  EXPECT_EQ((*at_once)->found, Found::Timeout);
  EXPECT_FALSE(*got);
  loop.run_until([&] { return *got != nullptr; });
  EXPECT_EQ((*got)->found, Found::Timeout);
  EXPECT_EQ((*got)->ttl, 0s);  // too little patience to say much about the name
  EXPECT_GE(std::chrono::steady_clock::now() - began, 300ms);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1300ms);
  EXPECT_EQ(unbound->open(), 1U);
}

TEST_F(UnboundTest, WhileNothingIsHeardNobodyWaitsLong) {
  start();
  std::vector<std::shared_ptr<SharedAnswer>> unheard;
  for (const char* name : {"a.example", "b.example", "c.example"}) unheard.push_back(ask(name, 2'100ms));
  loop.run_until([&] { return std::ranges::all_of(unheard, [](const auto& got) { return *got != nullptr; }); });
  const auto began = std::chrono::steady_clock::now();
  const auto hurried = ask("d.example", 10s);
  loop.run_until([&] { return *hurried != nullptr; });
  EXPECT_EQ((*hurried)->found, Found::Timeout);
  EXPECT_EQ((*hurried)->ttl, 0s);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2'500ms);

  const auto heard = ask("localhost", 10s);
  loop.run_until([&] { return *heard != nullptr; });
  ASSERT_EQ((*heard)->found, Found::Records);
  const auto unhurried = ask("e.example", 10s);
  const auto while_it_waits = ask("f.example", 1'500ms);
  loop.run_until([&] { return *while_it_waits != nullptr; });
  EXPECT_FALSE(*unhurried) << "an answer ends the hurry";
}

TEST_F(UnboundTest, BoundsOpenQuestions) {
  options.open_questions = 2;
  start();
  const auto first = ask("a.example", 10s);
  ask("b.example", 10s);
  const auto third = ask("c.example", 10s);
  ASSERT_TRUE(*third);
  EXPECT_EQ((*third)->found, Found::TemporaryFailure);
  EXPECT_EQ((*third)->detail, "too many open questions");
  EXPECT_EQ((*third)->ttl, 0s);
  EXPECT_FALSE(*first);
}

TEST_F(UnboundTest, AResolverThatGoesAnswersFirst) {
  start();
  auth::Resolver& asked = *resolver;
  std::vector<Found> got;
  asked.resolve(question("a.example"), testing::in_a_while(), [&](const SharedAnswer& answer) {
    got.push_back(answer->found);
    asked.resolve(question("b.example"), testing::in_a_while(),
                  [&](const SharedAnswer& also) { got.push_back(also->found); });
  });
  resolver.reset();
  EXPECT_EQ(got, std::vector(2, Found::TemporaryFailure));
}

TEST_F(UnboundTest, WhenItGoesItsResolversAnswer) {
  start();
  const auto open = ask("a.example", 10s);
  unbound.reset();
  loop.run_until([&] { return *open != nullptr; });
  EXPECT_EQ((*open)->found, Found::TemporaryFailure);
  const auto later = ask("b.example", 10s);
  ASSERT_TRUE(*later);
  EXPECT_EQ((*later)->found, Found::TemporaryFailure);
}

TEST_F(UnboundTest, ServesOtherThreadsWhileSomeLeave) {
  start();
  auto work = boost::asio::make_work_guard(loop.context);
  std::thread home([&] { loop.context.run(); });
  std::array<std::thread, 2> threads;
  std::array<unsigned, 2> answered{};
  for (std::size_t i = 0; i < threads.size(); ++i) {
    threads.at(i) = std::thread([&, i] {
      for (unsigned round = 0; round < 20; ++round) {
        boost::asio::io_context context(1);
        net::DeadlineWheel wheel(context);
        unsigned records = 0;
        const auto mine = unbound->resolver(context, wheel);
        for (unsigned n = 0; n < 20; ++n) {
          mine->resolve(question("localhost"), testing::in_a_while(), [&](const SharedAnswer& answer) {
            ++answered.at(i);
            records += answer->found == Found::Records ? 1U : 0U;
          });
        }
        // Every other round leaves while answers are on their way.
        if (round % 2 == 0) {
          while (records < 20) context.run_one();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  work.reset();
  loop.context.stop();
  home.join();
  EXPECT_EQ(answered[0], 400U);
  EXPECT_EQ(answered[1], 400U);
}

TEST(UnboundOptions, AreChecked) {
  boost::asio::io_context context(1);
  const auto error = [&](const UnboundOptions& options) {
    const auto started = Unbound::start(context, options);
    return started ? std::string() : started.error().detail;
  };
  UnboundOptions options;
  options.servers = {"dns.example"};
  EXPECT_TRUE(error(options).starts_with("'dns.example' is no DNS server; write an address")) << error(options);
  options.servers = {"192.0.2.1@0"};
  EXPECT_TRUE(error(options).contains("is no DNS server")) << error(options);
  options.servers = {"2001:db8::1@5353"};
  EXPECT_EQ(error(options), "");
  options.stubs = {{"a..b", {"192.0.2.1"}}};
  EXPECT_TRUE(error(options).contains("is no domain name")) << error(options);
  options.stubs = {{"a.example"}};
  EXPECT_TRUE(error(options).contains("has no servers")) << error(options);
  options.stubs.clear();
  options.trust_anchor_file = "/nonexistent/root.key";
  EXPECT_TRUE(error(options).starts_with("cannot read /nonexistent/root.key")) << error(options);
  const testing::TempDir folder;
  options.trust_anchor_file = folder.path() / "root.key";
  std::ofstream(options.trust_anchor_file) << "this is no record\n";
  EXPECT_TRUE(error(options).contains("DS or DNSKEY")) << error(options);
  options = {.resolv_conf = "/nonexistent/resolv.conf"};
  EXPECT_TRUE(error(options).starts_with("cannot read /nonexistent/resolv.conf")) << error(options);
  options.resolv_conf.clear();
  EXPECT_EQ(error(options), "");
}

}  // namespace
}  // namespace anechoic::dns
