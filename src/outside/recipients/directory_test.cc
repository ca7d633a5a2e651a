// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "outside/recipients/probe_source.h"
#include "testing/fake_clock.h"
#include "testing/probe_fakes.h"

namespace anechoic::recipients {
namespace {

using judge::Existence;
using judge::RecipientMode;
using Kind = SourceAnswer::Kind;

const mail::Mailbox kUser{"user", "example.org"};

class ScriptedSource final : public Source {
 public:
  ScriptedSource(std::string its_name, Kind kind, RecipientMode its_mode = RecipientMode::Reject550)
      : Source(std::move(its_name), its_mode) {
    answer.kind = kind;
    answer.because = "gone";
  }
  SourceAnswer find(const mail::Mailbox&) override {
    ++asked;
    return answer;
  }
  void wait(const mail::Mailbox&, std::move_only_function<void()> ready) override {
    waiting.push_back(std::move(ready));
  }
  void learn(const mail::Mailbox&, const smtp::Reply& live) override { learned.push_back(live.code); }
  SourceReport show(const mail::Mailbox&) override {
    SourceReport report;
    report.source = name();
    report.answer = answer;
    return report;
  }
  bool forget(const mail::Mailbox&) override { return answer.kind == Kind::Absent; }

  SourceAnswer answer;
  int asked = 0;
  std::vector<std::move_only_function<void()>> waiting;
  std::vector<std::uint16_t> learned;
};

std::string to_line(const inspect::RecipientAnswer& answer) {
  if (answer.status.not_asked()) {
    return "not asked";
  }
  if (answer.status.is_unknown()) {
    return "unknown " + std::to_string(static_cast<int>(answer.down_mode)) + " " + answer.status.because();
  }
  const judge::RecipientStatus& status = answer.status.value();
  const char* what = status.existence == Existence::Exists   ? "exists "
                     : status.existence == Existence::Absent ? "absent "
                                                             : "accepts-all ";
  return what + status.source + (status.stale ? " stale" : "") + (status.listed_exactly ? " exact" : "");
}

class DirectoryTest : public ::testing::Test {
 protected:
  std::shared_ptr<ScriptedSource> add(const std::string& name, Kind kind,
                                      RecipientMode mode = RecipientMode::Reject550) {
    auto source = std::make_shared<ScriptedSource>(name, kind, mode);
    (*table)["example.org"].push_back(source);
    return source;
  }
  Directory make() {
    return {table, [this](std::move_only_function<void()> job) { posted.push_back(std::move(job)); }};
  }
  void run_posted() {
    while (!posted.empty()) {
      auto job = std::move(posted.front());
      posted.pop_front();
      job();
    }
  }

  std::shared_ptr<SourceTable> table = std::make_shared<SourceTable>();
  std::deque<std::move_only_function<void()>> posted;
};

TEST_F(DirectoryTest, SourcesAreAskedInOrder) {
  struct Case {
    std::vector<std::pair<Kind, RecipientMode>> sources;
    const char* expected;
  };
  constexpr auto kObserve = RecipientMode::Observe;
  constexpr auto kReject = RecipientMode::Reject550;
  const Case cases[] = {
      {{}, "not asked"},
      {{{Kind::Exists, kReject}}, "exists s0"},
      {{{Kind::Absent, kReject}}, "absent s0"},
      {{{Kind::Absent, kReject}, {Kind::Exists, kReject}}, "absent s0"},
      {{{Kind::Nothing, kReject}}, "not asked"},
      {{{Kind::Nothing, kReject}, {Kind::Absent, kReject}}, "absent s1"},
      {{{Kind::Down, kReject}}, "unknown 2 s0: gone"},
      {{{Kind::Down, kObserve}}, "unknown 0 s0: gone"},
      {{{Kind::Down, kReject}, {Kind::Exists, kReject}}, "exists s1"},
      {{{Kind::Down, kReject}, {Kind::Absent, kReject}}, "unknown 2 s0: gone"},
      {{{Kind::Down, kObserve}, {Kind::Absent, kReject}}, "unknown 0 s0: gone"},
      {{{Kind::Down, kReject}, {Kind::Nothing, kReject}}, "unknown 2 s0: gone"},
      {{{Kind::Down, kObserve}, {Kind::Down, kReject}}, "unknown 2 s0: gone; s1: gone"},
      {{{Kind::Down, kReject}, {Kind::Down, kObserve}}, "unknown 2 s0: gone; s1: gone"},
      {{{Kind::Absent, kReject}, {Kind::Down, kReject}}, "absent s0"},
      {{{Kind::AcceptsAll, kReject}}, "accepts-all s0"},
      {{{Kind::AcceptsAll, kReject}, {Kind::Exists, kReject}}, "exists s1"},
      {{{Kind::AcceptsAll, kReject}, {Kind::Absent, kReject}}, "absent s1"},
      {{{Kind::AcceptsAll, kReject}, {Kind::Nothing, kReject}}, "accepts-all s0"},
      {{{Kind::AcceptsAll, kReject}, {Kind::Down, kReject}}, "unknown 2 s1: gone"},
      {{{Kind::Down, kReject}, {Kind::AcceptsAll, kReject}}, "unknown 2 s0: gone"},
  };
  for (const Case& c : cases) {
    table = std::make_shared<SourceTable>();
    for (std::size_t i = 0; i < c.sources.size(); ++i) {
      add("s" + std::to_string(i), c.sources[i].first, c.sources[i].second);
    }
    Directory directory = make();
    std::string got;
    EXPECT_EQ(directory.find(kUser, [&](const inspect::RecipientAnswer& answer) { got = to_line(answer); }), 0U);
    EXPECT_EQ(got, c.expected);
  }
}

TEST_F(DirectoryTest, WhatTheSourceSaysOfItsAnswerIsKept) {
  auto source = add("list", Kind::Exists, RecipientMode::Defer450);
  source->answer.stale = true;
  source->answer.exact = true;
  Directory directory = make();
  (void)directory.find(kUser, [](const inspect::RecipientAnswer& answer) {
    EXPECT_EQ(to_line(answer), "exists list stale exact");
    EXPECT_EQ(answer.status.value().mode, RecipientMode::Defer450);
  });
}

TEST_F(DirectoryTest, WaitsForASourceOnItsOwnThread) {
  auto slow = add("slow", Kind::Wait);
  add("list", Kind::Absent);
  Directory directory = make();
  std::string got;
  const auto ticket = directory.find(kUser, [&](const inspect::RecipientAnswer& answer) { got = to_line(answer); });
  EXPECT_NE(ticket, 0U);
  ASSERT_EQ(slow->waiting.size(), 1U);
  slow->answer.kind = Kind::Nothing;
  slow->waiting[0]();
  EXPECT_EQ(got, "") << "only on the Directory's thread";
  run_posted();
  EXPECT_EQ(got, "absent list");
  directory.cancel(ticket);  // too late, and harmless
}

TEST_F(DirectoryTest, ASourceThatIsNeverReadyCountsAsDown) {
  auto slow = add("slow", Kind::Wait);
  Directory directory = make();
  std::string got;
  (void)directory.find(kUser, [&](const inspect::RecipientAnswer& answer) { got = to_line(answer); });
  for (std::size_t i = 0; i < slow->waiting.size() && i < 10; ++i) {
    slow->waiting[i]();
    run_posted();
  }
  EXPECT_EQ(got, "unknown 2 slow: no answer in time");
}

TEST_F(DirectoryTest, NoCallbackAfterCancelOrItsEnd) {
  auto slow = add("slow", Kind::Wait);
  bool called = false;
  {
    Directory directory = make();
    const auto ticket = directory.find(kUser, [&](const inspect::RecipientAnswer&) { called = true; });
    (void)directory.find(kUser, [&](const inspect::RecipientAnswer&) { called = true; });
    directory.cancel(ticket);
    slow->waiting[0]();
    run_posted();
  }
  slow->waiting[1]();
  run_posted();
  EXPECT_FALSE(called);
}

TEST_F(DirectoryTest, AReloadLeavesOpenQuestionsTheirSources) {
  auto slow = add("slow", Kind::Wait);
  Directory directory = make();
  std::string got;
  (void)directory.find(kUser, [&](const inspect::RecipientAnswer& answer) { got = to_line(answer); });
  directory.replace(std::make_shared<SourceTable>());
  slow->answer.kind = Kind::Exists;
  slow->waiting[0]();
  run_posted();
  EXPECT_EQ(got, "exists slow");
  (void)directory.find(kUser, [&](const inspect::RecipientAnswer& answer) { got = to_line(answer); });
  EXPECT_EQ(got, "not asked");
}

TEST_F(DirectoryTest, LearnShowForgetReachEverySource) {
  auto first = add("first", Kind::Absent);
  auto second = add("second", Kind::Exists);
  Directory directory = make();
  directory.learn(kUser, {250, {2, 1, 5}, "Ok"});
  directory.learn({"user", "elsewhere.example"}, {250, {2, 1, 5}, "Ok"});
  EXPECT_EQ(first->learned, std::vector<std::uint16_t>{250});
  EXPECT_EQ(second->learned, std::vector<std::uint16_t>{250});
  ASSERT_EQ(show(*table, kUser).size(), 2U);
  EXPECT_EQ(show(*table, kUser)[1].source, "second");
  EXPECT_TRUE(show(*table, {"user", "elsewhere.example"}).empty());
  EXPECT_EQ(forget(*table, kUser), 1U);
}

// Several Directories over one probe source, each on a thread of its own, while a fourth answers the probes. (For
// tsan.)
TEST(DirectoryThreads, ShareTheirSources) {
  class Mailbox {  // the queue of one thread
   public:
    void post(std::move_only_function<void()> job) {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
      wake_.notify_one();
    }
    bool run_one(std::chrono::milliseconds patience) {
      std::unique_lock lock(mutex_);
      if (!wake_.wait_for(lock, patience, [this] { return !jobs_.empty(); })) {
        return false;
      }
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      return true;
    }

   private:
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> jobs_;
  };
  class ThreadedProber final : public Prober {
   public:
    explicit ThreadedProber(Mailbox& to) : to_(to) {}
    void probe(const mail::Mailbox& recipient, Done done) override {
      const bool known = recipient.local.starts_with("user") || recipient.local == "postmaster";
      to_.post([done = std::move(done), known]() mutable {
        done(known ? smtp::Reply{250, {2, 1, 5}, "Ok"} : smtp::Reply{550, {5, 1, 1}, "User unknown"});
      });
    }

   private:
    Mailbox& to_;
  };
  Mailbox backend;
  ThreadedProber prober(backend);
  SystemClock clock;
  std::atomic<std::uint64_t> random = 0;
  const auto source = std::make_shared<ProbeSource>(
      ProbeOptions{.name = "asked",
                   .canary = mail::Mailbox{"postmaster", "example.org"},
                   .positive_lifetime = std::chrono::seconds(0),
                   .test_interval = std::chrono::seconds(0)},
      ProbeSource::Ports{
          .prober = prober, .clock = clock, .alarm = [](const Alarm&) {}, .random = [&random] { return ++random; }});
  const auto table = std::make_shared<SourceTable>();
  (*table)["example.org"].push_back(source);
  std::atomic<bool> stop = false;
  std::thread answering([&] {
    while (!stop) {
      backend.run_one(std::chrono::milliseconds(5));
    }
    while (backend.run_one(std::chrono::milliseconds(0))) {
    }
  });
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      Mailbox own;
      Directory directory(table, [&own](std::move_only_function<void()> job) { own.post(std::move(job)); });
      for (int i = 0; i < 300; ++i) {
        bool done = false;
        const mail::Mailbox asked{(i % 2 == 0 ? "user" : "nobody") + std::to_string((i + t) % 20), "example.org"};
        (void)directory.find(asked, [&](const inspect::RecipientAnswer&) { done = true; });
        for (int patience = 0; !done && patience < 2000; ++patience) {
          own.run_one(std::chrono::milliseconds(5));
        }
        answered += done ? 1 : 0;
        directory.learn(asked, i % 2 == 0 ? smtp::Reply{250, {2, 1, 5}, "Ok"} : smtp::Reply{550, {5, 1, 1}, "Unknown"});
        if (i % 50 == 0) {
          (void)show(*table, asked);
          (void)forget(*table, asked);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  stop = true;
  answering.join();
  EXPECT_EQ(answered, 900);
}

}  // namespace
}  // namespace anechoic::recipients
