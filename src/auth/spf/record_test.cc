// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/record.h"

#include <gtest/gtest.h>

#include <vector>

namespace anechoic::auth::spf {
namespace {

std::vector<Directive> directives_of(const Record& record) {
  std::vector<Directive> out;
  std::string_view terms = record.terms;
  while (const auto directive = next_directive(terms)) out.push_back(*directive);
  return out;
}

// 4.5
TEST(SpfRecord, IsKnownByItsVersion) {
  for (const std::string_view text : {"v=spf1", "v=spf1 ", "V=SPF1 a", "v=spf1 garbage"})
    EXPECT_TRUE(is_record(text)) << text;
  for (const std::string_view text :
       {"", "v=spf10", "v=spf1a", "v=spf1\ta", " v=spf1", "v=spf", "v=spf2.0/pra a", "spf1"}) {
    EXPECT_FALSE(is_record(text)) << text;
  }
}

// Every term of these records is in order.
TEST(SpfRecord, Parses) {
  for (const std::string_view text : {
           "v=spf1",
           "v=spf1   ",
           "v=spf1 all",
           "v=spf1  -all  ",
           "v=spf1 +ALL ~All ?aLL",
           "v=spf1 a",
           "v=spf1 a/24",
           "v=spf1 a//64",
           "v=spf1 a/0//0",
           "v=spf1 a:example.com/32//128",
           "v=spf1 a:%{d}/24",
           "v=spf1 a:%{l2/}",
           "v=spf1 a:a/24.example.com/8",
           "v=spf1 mx mx/24 mx:example.com. MX//1",
           "v=spf1 ptr ptr:example.com",
           "v=spf1 exists:%{ir}.x.example.com",
           "v=spf1 exists:a.com/x.example",
           "v=spf1 include:example.com",
           "v=spf1 ip4:192.0.2.0/24 ip4:0.0.0.0/0 ip4:1.2.3.4",
           "v=spf1 ip6:::1 ip6:2001:db8::/32 ip6:::ffff:1.2.3.4/0 ip6:1:2:3:4:5:6:7:8/128",
           "v=spf1 redirect=example.com",
           "v=spf1 EXP=%{d} Redirect=%{d}",
           "v=spf1 exp=a.b -all redirect=c.d",
           "v=spf1 x=",
           "v=spf1 moo.cow-far_out=man:dog/cat",
           "v=spf1 a=b a=c",
           "v=spf1 ip4=x.y",
           "v=spf1 all=x",
       }) {
    const auto record = parse_record(text);
    EXPECT_TRUE(record) << text << ": " << record.error().detail;
  }
}

// A mistake anywhere is one of the record: 4.6.
TEST(SpfRecord, RefusesMistakes) {
  for (const std::string_view term : {
           "moo",
           "al",
           "all.",
           "all:x",
           "all:a.b",
           "all/8",
           "--all",
           "+",
           "-",
           "=",
           "=x",
           "1up=x",
           "-x=y",
           "a:",
           "a/",
           "a//",
           "a/33",
           "a//129",
           "a/024",
           "a/24/64",
           "a/24///64",
           "a:/24",
           "a/1000",
           "a//00",
           "a:example",
           "a:example.com:80",
           "a:1.2.3.4",
           "A:%",
           "a,mx",
           "a:%{c}.x.y",
           "mx:",
           "mx/33",
           "mx:a.b/24/64",
           "ptr:",
           "ptr/0",
           "ptr:a.b/24",
           "exists",
           "exists:",
           "exists:a",
           "exists/24",
           "include",
           "include:",
           "include:a.b/24",
           "include=x y",
           "ip4",
           "ip4:",
           "ip4:1.2.3",
           "ip4:1.2.3.4.5",
           "ip4:1.2.3.256",
           "ip4:01.2.3.4",
           "ip4:1.2.3.4/33",
           "ip4:1.2.3.4/032",
           "ip4:1.2.3.4//32",
           "ip4:1.2.3.4/",
           "ip4:1.2.3.4:25",
           "ip4:::1",
           "ip4/24",
           "ip4:example.com",
           "ip6",
           "ip6:",
           "ip6:1.2.3.4",
           "ip6:::1/129",
           "ip6:::1//64",
           "ip6:::1/",
           "ip6::::",
           "ip6:12345::",
           "ip6:[::1]",
           "ip6:::1%eth0",
           "redirect:a.b",
           "redirect=",
           "redirect=a",
           "exp=",
           "exp=-all",
           "exp=%{r}.a.b",
           "exp:a.b",
           "x=%",
           "x=%{y}",
           "x=%{c}",
           "\x01",
           "a\tmx",
           "\xEF\xBB\xBF.com",
           "a:\x80.com",
           "redirect=a.b redirect=a.b",
           "exp=a.b exp=c.d",
           "REDIRECT=a.b redirect=c.d",
       }) {
    for (const std::string& text :
         {"v=spf1 " + std::string(term) + " -all", "v=spf1 ip4:1.2.3.4 -all " + std::string(term)}) {
      const auto record = parse_record(text);
      ASSERT_FALSE(record) << text;
      EXPECT_EQ(record.error().code, Errc::Syntax);
      for (const char c : record.error().detail) EXPECT_TRUE(c >= ' ' && c <= '~') << text;
    }
  }
  const auto longest = parse_record("v=spf1 " + std::string(10'000, '\x02'));
  ASSERT_FALSE(longest);
  EXPECT_LT(longest.error().detail.size(), 200U);
}

TEST(SpfRecord, KeepsWhatIsWritten) {
  const auto record = parse_record("v=spf1 -a:a.b/24//64 exp=e.f ?IP6:2001:db8::/33 ~mx//7 redirect=%{d} +include:i.j");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->explanation, "e.f");
  EXPECT_EQ(record->redirect, "%{d}");
  const auto found = directives_of(*record);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].qualifier, Qualifier::Fail);
  EXPECT_EQ(found[0].mechanism, Mechanism::A);
  EXPECT_EQ(found[0].text, "-a:a.b/24//64");
  EXPECT_EQ(found[0].domain_spec, "a.b");
  EXPECT_EQ(found[0].bits4, 24);
  EXPECT_EQ(found[0].bits6, 64);
  EXPECT_EQ(found[1].qualifier, Qualifier::Neutral);
  EXPECT_EQ(found[1].mechanism, Mechanism::Ip6);
  EXPECT_EQ(found[1].network.bits, 33);
  EXPECT_EQ(found[2].qualifier, Qualifier::SoftFail);
  EXPECT_EQ(found[2].mechanism, Mechanism::Mx);
  EXPECT_EQ(found[2].domain_spec, "");
  EXPECT_EQ(found[2].bits4, 32);
  EXPECT_EQ(found[2].bits6, 7);
  EXPECT_EQ(found[3].mechanism, Mechanism::Include);
  EXPECT_EQ(found[3].domain_spec, "i.j");
}

struct Match {
  std::string_view term;
  std::string_view client;
  bool matches;
};

TEST(SpfRecord, NetworksHoldAddresses) {
  const Match cases[] = {
      {"ip4:192.0.2.1", "192.0.2.1", true},
      {"ip4:192.0.2.1", "192.0.2.2", false},
      {"ip4:192.0.2.77/24", "192.0.2.200", true},  // host bits may be set
      {"ip4:192.0.2.0/23", "192.0.3.9", true},
      {"ip4:192.0.2.0/23", "192.0.4.9", false},
      {"ip4:192.0.2.0/31", "192.0.2.1", true},
      {"ip4:192.0.2.0/31", "192.0.2.2", false},
      {"ip4:1.1.1.1/0", "9.9.9.9", true},
      {"ip4:1.1.1.1/0", "2001:db8::1", false},
      {"ip4:192.0.2.1", "::ffff:192.0.2.1", true},  // 5: an IPv4 client all the same
      {"ip6:2001:db8::/32", "2001:db8:ffff::1", true},
      {"ip6:2001:db8::/32", "2001:db9::1", false},
      {"ip6:2001:db8::/127", "2001:db8::1", true},
      {"ip6:2001:db8::/127", "2001:db8::2", false},
      {"ip6:2001:db8::1", "2001:db8::1", true},
      {"ip6:::/0", "2001:db8::1", true},
      {"ip6:::/0", "192.0.2.1", false},
      {"ip6:::ffff:192.0.2.1", "192.0.2.1", false},
      {"ip6:::ffff:192.0.2.1", "::ffff:192.0.2.1", false},
      {"ip6:::ffff:192.0.2.1/0", "2001:db8::1", true},
      {"ip6:::ffff:192.0.2.1/80", "::1", true},
      {"ip6:::ffff:192.0.2.1/81", "::1", false},
  };
  for (const Match& one : cases) {
    const std::string text = "v=spf1 " + std::string(one.term);
    const auto record = parse_record(text);
    ASSERT_TRUE(record) << one.term;
    const auto found = directives_of(*record);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].network.contains(ip::parse_address(one.client).value()), one.matches)
        << one.term << ' ' << one.client;
  }
}

}  // namespace
}  // namespace anechoic::auth::spf
