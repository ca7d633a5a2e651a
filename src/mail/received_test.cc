// SPDX-License-Identifier: Apache-2.0
#include "mail/received.h"

#include <gtest/gtest.h>

#include "mail/header_scan.h"
#include "mail/received_trace.h"

namespace anechoic::mail {
namespace {

Received sample() {
  Received received;
  received.helo = "client.example";
  received.client = *ip::parse_address("192.0.2.1");
  received.by = "mx.example.org";
  received.with = "ESMTPS";
  received.id = "abcdefghijklmaab";
  received.at = WallTime{std::chrono::seconds{1'795'327'821}};
  return received;
}

TEST(Received, IsWrittenAndFolded) {
  Received received = sample();
  EXPECT_EQ(write_received(received),
            "Received: from client.example ([192.0.2.1])\r\n"
            "\tby mx.example.org with ESMTPS id abcdefghijklmaab;\r\n"
            "\tSun, 22 Nov 2026 06:10:21 +0000\r\n");
  received.client_name = "host.client.example";
  received.client = *ip::parse_address("2001:db8::1");
  received.recipient = ForwardPath{{"a b", "example.org"}};
  EXPECT_EQ(write_received(received),
            "Received: from client.example (host.client.example [IPv6:2001:db8::1])\r\n"
            "\tby mx.example.org with ESMTPS id abcdefghijklmaab for <\"a b\"@example.org>;\r\n"
            "\tSun, 22 Nov 2026 06:10:21 +0000\r\n");
}

TEST(Received, LetsNoStrangerWriteItsGrammar) {
  Received received = sample();
  received.helo = "a\r\nX: y (b) [1.2.3.4] by z;\x80";
  received.client_name = "n) by forged (";
  received.id = "i\r\nd";
  const std::string written = write_received(received);
  EXPECT_EQ(written,
            "Received: from a??X:?y??b??[1.2.3.4]?by?z?? (n??by?forged?? [192.0.2.1])\r\n"
            "\tby mx.example.org with ESMTPS id i??d;\r\n\tSun, 22 Nov 2026 06:10:21 +0000\r\n");
  const ReceivedParts parts = parse_received(std::string_view(written).substr(sizeof("Received:") - 1));
  EXPECT_EQ(parts.by, "mx.example.org");
}

TEST(Received, BoundsItsLines) {
  Received received = sample();
  received.helo = std::string(5000, 'h');
  received.client_name = std::string(5000, 'n');
  received.by = std::string(255, 'b');
  received.recipient = ForwardPath{{std::string(64, '"'), std::string(255, 'd')}};
  const std::string written = write_received(received);
  for (std::size_t start = 0; start < written.size();) {
    const std::size_t end = written.find("\r\n", start);
    EXPECT_LE(end - start, 500U);
    start = end + 2;
  }
}

TEST(Received, NamesTheRecipientBeyondAsciiOnlyWithUtf8Smtp) {
  Received received = sample();
  received.recipient = ForwardPath{{"d\xC3\xB6rte", "example.org"}};
  EXPECT_FALSE(write_received(received).contains("for"));
  received.with = "UTF8SMTPS";
  EXPECT_TRUE(write_received(received).contains("for <d\xC3\xB6rte@example.org>;"));
}

TEST(Received, NamesTheProtocol) {
  EXPECT_EQ(received_protocol(false, false, false), "SMTP");
  EXPECT_EQ(received_protocol(true, false, false), "ESMTP");
  EXPECT_EQ(received_protocol(true, true, false), "ESMTPS");
  EXPECT_EQ(received_protocol(true, false, true), "UTF8SMTP");
  EXPECT_EQ(received_protocol(true, true, true), "UTF8SMTPS");
}

}  // namespace
}  // namespace anechoic::mail
