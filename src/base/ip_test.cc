// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <gtest/gtest.h>

namespace anechoic::ip {
namespace {

TEST(IpAddress, PrintsCanonically) {
  struct Case {
    std::string_view text;
    std::string_view printed;
    std::string_view literal;
  };
  for (const Case& c : std::to_array<Case>({
           {"192.0.2.1", "192.0.2.1", "[192.0.2.1]"},
           {"0.0.0.0", "0.0.0.0", "[0.0.0.0]"},
           {"255.255.255.255", "255.255.255.255", "[255.255.255.255]"},
           {"::", "::", "[IPv6:::]"},
           {"::1", "::1", "[IPv6:::1]"},
           {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", "[IPv6:2001:db8::1]"},
           {"2001:db8::", "2001:db8::", "[IPv6:2001:db8::]"},
           {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "[IPv6:2001:db8:0:1:1:1:1:1]"},
           {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "[IPv6:2001:0:0:1::1]"},
           {"2001:db8::1:0:0:1", "2001:db8::1:0:0:1", "[IPv6:2001:db8::1:0:0:1]"},
           {"::ffff:192.0.2.7", "192.0.2.7", "[192.0.2.7]"},
           {"::ffff:c000:207", "192.0.2.7", "[192.0.2.7]"},
           {"64:ff9b::192.0.2.33", "64:ff9b::c000:221", "[IPv6:64:ff9b::c000:221]"},
           {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "[IPv6:1:2:3:4:5:6:7:0]"},
       })) {
    const auto address = parse_address(c.text);
    ASSERT_TRUE(address) << c.text;
    EXPECT_EQ(to_string(*address), c.printed);
    EXPECT_EQ(to_literal(*address), c.literal);
    EXPECT_EQ(parse_address(to_string(*address)), *address);
  }
}

TEST(IpAddress, RefusesEverythingElse) {
  for (const auto* bad : {"",
                          "1",
                          "1.2.3",
                          "1.2.3.4.5",
                          "1.2.3.256",
                          "01.2.3.4",
                          "1.2.3.4 ",
                          " 1.2.3.4",
                          "1..2.3",
                          "a.b.c.d",
                          "1.2.3.-4",
                          ":",
                          ":::",
                          "1::2::3",
                          "1:2:3:4:5:6:7",
                          "1:2:3:4:5:6:7:8:9",
                          "12345::",
                          "::1%eth0",
                          "[::1]",
                          "::1.2.3",
                          "1:",
                          ":1",
                          "1:2:3:4:5:6:7:8::",
                          "1.2.3.4::",
                          "::g",
                          "::1.2.3.4:5",
                          "1:2:3:4:5:6:7:1.2.3.4"}) {
    EXPECT_FALSE(parse_address(bad)) << bad;
  }
}

TEST(IpAddress, LimitKeyIsTheAddressOrItsSlash64) {
  EXPECT_EQ(to_string(parse_address("192.0.2.9")->limit_key()), "192.0.2.9");
  EXPECT_EQ(to_string(parse_address("2001:db8:1:2:3:4:5:6")->limit_key()), "2001:db8:1:2::");
}

TEST(IpAddress, KnowsLoopback) {
  EXPECT_TRUE(parse_address("127.9.9.9")->is_loopback());
  EXPECT_TRUE(parse_address("::1")->is_loopback());
  EXPECT_FALSE(parse_address("128.0.0.1")->is_loopback());
  EXPECT_FALSE(parse_address("::2")->is_loopback());
}

TEST(IpNetwork, ContainsByPrefix) {
  struct Case {
    std::string_view network;
    std::string_view address;
    bool inside;
  };
  for (const Case& c : std::to_array<Case>({
           {"10.0.0.0/8", "10.255.0.1", true},
           {"10.0.0.0/8", "11.0.0.1", false},
           {"192.0.2.128/25", "192.0.2.127", false},
           {"192.0.2.128/25", "192.0.2.200", true},
           {"0.0.0.0/0", "203.0.113.1", true},
           {"0.0.0.0/0", "2001:db8::1", false},
           {"::/0", "192.0.2.1", false},
           {"::/0", "2001:db8::1", true},
           {"2001:db8::/33", "2001:db8:7fff::1", true},
           {"2001:db8::/33", "2001:db8:8000::1", false},
           {"192.0.2.1", "192.0.2.1", true},
           {"192.0.2.1", "192.0.2.2", false},
           {"::ffff:10.0.0.0/104", "10.1.1.1", true},
       })) {
    const auto network = parse_network(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_EQ(network->contains(*parse_address(c.address)), c.inside) << c.network << ' ' << c.address;
  }
}

TEST(IpNetwork, RefusesWrongOnes) {
  for (const auto* bad : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8/8", "2001:db8::/129",
                          "2001:db8::1/64", "::ffff:10.0.0.0/8", "10.0.0.0/-1"}) {
    EXPECT_FALSE(parse_network(bad)) << bad;
  }
}

TEST(IpEndpoint, RoundTrips) {
  for (const auto* text : {"127.0.0.1:25", "[::1]:2525", "[2001:db8::1]:0", "0.0.0.0:65535"}) {
    const auto endpoint = parse_endpoint(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(to_string(*endpoint), text);
  }
  for (const auto* bad : {"", ":25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:25", "[127.0.0.1]:25", "[::1]",
                          "[::1:25", "localhost:25"}) {
    EXPECT_FALSE(parse_endpoint(bad)) << bad;
  }
}

}  // namespace
}  // namespace anechoic::ip
