// SPDX-License-Identifier: Apache-2.0
#include "observe/line_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "testing/temp_dir.h"

namespace anechoic::observe {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream stream(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(LineWriter, AppendsAndItsEndWritesAll) {
  const testing::TempDir folder;
  const fs::path file = folder.path() / "log";
  std::ofstream(file) << "before\n";
  {
    auto writer = LineWriter::open(file.string());
    ASSERT_TRUE(writer) << writer.error().detail;
    (*writer)->write("one");
    (*writer)->write("two");
  }
  EXPECT_EQ(lines_of(file), (std::vector<std::string>{"before", "one", "two"}));
}

TEST(LineWriter, ALineIsThereSoonWithoutAnotherOne) {
  const testing::TempDir folder;
  const fs::path file = folder.path() / "log";
  const auto writer = LineWriter::open(file.string());
  ASSERT_TRUE(writer);
  (*writer)->write("alone");
  for (int wait = 0; wait < 500 && lines_of(file).empty(); ++wait)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(lines_of(file), (std::vector<std::string>{"alone"}));
}

TEST(LineWriter, FlushWaitsForAll) {
  const testing::TempDir folder;
  const fs::path file = folder.path() / "log";
  const auto writer = LineWriter::open(file.string());
  ASSERT_TRUE(writer);
  for (int round = 1; round <= 50; ++round) {
    (*writer)->write("line");
    (*writer)->flush();
    ASSERT_EQ(lines_of(file).size(), static_cast<std::size_t>(round));
  }
}

TEST(LineWriter, EachThreadsLinesStayWholeAndInOrder) {
  constexpr int kThreads = 4;
  constexpr int kLines = 2000;
  const testing::TempDir folder;
  const fs::path file = folder.path() / "log";
  {
    const auto writer = LineWriter::open(file.string());
    ASSERT_TRUE(writer);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int line = 0; line < kLines; ++line) (*writer)->write(std::to_string(thread) + " " + std::to_string(line));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ((*writer)->dropped(), 0U);
  }
  std::vector<int> next(kThreads, 0);
  for (const std::string& text : lines_of(file)) {
    std::istringstream words(text);
    std::size_t thread = kThreads;
    int line = -1;
    words >> thread >> line;
    ASSERT_LT(thread, static_cast<std::size_t>(kThreads)) << text;
    EXPECT_EQ(line, next[thread]++);
  }
  EXPECT_EQ(next, std::vector<int>(kThreads, kLines));
}

TEST(LineWriter, ReopenLeavesTheMovedFileWhole) {
  const testing::TempDir folder;
  const fs::path file = folder.path() / "log";
  {
    const auto writer = LineWriter::open(file.string());
    ASSERT_TRUE(writer);
    (*writer)->write("old");
    fs::rename(file, folder.path() / "log.1");
    ASSERT_TRUE((*writer)->reopen());
    (*writer)->write("new");
  }
  EXPECT_EQ(lines_of(folder.path() / "log.1"), (std::vector<std::string>{"old"}));
  EXPECT_EQ(lines_of(file), (std::vector<std::string>{"new"}));
}

TEST(LineWriter, AFailingReopenKeepsTheOldFile) {
  const testing::TempDir folder;
  const fs::path file = folder.path() / "sub" / "log";
  fs::create_directory(folder.path() / "sub");
  {
    const auto writer = LineWriter::open(file.string());
    ASSERT_TRUE(writer);
    fs::rename(folder.path() / "sub", folder.path() / "moved");
    EXPECT_FALSE((*writer)->reopen());
    (*writer)->write("still here");
  }
  EXPECT_EQ(lines_of(folder.path() / "moved" / "log"), (std::vector<std::string>{"still here"}));
}

TEST(LineWriter, CountsWhatAFullDiskDoesNotTake) {
  const auto writer = LineWriter::open("/dev/full");
  ASSERT_TRUE(writer);
  (*writer)->write("one");
  (*writer)->write("two");
  for (int wait = 0; wait < 500 && (*writer)->dropped() < 2; ++wait)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ((*writer)->dropped(), 2U);
}

TEST(LineWriter, NeverGrowsBeyondItsBound) {
  const auto writer = LineWriter::open("/dev/full");
  ASSERT_TRUE(writer);
  const std::string line(LineWriter::kQueuedOctets, 'x');
  (*writer)->write(line);
  EXPECT_EQ((*writer)->dropped(), 1U);
}

TEST(LineWriter, SaysWhichFileCantBeOpened) {
  const auto writer = LineWriter::open("/nowhere/log");
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, Errc::Io);
  EXPECT_NE(writer.error().detail.find("/nowhere/log"), std::string::npos);
}

}  // namespace
}  // namespace anechoic::observe
