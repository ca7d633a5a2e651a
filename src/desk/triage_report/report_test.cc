// SPDX-License-Identifier: Apache-2.0
#include "desk/triage_report/report.h"

#include <gtest/gtest.h>

#include "desk/triage_report/html.h"

namespace anechoic::desk {
namespace {

TEST(EscapeHtml, LeavesNothingThatActs) {
  EXPECT_EQ(escape_html("<script>alert('x')</script> & \"y\""),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;");
  EXPECT_EQ(escape_html("a\nb\x01"), "a b\xEF\xBF\xBD");
  EXPECT_EQ(escape_html("\xff\xc3(Gr\xc3\xbc\xc3\x9f"), "\xEF\xBF\xBD\xEF\xBF\xBD(Gr\xc3\xbc\xc3\x9f");
  EXPECT_EQ(escape_html("\xE2\x80\xAE"
                        "gpj"),
            "\xEF\xBF\xBDgpj")
      << "turns the direction of text";
  EXPECT_EQ(escape_html("\xc3\xbc\xc3\xbc", 3), "\xc3\xbc…");
}

TEST(Numbers, AsPeopleReadThem) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(percent(1, 100000), "under 0.1 %");
  EXPECT_EQ(percent(5, 100), "5.0 %");
  EXPECT_EQ(percent(3, 4), "75 %");
  EXPECT_EQ(percent(1, 0), "0 %");
  EXPECT_EQ(day_and_time(WallTime(std::chrono::seconds(1795329321))), "2026-11-22 06:35");
  EXPECT_EQ(day(WallTime(std::chrono::seconds(1795329321))), "22 Nov 2026");
}

triage::Findings hostile() {
  triage::Findings findings;
  findings.mailboxes.emplace_back();
  findings.mailboxes.back().path = "/m/<b>inbox</b>";
  findings.messages = 3;
  findings.kinds[0] = {0, 1, 1, 1};
  findings.hours[498000] = {0, 1, 1, 0};
  findings.hours[-5'000'000] = {0, 0, 0, 1};
  findings.hours[90'000'000] = {0, 0, 0, 1};
  findings.sources.add("<img src=x onerror=1>");
  findings.reasons.add("user-unknown");
  findings.languages.add("de");
  findings.why.add("no-original");
  triage::Genuine genuine;
  genuine.recipient = "<svg onload=alert(1)>@x.test";
  genuine.subject = "</title><script>";
  genuine.diagnostic = "550 <a href='javascript:1'>";
  genuine.reason = mail::dsn::Reason::MailboxFull;
  findings.genuine.push_back(genuine);
  return findings;
}

TEST(Report, EscapesWhatStrangersWrote) {
  const std::string page = triage_report(hostile(), WallTime{}, "1.0");
  for (const char* bad :
       {"<script", "<img", "onload=alert(1)>", "<a href", "<b>inbox", "<link", "url(", "@import", "src=\""})
    EXPECT_EQ(page.find(bad), std::string::npos) << bad;
  for (const char* good : {"&lt;svg onload", "&lt;img src=x", "<svg viewBox", "German", "no such mailbox",
                           "mailbox full", "Send it again in a few days", "default-src 'none'", "prefers-color-scheme"})
    EXPECT_NE(page.find(good), std::string::npos) << good;
}

TEST(Report, OfNothing) {
  const std::string page = triage_report(triage::Findings{}, WallTime{}, "1.0");
  EXPECT_NE(page.find("None answers mail of yours."), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
}

TEST(Report, IsBounded) {
  triage::Findings findings = hostile();
  for (std::int64_t hour = 0; hour < 100'000; ++hour) findings.hours[hour] = {1, 0, 1, 0};
  EXPECT_LT(triage_report(findings, WallTime{}, "1.0").size(), 200'000U);
}

}  // namespace
}  // namespace anechoic::desk
