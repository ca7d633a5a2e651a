// SPDX-License-Identifier: Apache-2.0
// testdata/NAME.eml is read, and what was read is written as lines and held against NAME.expect.
#include "mail/dsn/bounce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "mail/date.h"

namespace anechoic::mail::dsn {
namespace {

const std::filesystem::path kData = ANECHOIC_SOURCE_DIR "/src/mail/dsn/testdata";

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view word_for(ReportType type) {
  constexpr std::string_view kWords[] = {"none", "delivery", "disposition", "feedback", "dmarc", "tls"};
  return kWords[static_cast<std::size_t>(type)];
}

std::string_view word_for(Shape shape) {
  constexpr std::string_view kWords[] = {"none", "dialect", "broken", "report"};
  return kWords[static_cast<std::size_t>(shape)];
}

class Lines {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) text_ += std::string(name) + ": " + std::string(value) + "\n";
  }
  std::string text_;
};

std::string written(const Bounce& bounce) {
  Lines out;
  out.add("type", word_for(bounce.type));
  out.add("shape", word_for(bounce.shape));
  out.add("dialect", bounce.dialect);
  out.add("action", to_string(bounce.action));
  out.add("reporting-mta", bounce.reporting_mta);
  out.add("envelope-id", bounce.envelope_id);
  if (bounce.arrival) out.add("arrival", format_rfc3339(*bounce.arrival));
  out.add("feedback-type", bounce.feedback_type);
  for (const Recipient& r : bounce.recipients) {
    out.text_ += "recipient\n";
    out.add("  final", r.final);
    out.add("  original", r.original);
    out.add("  action", to_string(r.action));
    out.add("  status", r.status);
    out.add("  code", r.reply_code);
    out.add("  reason", to_string(r.reason));
    out.add("  hard", r.hard ? *r.hard ? "yes" : "no" : "");
    out.add("  diagnostic", r.diagnostic);
    out.add("  remote-mta", r.remote_mta);
  }
  if (!bounce.has_original && bounce.original.message_id.empty()) return out.text_;
  out.text_ += "original\n";
  out.add("  message-id", bounce.original.message_id);
  out.add("  from", bounce.original.from);
  out.add("  envelope-from", bounce.original.envelope_from);
  out.add("  to", bounce.original.to);
  out.add("  subject", bounce.original.subject);
  if (bounce.original.date) out.add("  date", format_rfc3339(*bounce.original.date));
  for (const Hop& hop : bounce.original.trace) out.add("  hop by", hop.by);
  const std::string_view raw = bounce.raw_original_headers();
  out.add("  raw begins", raw.substr(0, raw.find_first_of("\r\n")));
  return out.text_;
}

std::vector<std::filesystem::path> messages() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(kData)) {
    if (entry.path().extension() == ".eml") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

TEST(Bounce, ReadsTheFixtures) {
  ASSERT_GE(messages().size(), 15U);
  for (const auto& path : messages()) {
    const std::string bytes = contents(path);
    const Message message = scan_message(bytes);
    EXPECT_EQ(written(read_report(message)), contents(std::filesystem::path(path).replace_extension(".expect")))
        << path;
  }
}

TEST(Bounce, LineEndsDoNotMatter) {
  for (const auto& path : messages()) {
    const std::string lf = contents(path);
    const std::string crlf = with_crlf(lf);
    EXPECT_EQ(written(read_report(scan_message(crlf))), written(read_report(scan_message(lf)))) << path;
  }
}

TEST(Bounce, ReturnedHeadersAreTheBytesOfTheMessage) {
  const std::string bytes = with_crlf(contents(kData / "rfc3464-several.eml"));
  const Bounce bounce = read_report(scan_message(bytes));
  ASSERT_TRUE(bounce.has_original);
  EXPECT_TRUE(bounce.owned_headers.empty());
  const auto at = static_cast<std::size_t>(bounce.returned_headers.data() - bytes.data());
  ASSERT_LT(at, bytes.size());
  EXPECT_TRUE(bounce.returned_headers.starts_with("Return-Path: <alice@example.org>\r\nReceived: from desk"));
  EXPECT_TRUE(bounce.returned_headers.ends_with("Message-ID: <a1@example.org>\r\n"));
}

TEST(Bounce, ManyRecipientsAreBounded) {
  std::string bytes =
      "From: MAILER-DAEMON@x\nSubject: x\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
      "--b\nContent-Type: message/delivery-status\n\n";
  for (int i = 0; i < 1000; ++i)
    bytes += "\nFinal-Recipient: rfc822; a" + std::to_string(i) + "@example.org\nAction: failed\n";
  bytes += "\n--b--\n";
  EXPECT_EQ(read_report(scan_message(bytes)).recipients.size(), kMaxRecipients);
}

TEST(Bounce, LongDiagnosticsAreBoundedAndUtf8) {
  std::string bytes =
      "From: MAILER-DAEMON@x\nSubject: failure notice\n\nHi. This is the qmail-send program at "
      "x.\n\n<a@example.org>:\n";
  for (int i = 0; i < 400; ++i) bytes += "550 \xC3\xA4\xFF no such user, and many words besides\n";
  const Bounce bounce = read_report(scan_message(bytes));
  ASSERT_EQ(bounce.recipients.size(), 1U);
  EXPECT_LE(bounce.recipients[0].diagnostic.size(), 2048U);
  EXPECT_TRUE(utf8::is_valid(bounce.recipients[0].diagnostic));
  EXPECT_EQ(bounce.recipients[0].reason, Reason::UserUnknown);
}

TEST(Bounce, OrdinaryMailReportsNothing) {
  const std::string bytes =
      "From: Bob <bob@example.com>\nTo: alice@example.org\nSubject: dinner\n\nI got \"550 user unknown\" when I wrote "
      "to <carol@example.com>: why?\n";
  EXPECT_EQ(read_report(scan_message(bytes)).type, ReportType::None);
}

}  // namespace
}  // namespace anechoic::mail::dsn
