// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/backend_prober.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <thread>

#include "testing/loop.h"

namespace anechoic::recipients {
namespace {

using boost::asio::awaitable;

// A backend that answers what the test wants, and a pool of one that remembers what came back.
struct Script {
  smtp::Reply mail{250, {2, 1, 0}, "Ok"};
  smtp::Reply rcpt{550, {5, 1, 1}, "User unknown"};
  std::size_t lost_at = 99;  // event number at which the connection is gone
  bool silent = false;
  bool smtputf8 = false;
  std::optional<Error> refused;  // by acquire()
  std::vector<std::string> heard;
  int released_sound = 0;
  int released_broken = 0;
};

class FakeBackend final : public smtp_client::Backend {
 public:
  explicit FakeBackend(Script& script) : script_(script) { capabilities_.smtputf8 = script.smtputf8; }
  const smtp::Capabilities& capabilities() const override { return capabilities_; }
  const std::string& endpoint() const override { return endpoint_; }
  void queue(const smtp::BackendCommand& command) override {
    if (const auto* mail = std::get_if<smtp::SendMail>(&command)) {
      script_.heard.push_back("MAIL " + mail::to_string(mail->path) + (mail->parameters.smtputf8 ? " SMTPUTF8" : ""));
      events_.emplace_back(smtp::MailReply{script_.mail});
    } else if (const auto* rcpt = std::get_if<smtp::SendRcpt>(&command)) {
      script_.heard.push_back("RCPT " + mail::to_string(rcpt->path));
      events_.emplace_back(smtp::RcptReply{script_.mail.positive() ? script_.rcpt : smtp::Reply{503, {}, "no MAIL"}});
    } else {
      script_.heard.push_back(std::holds_alternative<smtp::SendReset>(command) ? "RSET" : "something else");
      events_.emplace_back(smtp::ResetReply{{250, {}, "Ok"}});
    }
  }
  void set_message(const smtp_client::Message&) override {}
  awaitable<smtp::BackendEvent> next_event() override {
    if (script_.silent) {
      boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours(1));
      co_await timer.async_wait(boost::asio::use_awaitable);
    }
    if (given_++ == script_.lost_at) {
      broken_ = true;
      co_return smtp::Lost{{Errc::Unavailable, "connection reset"}, {}};
    }
    smtp::BackendEvent event = std::move(events_.front());
    events_.pop_front();
    co_return event;
  }
  bool reusable() const override { return !broken_ && events_.empty(); }

 private:
  Script& script_;
  smtp::Capabilities capabilities_;
  std::string endpoint_ = "smtp://fake";
  std::deque<smtp::BackendEvent> events_;
  std::size_t given_ = 0;
  bool broken_ = false;
};

class FakePool final : public smtp_client::BackendPool {
 public:
  explicit FakePool(Script& script) : script_(script) {}
  awaitable<Result<std::unique_ptr<smtp_client::Backend>>> acquire(const std::vector<std::string>&) override {
    if (script_.refused) {
      co_return Failure(*script_.refused);
    }
    co_return std::make_unique<FakeBackend>(script_);
  }
  void release(std::unique_ptr<smtp_client::Backend> backend) override {
    ++(backend->reusable() ? script_.released_sound : script_.released_broken);
  }
  smtp::Capabilities common_capabilities() const override { return {}; }

 private:
  Script& script_;
};

class BackendProberTest : public ::testing::Test {
 protected:
  BackendProberTest() {
    BackendProber::Pools pools;
    pools.emplace("example.org", pool);
    prober.use(loop.context, loop.wheel, std::move(pools));
  }
  Result<smtp::Reply> probe(const mail::Mailbox& recipient = {"user", "example.org"}) {
    std::optional<Result<smtp::Reply>> result;
    prober.probe(recipient, [&](Result<smtp::Reply> answer) {
      EXPECT_FALSE(result) << "answered twice";
      result = std::move(answer);
    });
    loop.run_until([&] { return result.has_value(); });
    loop.run_for(std::chrono::milliseconds(1));
    return *result;
  }

  Script script;
  std::shared_ptr<FakePool> pool = std::make_shared<FakePool>(script);
  testing::Loop loop;
  BackendProber prober{{.deadline = std::chrono::milliseconds(200), .unfinished = 2}};
};

TEST_F(BackendProberTest, AsksWithTheNullSenderAndResets) {
  EXPECT_EQ(probe().value(), script.rcpt);
  EXPECT_EQ(script.heard, (std::vector<std::string>{"MAIL <>", "RCPT <user@example.org>", "RSET"}));
  EXPECT_EQ(script.released_sound, 1);
  script.rcpt = {250, {2, 1, 5}, "Ok"};
  EXPECT_EQ(probe().value(), script.rcpt);
}

TEST_F(BackendProberTest, ARefusedNullSenderSaysNothingOfTheAddress) {
  script.mail = {550, {5, 1, 1}, "no bounces here"};
  const auto result = probe();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::Refused);
  EXPECT_NE(result.error().detail.find("no bounces here"), std::string::npos);
  EXPECT_EQ(script.released_sound, 1);
}

TEST_F(BackendProberTest, NoConnection) {
  script.refused = Error{Errc::Unavailable, "connection refused"};
  EXPECT_EQ(probe().error(), *script.refused);
}

TEST_F(BackendProberTest, LostAtEveryStep) {
  for (std::size_t step = 0; step < 3; ++step) {
    script.lost_at = step;
    const auto result = probe();
    EXPECT_EQ(result.has_value(), step == 2) << "after the answer to RCPT nothing more is needed";
    EXPECT_EQ(script.released_broken, static_cast<int>(step) + 1);
  }
}

TEST_F(BackendProberTest, ASilentBackendIsATimeoutAndUnfinishedProbesAreBounded) {
  script.silent = true;
  EXPECT_EQ(probe().error().code, Errc::Timeout);
  EXPECT_EQ(probe().error().code, Errc::Timeout);
  EXPECT_EQ(probe().error().code, Errc::Exhausted);
}

TEST_F(BackendProberTest, Utf8NeedsTheExtension) {
  const mail::Mailbox utf8{"m\xc3\xbcller", "example.org"};
  EXPECT_EQ(probe(utf8).error().code, Errc::Refused);
  EXPECT_TRUE(script.heard.empty());
  EXPECT_EQ(script.released_sound, 1);
  script.smtputf8 = true;
  EXPECT_TRUE(probe(utf8));
  EXPECT_EQ(script.heard.front(), "MAIL <> SMTPUTF8");
}

TEST_F(BackendProberTest, AnotherThreadMayAsk) {
  std::atomic<int> answers = 0;
  std::thread other([&] {
    prober.probe({"user", "example.org"}, [&](const Result<smtp::Reply>& answer) { answers += answer ? 1 : 0; });
  });
  other.join();
  loop.run_until([&] { return answers == 1; });
}

TEST_F(BackendProberTest, OnlyDomainsWithABackend) {
  EXPECT_EQ(probe({"user", "elsewhere.example"}).error().code, Errc::NotFound);
  pool.reset();
  EXPECT_EQ(probe().error().code, Errc::NotFound) << "its thread has ended";
  EXPECT_FALSE(prober.busy());
}

TEST(BackendProberEnd, OpenProbesAreDroppedWithTheContext) {
  Script script;
  script.silent = true;
  BackendProber prober;
  bool answered = false;
  {
    testing::Loop loop;
    const auto pool = std::make_shared<FakePool>(script);
    BackendProber::Pools pools;
    pools.emplace("example.org", pool);
    prober.use(loop.context, loop.wheel, std::move(pools));
    prober.probe({"user", "example.org"}, [&](const Result<smtp::Reply>&) { answered = true; });
    loop.run_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(prober.busy());
  }
  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace anechoic::recipients
