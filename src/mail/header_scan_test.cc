// SPDX-License-Identifier: Apache-2.0
#include "mail/header_scan.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace anechoic::mail {
namespace {

constexpr std::string_view kMessage =
    "Received: from c (relay [192.0.2.1])\r\n\tby MX.example.org\r\n\twith ESMTP;\r\n"
    "Subject: by mx.example.org\r\n"
    "received : from d ([192.0.2.2]) by other.example\r\n"
    "Message-Id: \r\n <one@example>\r\n"
    "Message-ID: <two@example>\r\n"
    "X-Received: by mx.example.org\r\n"
    "no field\r\n"
    "\r\n"
    "Received: by mx.example.org\r\n";

TEST(HeaderScan, CountsAndFinds) {
  const HeaderScanResult result = scan_headers(kMessage, {"mx.example.org", 2});
  EXPECT_EQ(result.received_fields, 2U);
  EXPECT_EQ(result.own_received_fields, 1U);
  EXPECT_EQ(result.message_id, "<one@example>");
  ASSERT_TRUE(result.client);
  EXPECT_EQ(ip::to_string(*result.client), "192.0.2.2");
  EXPECT_EQ(ip::to_string(*scan_headers(kMessage, {"", 1}).client), "192.0.2.1");
  EXPECT_EQ(scan_headers("Received: from said.example (real.example [192.0.2.9]) by x\r\n", {"", 1}).client_helo,
            "said.example");
  EXPECT_FALSE(scan_headers(kMessage, {"mx.example.org", 3}).client);
  EXPECT_FALSE(scan_headers(kMessage, {"mx.example.org", 0}).client);
}

TEST(HeaderScan, FindsTheSameHoweverItIsFed) {
  const HeaderScanResult whole = scan_headers(kMessage, {"mx.example.org", 1});
  for (std::size_t size = 1; size < 20; ++size) {
    HeaderScanner scanner({"mx.example.org", 1});
    for (std::size_t i = 0; i < kMessage.size(); i += size) scanner.feed(kMessage.substr(i, size));
    EXPECT_TRUE(scanner.done());
    EXPECT_EQ(scanner.result(), whole);
  }
}

TEST(HeaderScan, ReadsTheLastFieldOfAMessageWithoutABody) {
  EXPECT_EQ(scan_headers("Message-ID: <a@b>", {}).message_id, "<a@b>");
  EXPECT_EQ(scan_headers("Received: by x\r\n", {"x", 0}).own_received_fields, 1U);
  EXPECT_EQ(scan_headers("", {}), HeaderScanResult{});
}

TEST(HeaderScan, IsBounded) {
  std::string hostile = "Received: from " + std::string(HeaderScanner::kFieldBytes * 2, 'x');
  for (int i = 0; i < 1000; ++i) hostile += "\r\n " + std::string(900, '(');
  EXPECT_EQ(scan_headers(hostile, {"x", 1}).received_fields, 1U);

  HeaderScanner scanner({});
  const std::string line = "Received: by x\r\n";
  for (std::size_t fed = 0; fed < limits::kHeaderBytes + line.size(); fed += line.size()) scanner.feed(line);
  EXPECT_TRUE(scanner.done());
  EXPECT_EQ(scan_headers("Message-ID: a\x01" + std::string(5000, 'b'), {}).message_id.size(), 997U);
}

}  // namespace
}  // namespace anechoic::mail
