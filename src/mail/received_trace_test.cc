// SPDX-License-Identifier: Apache-2.0
#include "mail/received_trace.h"

#include <gtest/gtest.h>

#include <array>

#include "base/limits.h"
#include "mail/date.h"

namespace anechoic::mail {
namespace {

std::string client_of(std::string_view value) {
  const auto client = parse_received(value).client;
  return client ? ip::to_string(*client) : "";
}

TEST(ParseReceived, FindsTheClientAsHostsWriteIt) {
  struct Case {
    std::string_view value;
    std::string_view client;
    std::string_view by;
  };
  for (const Case& c : std::to_array<Case>({
           {" from helo (name [192.0.2.1]) by mx.example.org (Postfix) with ESMTP id 1; date", "192.0.2.1",
            "mx.example.org"},
           {" from helo (unknown [IPv6:2001:db8::1])\tby mx.example.org;", "2001:db8::1", "mx.example.org"},
           {" from helo (name [192.0.2.1] (may be forged)) by a.example.", "192.0.2.1", "a.example"},
           {" from name ([192.0.2.1]:4711 helo=[198.51.100.9]) by b with esmtp", "192.0.2.1", "b"},
           {" from [192.0.2.1] (port=4711 helo=[198.51.100.9]) by b", "192.0.2.1", "b"},
           {" from unknown (HELO 198.51.100.9) (192.0.2.1) by c", "192.0.2.1", "c"},
           {" from by (name [192.0.2.1]) by mx.example.org; date", "192.0.2.1", "mx.example.org"},
           {" from by by mx.example.org; date", "", "mx.example.org"},
           {" from by mx.example.org with SMTP; date", "", "mx.example.org"},
           {" from (HELO by) (192.0.2.1) by mx.example.org; date", "192.0.2.1", "mx.example.org"},
           {" from host.example (192.0.2.1) by d with Microsoft", "192.0.2.1", "d"},
           {" from x(a[198.51.100.9]) (ptr [192.0.2.1]) by e", "192.0.2.1", "e"},
           {" FROM [198.51.100.9] (ptr [192.0.2.1]) BY e", "192.0.2.1", "e"},
           {" from x (198.51.100.9 [192.0.2.1]) by e", "192.0.2.1", "e"},
           {" from by.example (by [192.0.2.1]) by e", "192.0.2.1", "e"},
           {" by f with local", "", "f"},
           {" (qmail 123 invoked by uid 89); date", "", ""},
           {" from helo (HELO [198.51.100.9]) by g", "", "g"},
           {"", "", ""},
           {" from", "", ""},
           {" from (((((", "", ""},
           {" from a (\\) by", "", ""},
           {" by", "", ""},
       })) {
    EXPECT_EQ(client_of(c.value), c.client) << c.value;
    EXPECT_EQ(parse_received(c.value).by, c.by) << c.value;
  }
}

TEST(ParseHop, TellsWhoTookItFromWhom) {
  const Hop postfix = parse_hop(
      " from helo.example (PTR.example.net [192.0.2.1])\r\n\tby mx.example.org (Postfix) with ESMTPS id 4F2A1\r\n\t"
      "for <User@example.org>; Sun, 22 Nov 2026 06:10:21 +0100 (CET)");
  EXPECT_EQ(postfix.from, "helo.example");
  EXPECT_EQ(postfix.from_name, "ptr.example.net");
  EXPECT_EQ(ip::to_string(postfix.address.value()), "192.0.2.1");
  EXPECT_EQ(postfix.by, "mx.example.org");
  EXPECT_EQ(postfix.id, "4F2A1");
  EXPECT_EQ(postfix.recipient, "User@example.org");
  EXPECT_EQ(format_rfc3339(postfix.at.value()), "2026-11-22T05:10:21Z");

  const Hop qmail = parse_hop(
      " from unknown (HELO said.example) (user@192.0.2.1)\n  by a.example with SMTP; 22 Nov 2026 06:10:21 -0000");
  EXPECT_EQ(qmail.from, "unknown");
  EXPECT_EQ(qmail.from_name, "");
  EXPECT_EQ(qmail.by, "a.example");
  EXPECT_TRUE(qmail.at);

  const Hop local = parse_hop("(qmail 1234 invoked by uid 89); 22 Nov 2026 06:10:21 -0000");
  EXPECT_EQ(local.by + local.from + local.id, "");
  EXPECT_TRUE(local.at);

  const Hop bare = parse_hop("by 2002:a05:6000::1 with SMTP id x7csp1; Sun, 22 Nov 2026 06:10:21 -0800 (PST)");
  EXPECT_EQ(bare.by, "2002:a05:6000::1");
  EXPECT_EQ(bare.id, "x7csp1");
  EXPECT_FALSE(bare.address);

  const Hop ident = parse_hop("from a (root@ptr.example.net [192.0.2.1]) by b; no date");
  EXPECT_EQ(ident.from_name, "ptr.example.net");
  EXPECT_FALSE(ident.at);
  EXPECT_EQ(parse_hop("from a (unknown [192.0.2.1]) by b").from_name, "");
}

TEST(ReadTrace, IsInOrderAndBounded) {
  std::string text = "Received: by first\nX-Received: by none\nrECEIVED: by second\n";
  const HeaderBlock two = HeaderBlock::parse(text);
  ASSERT_EQ(read_trace(two).size(), 2U);
  EXPECT_EQ(read_trace(two)[1].by, "second");
  for (int i = 0; i < 300; ++i) text += "Received: by a\n";
  EXPECT_EQ(read_trace(HeaderBlock::parse(text)).size(), limits::kReceivedFields);
}

}  // namespace
}  // namespace anechoic::mail
