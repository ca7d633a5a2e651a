// SPDX-License-Identifier: Apache-2.0
#include "outside/spool/spool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/limits.h"

namespace anechoic::spool {
namespace {

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() {
    std::string name = (std::filesystem::temp_directory_path() / "anechoic-spool-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    options_ = Options{.directory = name, .memory = 1000, .total_memory = 100'000, .total_disk = 100'000};
  }
  ~SpoolTest() override { std::filesystem::remove_all(options_.directory); }

  static std::string all_of(Spool& spool, std::size_t step) {
    std::string out;
    while (true) {
      const auto piece = spool.read(out.size(), step);
      if (!piece || piece->empty()) return out;
      out += *piece;
    }
  }

  Options options_;
  Quota quota_;
};

std::string pattern(std::size_t size) {
  std::string out(size, ' ');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return out;
}

TEST_F(SpoolTest, GivesBackWhatWasPutInWhereverItIs) {
  for (const std::size_t size : {0U, 1U, 999U, 1000U, 1001U, 5000U, 70'000U}) {
    for (const std::size_t piece : {1U, 7U, 1000U, 100'000U}) {
      if (size / piece > 10'000) continue;
      Spool spool(options_, quota_);
      const std::string body = pattern(size);
      for (std::size_t at = 0; at < size; at += piece)
        ASSERT_TRUE(spool.append(std::string_view(body).substr(at, piece)));
      EXPECT_EQ(spool.size(), size);
      EXPECT_EQ(all_of(spool, 333), body) << size << " in pieces of " << piece;
      EXPECT_EQ(all_of(spool, 1 << 20), body);
      EXPECT_EQ(quota_.disk.load(), size > options_.memory ? size : 0);
    }
  }
  EXPECT_EQ(quota_.memory.load(), 0U);
  EXPECT_EQ(quota_.disk.load(), 0U);
}

TEST_F(SpoolTest, LeavesNoNameInItsDirectory) {
  Spool spool(options_, quota_);
  ASSERT_TRUE(spool.append(pattern(5000)));
  EXPECT_TRUE(std::filesystem::is_empty(options_.directory));
}

TEST_F(SpoolTest, CanBeFilledAgainAfterClear) {
  Spool spool(options_, quota_);
  ASSERT_TRUE(spool.append(pattern(5000)));
  spool.clear();
  EXPECT_EQ(spool.size(), 0U);
  EXPECT_EQ(quota_.disk.load(), 0U);
  EXPECT_EQ(quota_.memory.load(), 0U);
  ASSERT_TRUE(spool.append("again"));
  EXPECT_EQ(all_of(spool, 100), "again");
}

TEST_F(SpoolTest, SmallBodiesGoToDiskWhenMemoryOfAllIsFull) {
  options_.total_memory = 5000;
  Spool first(options_, quota_);
  ASSERT_TRUE(first.append(pattern(900)));
  quota_.memory += 4200;
  Spool second(options_, quota_);
  ASSERT_TRUE(second.append(pattern(100)));
  EXPECT_EQ(quota_.disk.load(), 100U);
  EXPECT_EQ(all_of(second, 64), pattern(100));
  quota_.memory -= 4200;
}

TEST_F(SpoolTest, DiskQuotaOfAllIsKept) {
  Spool first(options_, quota_);
  ASSERT_TRUE(first.append(pattern(60'000)));
  Spool second(options_, quota_);
  ASSERT_TRUE(second.append(pattern(40'000)));
  const auto more = second.append("x");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::Exhausted);
  EXPECT_EQ(second.size(), 40'000U);
  EXPECT_EQ(all_of(second, 4096), pattern(40'000));
  first.clear();
  EXPECT_TRUE(second.append("x"));
}

TEST_F(SpoolTest, MissingDirectoryIsAnIoErrorThatNamesIt) {
  options_.directory += "/missing";
  Spool spool(options_, quota_);
  ASSERT_TRUE(spool.append(pattern(1000)));
  const auto more = spool.append("x");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::Io);
  EXPECT_NE(more.error().detail.find(options_.directory), std::string::npos);
  EXPECT_EQ(all_of(spool, 4096), pattern(1000));
  options_.directory = std::filesystem::path(options_.directory).parent_path();
}

TEST_F(SpoolTest, FullDiskIsExhaustedAndNothingIsLostBefore) {
  // RLIMIT_FSIZE stands in for a full disk; without its signal the write fails with EFBIG half-way.
  auto* const before_signal = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 3000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Spool spool(options_, quota_);
  ASSERT_TRUE(spool.append(pattern(2000)));
  const auto more = spool.append(pattern(2000));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::ignore = std::signal(SIGXFSZ, before_signal);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::Exhausted);
  EXPECT_EQ(spool.size(), 2000U);
  EXPECT_EQ(quota_.disk.load(), 2000U);
  EXPECT_EQ(all_of(spool, 4096), pattern(2000));
}

TEST_F(SpoolTest, HeaderBlock) {
  const std::string huge(limits::kHeaderBytes + 10, 'h');
  const std::string wide = "Subject: " + std::string(50'000, 's') + "\r\n\r\n";
  const struct {
    std::string body, header;
  } cases[] = {
      {"", ""},
      {"\r\nbody", "\r\n"},
      {"A: 1\r\nB: 2\r\n\r\nbody\r\n\r\n", "A: 1\r\nB: 2\r\n\r\n"},
      {"A: 1\r\nB: 2\r\n", "A: 1\r\nB: 2\r\n"},
      {"A: 1\r\n\r\n", "A: 1\r\n\r\n"},
      {wide + "body", wide},
      {huge, huge.substr(0, limits::kHeaderBytes)},
  };
  for (const std::uint64_t memory : {0U, 1U << 20}) {
    options_.memory = memory;
    options_.total_memory = options_.total_disk = 1U << 20;
    for (const auto& [body, header] : cases) {
      Spool spool(options_, quota_);
      ASSERT_TRUE(spool.append(body));
      const auto found = spool.header_block();
      ASSERT_TRUE(found);
      EXPECT_EQ(found->size(), header.size());
      EXPECT_EQ(*found, header);
    }
  }
}

TEST_F(SpoolTest, PassesOverWhatIsLeftOut) {
  const std::string body = pattern(3000);
  const std::vector<std::vector<Range>> cuts{{},           {{0, 10}},   {{5, 1}, {6, 2}},
                                             {{2990, 10}}, {{0, 3000}}, {{100, 900}, {1000, 50}, {2999, 1}}};
  for (const std::uint64_t memory : {10'000U, 10U}) {
    for (const auto& ranges : cuts) {
      options_.memory = memory;
      Spool spool(options_, quota_);
      ASSERT_TRUE(spool.append(body));
      std::string expected = body;
      for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) expected.erase(range->offset, range->length);
      spool.leave_out(ranges);
      EXPECT_EQ(spool.size(), expected.size());
      for (const std::size_t step : {1U, 2U, 7U, 4096U}) EXPECT_EQ(all_of(spool, step), expected) << step;
      const auto piece = spool.read(3, 100);
      EXPECT_EQ(piece->size(), std::min<std::size_t>(100, expected.size() - std::min<std::size_t>(3, expected.size())))
          << "only the end is short";
      spool.clear();
      EXPECT_EQ(spool.size(), 0U);
    }
  }
}

}  // namespace
}  // namespace anechoic::spool
