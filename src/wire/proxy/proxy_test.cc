// SPDX-License-Identifier: Apache-2.0
#include "wire/proxy/proxy.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace anechoic::proxy {
namespace {

using namespace std::string_literals;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string v2(char version_command, char family, std::string_view payload) {
  std::string out = kSignature;
  out += version_command;
  out += family;
  out += static_cast<char>(payload.size() >> 8U);
  out += static_cast<char>(payload.size() & 0xFFU);
  return out + std::string(payload);
}

const std::string kV4 = "\xC0\x00\x02\x01\xC6\x33\x64\x02\x12\x67\x00\x19"s;
const std::string kV6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01\x20\x01\x0d\xb8"s + std::string(11, '\0') +
                        "\x02\x12\x67\x00\x19"s;

struct Good {
  std::string bytes;
  std::string source;  // "" = local
  std::string destination;
};

const std::array kGood = {
    Good{"PROXY TCP4 192.0.2.1 198.51.100.2 4711 25\r\n", "192.0.2.1:4711", "198.51.100.2:25"},
    Good{"PROXY TCP6 2001:db8::1 2001:db8::2 65535 0\r\n", "[2001:db8::1]:65535", "[2001:db8::2]:0"},
    Good{"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1:1", "[::1]:2"},
    Good{"PROXY UNKNOWN\r\n", "", ""},
    Good{"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "", ""},
    Good{v2('\x21', '\x11', kV4), "192.0.2.1:4711", "198.51.100.2:25"},
    Good{v2('\x21', '\x11', kV4 + "\x05\x00\x02id"s), "192.0.2.1:4711", "198.51.100.2:25"},
    Good{v2('\x21', '\x21', kV6), "[2001:db8::1]:4711", "[2001:db8::2]:25"},
    Good{v2('\x20', '\x00', ""), "", ""},
    Good{v2('\x20', '\x11', kV4), "", ""},
    Good{v2('\x21', '\x00', "xyz"), "", ""},
    Good{v2('\x21', '\x31', std::string(216, 'u')), "", ""},
};

TEST(Proxy, DecodesWhole) {
  for (const Good& good : kGood) {
    for (const std::string_view behind : {"", "EHLO x\r\n"}) {
      const auto decoded = decode(good.bytes + std::string(behind));
      ASSERT_TRUE(decoded) << good.bytes;
      const auto* header = std::get_if<Header>(&*decoded);
      ASSERT_NE(header, nullptr) << good.bytes;
      EXPECT_EQ(header->length, good.bytes.size());
      EXPECT_EQ(header->local, good.source.empty());
      if (!header->local) {
        EXPECT_EQ(ip::to_string(header->source), good.source);
        EXPECT_EQ(ip::to_string(header->destination), good.destination);
      }
    }
  }
}

TEST(Proxy, WaitsForTheRestAtEveryOctet) {
  for (const Good& good : kGood) {
    for (std::size_t size = 0; size < good.bytes.size(); ++size) {
      const auto decoded = decode(std::string_view(good.bytes).substr(0, size));
      ASSERT_TRUE(decoded) << good.bytes << ' ' << size;
      EXPECT_TRUE(std::holds_alternative<NeedMore>(*decoded));
    }
  }
}

TEST(Proxy, RefusesEverythingElse) {
  for (const std::string& bad : {
           "EHLO x\r\n"s,
           "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n"s,
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"s,
           "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"s,
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"s,
           "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"s,
           "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"s,
           "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"s,
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 -2\r\n"s,
           "PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n"s,
           "PROXY TCP4 ::1 ::1 1 2\r\n"s,
           "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n"s,
           "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"s,
           "PROXY UNKNOWNX\r\n"s,
           "PROXY " + std::string(200, 'x'),
           "PROXY UNKNOWN " + std::string(100, 'x') + "\r\n",
           v2('\x11', '\x11', kV4),
           v2('\x22', '\x11', kV4),
           v2('\x21', '\x12', kV4),
           v2('\x21', '\x11', kV4.substr(1)),
           v2('\x21', '\x21', kV6.substr(1)),
           v2('\x21', '\x31', std::string(215, 'u')),
           v2('\x21', '\x41', kV4),
           v2('\x21', '\x11', std::string(4081, 'x')),
           "\r\n\r\n\0\r\nQUIT\r"s,
       }) {
    EXPECT_FALSE(decode(bad)) << bad;
  }
}

TEST(Proxy, IsRefusedBeforeItsOctetsCome) {
  EXPECT_FALSE(decode(kSignature + "\x21\x11\xFF\xFF"s));
}

}  // namespace
}  // namespace anechoic::proxy
