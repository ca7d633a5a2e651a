// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "observe/escape.h"
#include "testing/fake_clock.h"

namespace anechoic::observe {
namespace {

TEST(Escape, LeavesPlainTextAlone) {
  for (const std::string_view text : {"a", "bob@example.org", "<bob+tag@example.org>", "192.0.2.1:25", "[::1]:25"})
    EXPECT_EQ(quote_if_needed(text), text);
}

TEST(Escape, QuotesWhatCouldForgeAField) {
  struct Case {
    std::string_view in;
    std::string_view out;
  };
  const Case cases[] = {
      {"", "\"\""},
      {"a b", "\"a b\""},
      {"a=b", "\"a=b\""},
      {"x\" level=error", "\"x\\\" level=error\""},
      {"a\\b", "\"a\\\\b\""},
      {"a\r\nforged line", "\"a\\r\\nforged line\""},
      {std::string_view("\0\x1b[31m\x7f", 7), "\"\\x00\\x1b[31m\\x7f\""},
      {"\xc3\xa4", "\"\\xc3\\xa4\""},
  };
  for (const Case& c : cases) EXPECT_EQ(quote_if_needed(c.in), c.out);
}

TEST(Escape, WithoutQuotesAroundItKeepsQuotes) {
  EXPECT_EQ(escape("say \"hi\" \\ \x1b"), "say \"hi\" \\\\ \\x1b");
  EXPECT_EQ(quote("plain"), "\"plain\"");
}

TEST(Escape, AnyOctetComesOutAsPrintableAscii) {
  std::string all;
  for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
  for (const char c : quote_if_needed(all)) {
    EXPECT_GE(c, ' ');
    EXPECT_LT(c, 0x7f);
  }
}

struct Captured {
  explicit Captured(LogFormat format, Level level = Level::Info)
      : log(format, level, clock, [this](std::string_view line) { lines.emplace_back(line); }) {}
  testing::FakeClock clock;
  std::vector<std::string> lines;
  Log log;
};

TEST(Log, WritesTextLines) {
  Captured captured(LogFormat::Text);
  captured.clock.advance(std::chrono::microseconds(1500));
  const std::string text = "two words";
  captured.log.event(Level::Warning, "backend-down",
                     {{"backend", "main"}, {"why", text}, {"tries", 3U}, {"left", -1}, {"tls", true}, {"ms", 1.5}});
  ASSERT_EQ(captured.lines.size(), 1U);
  EXPECT_EQ(captured.lines[0],
            "2027-01-15T08:00:00.001500Z warning backend-down backend=main why=\"two words\" tries=3 left=-1 tls=true "
            "ms=1.5");
}

TEST(Log, WritesJsonLinesOfValidUtf8) {
  Captured captured(LogFormat::Json);
  captured.log.event(Level::Info, "helo", {{"name", "a\"\xff\n"}, {"count", 7}, {"tls", false}});
  ASSERT_EQ(captured.lines.size(), 1U);
  const auto object = nlohmann::json::parse(captured.lines[0]);
  EXPECT_EQ(object["event"], "helo");
  EXPECT_EQ(object["level"], "info");
  EXPECT_EQ(object["name"], "a\"\xef\xbf\xbd\n");
  EXPECT_EQ(object["count"], 7);
  EXPECT_EQ(object["tls"], false);
  EXPECT_EQ(captured.lines[0].find('\n'), std::string::npos);
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  Captured captured(LogFormat::Text, Level::Warning);
  captured.log.event(Level::Info, "quiet");
  EXPECT_TRUE(captured.lines.empty());
  captured.log.set_level(Level::Debug);
  captured.log.event(Level::Debug, "loud");
  EXPECT_EQ(captured.lines.size(), 1U);
}

TEST(Log, CutsLongValues) {
  Captured captured(LogFormat::Text);
  captured.log.event(Level::Info, "x", {{"v", std::string(100'000, 'a')}});
  EXPECT_LT(captured.lines.at(0).size(), Log::kMaxValue + 100);
}

std::string slurp(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(Log, WritesToAFileAndOpensItAnew) {
  const auto folder = std::filesystem::temp_directory_path() / ("anechoic-log-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const std::string file = folder / "log";
  const SystemClock clock;
  {
    auto log = Log::open({.format = LogFormat::Text, .level = Level::Info, .file = file}, clock);
    ASSERT_TRUE(log.has_value()) << log.error().detail;
    (*log)->event(Level::Info, "first");
    for (int tries = 0; tries < 500 && slurp(file).empty(); ++tries) usleep(10'000);
    std::filesystem::rename(file, folder / "log.1");
    ASSERT_TRUE((*log)->reopen().has_value());
    (*log)->event(Level::Info, "second");
  }
  EXPECT_TRUE(slurp(folder / "log.1").ends_with(" info first\n"));
  EXPECT_TRUE(slurp(file).ends_with(" info second\n"));
  std::filesystem::remove_all(folder);
}

TEST(Log, SaysWhichFileCannotBeOpened) {
  const SystemClock clock;
  const auto log = Log::open({.format = LogFormat::Text, .level = Level::Info, .file = "/proc/nonsense/log"}, clock);
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, Errc::Io);
  EXPECT_NE(log.error().detail.find("/proc/nonsense/log"), std::string::npos);
}

}  // namespace
}  // namespace anechoic::observe
