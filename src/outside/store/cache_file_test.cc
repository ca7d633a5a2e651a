// SPDX-License-Identifier: Apache-2.0
#include "outside/store/cache_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>

#include "observe/log.h"
#include "outside/store/mixed_results.h"
#include "outside/store/recipient_cache.h"

namespace anechoic::store {
namespace {

namespace fs = std::filesystem;
using recipients::CachedRecipient;
using recipients::CachedState;

// A clock that a test may turn while another thread reads it.
class SharedClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] WallTime wall() const override {
    return WallTime{std::chrono::microseconds{1'800'000'000'000'000 + later_.load()}};
  }
  void advance(std::chrono::microseconds by) { later_ += by.count(); }

 private:
  std::atomic<std::int64_t> later_{0};
};

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() {
    std::string name = (fs::temp_directory_path() / "anechoic-cache-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    options_.file = (root_ / "state" / "cache.sqlite").string();
  }
  ~CacheTest() override { fs::remove_all(root_); }

  std::unique_ptr<CacheFile> open() {
    auto opened = CacheFile::open(options_, clock_, log_);
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(*opened);
  }

  fs::path root_;
  CacheOptions options_;
  SharedClock clock_;
  std::atomic<int> events_{0};
  observe::Log log_{observe::LogFormat::Text, observe::Level::Debug, clock_, [this](std::string_view) { ++events_; }};
};

smtp::Remember remember(const std::string& recipient, bool delivered) {
  smtp::Remember remember;
  remember.sender.mailbox = mail::Mailbox{"sender", "example.net"};
  remember.recipient.mailbox = mail::Mailbox{recipient, "example.org"};
  remember.what.delivered = delivered;
  remember.what.reply = {552, {5, 2, 2}, "mailbox full\nsecond line"};
  remember.what.message_key = "<id@example.net>";
  return remember;
}

void put_and_wait(SqliteMixedResults& results, const smtp::Remember& what) {
  std::promise<void> done;
  results.put(what, [&] { done.set_value(); });
  done.get_future().wait();
}

std::optional<smtp::Remembered> look(SqliteMixedResults& results, const smtp::Remember& what) {
  return results.find(what.sender, what.recipient);
}

TEST_F(CacheTest, MixedResultsAreFoundAndOutliveTheProcess) {
  const auto delivered = remember("a", true);
  const auto refused = remember("b", false);
  const pid_t child = ::fork();
  if (child == 0) {
    auto file = CacheFile::open(options_, clock_, log_).value();
    auto results = SqliteMixedResults::open({}, *file).value();
    put_and_wait(*results, delivered);
    put_and_wait(*results, refused);
    ::_exit(look(*results, refused) && !look(*results, remember("c", true)) ? 42 : 1);  // no destructor: as if killed
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 42);
  auto file = open();
  auto results = SqliteMixedResults::open({}, *file).value();
  ASSERT_TRUE(look(*results, delivered) && look(*results, refused));
  EXPECT_TRUE(look(*results, delivered)->delivered);
  const smtp::Remembered found = *look(*results, refused);
  EXPECT_FALSE(found.delivered);
  EXPECT_EQ(found.reply, refused.what.reply);
  EXPECT_EQ(found.message_key, "<id@example.net>");
}

TEST_F(CacheTest, MixedResultsExpireAndAreReplaced) {
  auto file = open();
  auto results = SqliteMixedResults::open({}, *file).value();
  put_and_wait(*results, remember("a", false));
  clock_.advance(std::chrono::hours{20});
  put_and_wait(*results, remember("a", true));
  put_and_wait(*results, remember("b", true));
  clock_.advance(std::chrono::hours{5});
  put_and_wait(*results, remember("c", true));  // throws the first "a" out, not the second
  ASSERT_TRUE(look(*results, remember("a", true)));
  EXPECT_TRUE(look(*results, remember("a", true))->delivered);
  clock_.advance(std::chrono::hours{20});
  EXPECT_FALSE(look(*results, remember("a", true)));
  auto again = SqliteMixedResults::open({}, *file).value();
  EXPECT_FALSE(look(*again, remember("b", true)));
  EXPECT_TRUE(look(*again, remember("c", true)));
}

TEST_F(CacheTest, MixedResultsAreBounded) {
  auto file = open();
  auto results = SqliteMixedResults::open({.entries = 3}, *file).value();
  for (const char* name : {"a", "b", "c", "d"}) put_and_wait(*results, remember(name, true));
  EXPECT_FALSE(look(*results, remember("a", true)));
  EXPECT_TRUE(look(*results, remember("d", true)));
}

TEST_F(CacheTest, RecipientsAreKeptPerSourceWithTheLatestFirst) {
  const WallTime now = clock_.wall();
  const auto row = [&](const char* source, const char* address, int age, int lives) {
    return CachedRecipient{source, address, CachedState::Exists, now - std::chrono::seconds{age},
                           now + std::chrono::seconds{lives}};
  };
  {
    auto file = open();
    SqliteRecipientCache cache(*file);
    cache.put(row("one", "old@example.org", 30, 60));
    cache.put(row("one", "new@example.org", 10, 60));
    cache.put(row("one", "gone@example.org", 10, 60));
    cache.put(row("one", "expired@example.org", 10, -1));
    cache.put(row("two", "other@example.org", 10, 60));
    cache.put(row("one", "old@example.org", 20, 90));
    cache.erase("one", "gone@example.org");
  }
  auto file = open();
  SqliteRecipientCache cache(*file);
  EXPECT_EQ(cache.load("one", now, 10).value(),
            (std::vector{row("one", "new@example.org", 10, 60), row("one", "old@example.org", 20, 90)}));
  EXPECT_EQ(cache.load("one", now, 1).value().size(), 1U);
  EXPECT_EQ(cache.load("two", now, 10).value().size(), 1U);
  EXPECT_TRUE(cache.load("three", now, 10).value().empty());
}

TEST_F(CacheTest, ACorruptFileIsSetAsideAtTheStart) {
  fs::create_directories(root_ / "state");
  std::ofstream(options_.file) << std::string(8192, 'x');
  auto file = open();
  SqliteRecipientCache cache(*file);
  cache.put({"one", "a@example.org", CachedState::Absent, clock_.wall(), clock_.wall() + std::chrono::hours{1}});
  EXPECT_EQ(cache.load("one", clock_.wall(), 10).value().size(), 1U);
  EXPECT_TRUE(fs::exists(options_.file + ".corrupt-1"));
  EXPECT_GE(events_.load(), 1);
}

TEST_F(CacheTest, ACorruptFileIsSetAsideWhileWriting) {
  auto file = open();
  SqliteRecipientCache cache(*file);
  const WallTime later = clock_.wall() + std::chrono::hours{1};
  for (int i = 0; i < 3000; ++i) {
    cache.put({"one", std::to_string(i), CachedState::Absent, clock_.wall(), later});
  }
  file->flush();
  // A change by another connection makes the writer read again what it has in its cache.
  ASSERT_TRUE(Database::open(options_.file)->execute("PRAGMA user_version=1"));
  for (const char* part : {"", "-wal"}) {
    const auto size = fs::file_size(options_.file + part);
    std::fstream stream(options_.file + part, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(0);
    stream << std::string(size, '\xee');
  }
  for (int i = 0; i < 100 && events_ == 0; ++i) {
    for (int j = 0; j < 500; ++j) {
      cache.put({"one", std::to_string(100'000 + i * 500 + j), CachedState::Absent, clock_.wall(), later});
    }
    file->flush();
  }
  EXPECT_GE(events_.load(), 1);
  cache.put({"two", "a", CachedState::Exists, clock_.wall(), later});
  EXPECT_EQ(cache.load("two", clock_.wall(), 10).value().size(), 1U);
}

TEST_F(CacheTest, AFullDiskStillCallsBackAndCounts) {
  auto file = open();
  auto results = SqliteMixedResults::open({}, *file).value();
  put_and_wait(*results, remember("a", true));
  auto* const before_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  put_and_wait(*results, remember("b", true));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)std::signal(SIGXFSZ, before_signal);
  EXPECT_TRUE(file->stats().failing);
  EXPECT_EQ(file->stats().dropped, 1U);
  EXPECT_TRUE(look(*results, remember("b", true)));
  put_and_wait(*results, remember("c", true));
  EXPECT_FALSE(file->stats().failing);
}

TEST_F(CacheTest, AFileOfANewerVersionIsRefusedWithWords) {
  open();
  ASSERT_TRUE(Database::open(options_.file)->execute("PRAGMA user_version=99"));
  const auto opened = CacheFile::open(options_, clock_, log_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::Refused);
  EXPECT_NE(opened.error().detail.find("newer version"), std::string::npos);
}

}  // namespace
}  // namespace anechoic::store
