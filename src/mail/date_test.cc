// SPDX-License-Identifier: Apache-2.0
#include "mail/date.h"

#include <gtest/gtest.h>

#include <array>

#include "mail/received.h"

namespace anechoic::mail {
namespace {

TEST(Date, ReadsWhatMailersWrite) {
  struct Case {
    std::string_view text;
    std::string_view shown;  // "" = no date
  };
  for (const Case& c : std::to_array<Case>({
           // RFC 5322 3.3
           {"Sun, 22 Nov 2026 06:10:21 +0000", "2026-11-22T06:10:21Z"},
           {"22 Nov 2026 06:10 -0130", "2026-11-22T07:40:00Z"},
           {"Sun, 22 Nov 2026 06:10:21 +0200 (EET)", "2026-11-22T04:10:21Z"},
           {" Sun,\r\n\t22 Nov 2026 06:10:21 +0000", "2026-11-22T06:10:21Z"},
           {"Sun , 1 Mar 2026 23:59:60 -1200", "2026-03-02T11:59:59Z"},
           // RFC 5322 4.3
           {"Sun, 22 Nov 26 06:10:21 EST", "2026-11-22T11:10:21Z"},
           {"Thu, 13 Feb 69 23:32:54 -0330", "1969-02-14T03:02:54Z"},
           {"Mon, 2 Apr 101 04:20:10 CST", "2001-04-02T10:20:10Z"},
           {"22 Nov 2026 06:10:21 Z", "2026-11-22T06:10:21Z"},
           {"22 Nov 2026 06:10:21 GMT+0200", "2026-11-22T04:10:21Z"},
           // asctime, mbox, date(1)
           {"Sun Nov 22 06:10:21 2026", "2026-11-22T06:10:21Z"},
           {"From a@example.org Sun Nov 22 06:10:21 2026", "2026-11-22T06:10:21Z"},
           {"From MAILER-DAEMON Sun Nov  2 06:10 2026", "2026-11-02T06:10:00Z"},
           {"Wed 29 May 2019 06:09:22 PM EDT", "2019-05-29T22:09:22Z"},
           {"Sun Nov 22 06:10:21 CET 2026", "2026-11-22T05:10:21Z"},
           // ISO 8601
           {"2026-11-22T06:10:21Z", "2026-11-22T06:10:21Z"},
           {"2026-11-22T06:10:21.123456+01:00", "2026-11-22T05:10:21Z"},
           {"2026-11-22 06:10:21 +0100", "2026-11-22T05:10:21Z"},
           {"2026-11-22", "2026-11-22T00:00:00Z"},
           // mistakes
           {"Sun, 22 Nov 2026 6:10:21 +0000", "2026-11-22T06:10:21Z"},
           {"Sun, 22-Nov-2026 06:10:21 +0000", "2026-11-22T06:10:21Z"},
           {"Sun, 22 November 2026 06:10:21", "2026-11-22T06:10:21Z"},
           {"Tue, 029 Apr 2019 23:34:45 -0800 (PST)", "2019-04-30T07:34:45Z"},
           {"mar, 22 nov 2016 06:10:21 +0100", "2016-11-22T05:10:21Z"},
           {"Sun, 22 Nov 2026 06.10.21 +0000", "2026-11-22T06:10:21Z"},
           {"22.11.2026 06:10:21", "2026-11-22T06:10:21Z"},
           {"Mon, 21 Aug 95 13:30:57 -600", "1995-08-21T19:30:57Z"},
           {"22 Nov 2026 12:10:21 AM", "2026-11-22T00:10:21Z"},
           // no dates
           {"", ""},
           {"yesterday", ""},
           {"31 Feb 2026 06:10:21 +0000", ""},
           {"22 Nov 1492 06:10:21 +0000", ""},
           {"22 2026 06:10:21", ""},
           {"99 Nov 2026", ""},
           {"Nov 99999999999999999999", ""},
           {"+ - : . (", ""},
       })) {
    const auto at = parse_date(c.text);
    EXPECT_EQ(at ? format_rfc3339(*at) : "", c.shown) << c.text;
  }
}

TEST(Date, ReadsWhatWeWrite) {
  for (const std::int64_t seconds : {0L, 951'868'800L, 1'795'327'821L, 4'102'444'799L}) {
    const WallTime at{std::chrono::seconds{seconds}};
    EXPECT_EQ(parse_date(format_date(at)), at);
    EXPECT_EQ(parse_date(format_rfc3339(at)), at);
  }
}

TEST(Date, KeepsMicroseconds) {
  const auto at = parse_date("2026-11-22T06:10:21.12345678Z");
  ASSERT_TRUE(at);
  EXPECT_EQ(at->time_since_epoch().count() % 1'000'000, 123'456);
}

}  // namespace
}  // namespace anechoic::mail
