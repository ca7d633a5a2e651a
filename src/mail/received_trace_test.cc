// SPDX-License-Identifier: Apache-2.0
#include "mail/received_trace.h"

#include <gtest/gtest.h>

#include <array>

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

}  // namespace
}  // namespace anechoic::mail
