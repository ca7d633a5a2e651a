// SPDX-License-Identifier: Apache-2.0
#include "app/config/values.h"

#include <gtest/gtest.h>

#include <optional>

namespace anechoic::config {
namespace {

using std::chrono::milliseconds;

TEST(Values, ReadsSizes) {
  struct Case {
    std::string_view text;
    std::optional<std::uint64_t> octets;
  };
  const Case cases[] = {
      {"0", 0},
      {"1", 1},
      {"1023", 1023},
      {"1K", 1024},
      {"50M", 50ULL << 20},
      {"4G", 4ULL << 30},
      {"2T", 2ULL << 40},
      {"9223372036854775807", 9223372036854775807ULL},
      {"9223372036854775808", std::nullopt},
      {"8388608T", std::nullopt},
      {"99999999999999999999", std::nullopt},
      {"", std::nullopt},
      {"M", std::nullopt},
      {"-1", std::nullopt},
      {"+1", std::nullopt},
      {"1.5M", std::nullopt},
      {"50m", std::nullopt},
      {"50MB", std::nullopt},
      {"50 M", std::nullopt},
      {" 50M", std::nullopt},
      {"5x", std::nullopt},
  };
  for (const Case& c : cases) {
    const auto read = parse_size(c.text);
    EXPECT_EQ(read ? std::optional(*read) : std::nullopt, c.octets) << c.text;
  }
}

TEST(Values, ReadsDurations) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> ms;
  };
  const Case cases[] = {
      {"0", 0},
      {"0s", 0},
      {"100ms", 100},
      {"90s", 90'000},
      {"5m", 300'000},
      {"12h", 43'200'000},
      {"14d", 1'209'600'000},
      {"1h30m", 5'400'000},
      {"1m500ms", 60'500},
      {"3660d", 316'224'000'000},
      {"3660d1ms", std::nullopt},
      {"99999999999999999999d", std::nullopt},
      {"18446744073709551615ms18446744073709551615ms", std::nullopt},
      {"", std::nullopt},
      {"5", std::nullopt},
      {"m", std::nullopt},
      {"-5m", std::nullopt},
      {"5 m", std::nullopt},
      {"5min", std::nullopt},
      {"1.5h", std::nullopt},
      {"5M", std::nullopt},
  };
  for (const Case& c : cases) {
    const auto read = parse_duration(c.text);
    EXPECT_EQ(read ? std::optional(read->count()) : std::nullopt, c.ms) << c.text;
  }
}

TEST(Values, PrintsWhatItReads) {
  EXPECT_EQ(size_text(50ULL << 20), "50M");
  EXPECT_EQ(size_text(0), "0");
  EXPECT_EQ(size_text(1536), "1536");
  EXPECT_EQ(duration_text(milliseconds(0)), "0s");
  EXPECT_EQ(duration_text(milliseconds(5'400'000)), "1h30m");
  EXPECT_EQ(duration_text(milliseconds(86'400'001)), "1d1ms");
}

TEST(Values, ErrorsSayWhatIsAccepted) {
  EXPECT_NE(parse_size("many").error().detail.find("\"50M\""), std::string::npos);
  EXPECT_NE(parse_duration("soon").error().detail.find("\"90s\""), std::string::npos);
}

TEST(Values, MeasuresHowFarWordsAreApart) {
  EXPECT_EQ(edit_distance("listen", "listen"), 0U);
  EXPECT_EQ(edit_distance("Listen", "listen"), 0U);
  EXPECT_EQ(edit_distance("lisen", "listen"), 1U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("message_sise", "message_size"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

}  // namespace
}  // namespace anechoic::config
