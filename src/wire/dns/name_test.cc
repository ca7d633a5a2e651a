// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/name.h"

#include <gtest/gtest.h>

#include "wire/dns/idn.h"

namespace anechoic::dns {
namespace {

using namespace std::string_literals;

std::string round(std::string_view text) {
  const auto name = Name::parse(text);
  return name ? name->to_string() : "error: " + name.error().detail;
}

TEST(DnsName, IsReadAndWritten) {
  EXPECT_EQ(round("Mail.Example.ORG"), "mail.example.org");
  EXPECT_EQ(round("example.org."), "example.org");
  EXPECT_EQ(round("."), ".");
  EXPECT_EQ(round("_dmarc.example.org"), "_dmarc.example.org");
  EXPECT_EQ(round(R"(a\.b.example)"), R"(a\.b.example)");
  EXPECT_EQ(round(R"(a\046b.example)"), R"(a\.b.example)");
  EXPECT_EQ(round("a b.\xff"), R"(a\032b.\255)");
}

TEST(DnsName, RefusesWhatIsNone) {
  EXPECT_FALSE(Name::parse(""));
  EXPECT_FALSE(Name::parse("a..b"));
  EXPECT_FALSE(Name::parse(".a"));
  EXPECT_FALSE(Name::parse(std::string(64, 'x') + ".example"));
  EXPECT_FALSE(Name::parse(R"(a\)"));
  EXPECT_FALSE(Name::parse(R"(a\999)"));
  EXPECT_FALSE(Name::parse(R"(a\25)"));
  std::string longest;
  for (int i = 0; i < 63; ++i) longest += "abc.";
  EXPECT_TRUE(Name::parse(longest + "a"));  // 63 * 4 + 2 + 1 = 255
  EXPECT_FALSE(Name::parse(longest + "ab"));
}

TEST(DnsName, FromWireTakesExactlyOneUncompressedName) {
  EXPECT_EQ(Name::from_wire("\1A\7example\0"s).value(), Name::parse("a.example").value());
  EXPECT_EQ(Name::from_wire("\0"s).value(), Name());
  EXPECT_FALSE(Name::from_wire(""));
  EXPECT_FALSE(Name::from_wire("\1a"));
  EXPECT_FALSE(Name::from_wire("\5a\0"s));
  EXPECT_FALSE(Name::from_wire("\1a\0\0"s));
  EXPECT_FALSE(Name::from_wire("\xc0\x0c"));
}

TEST(DnsName, KnowsItsLabels) {
  const Name name = Name::parse("a.b.example").value();
  EXPECT_EQ(name.labels(), 3U);
  EXPECT_EQ(Name().labels(), 0U);
  EXPECT_EQ(name.parent(), Name::parse("b.example").value());
  EXPECT_EQ(Name().parent(), Name());
  EXPECT_EQ(name.last(1), Name::parse("example").value());
  EXPECT_EQ(name.last(7), name);
  EXPECT_EQ(name.last(0), Name());
  EXPECT_EQ(name.prefixed("s1._domainkey").value(), Name::parse("s1._domainkey.a.b.example").value());
}

TEST(DnsName, IsWithinLabelByLabel) {
  const Name org = Name::parse("example.org").value();
  EXPECT_TRUE(org.is_within(org));
  EXPECT_TRUE(Name::parse("a.example.org").value().is_within(org));
  EXPECT_TRUE(org.is_within(Name()));
  EXPECT_FALSE(Name::parse("badexample.org").value().is_within(org));
  EXPECT_FALSE(org.is_within(Name::parse("a.example.org").value()));
  // A label that ends in the bytes of the other name is still one label.
  EXPECT_FALSE(Name::parse(R"(x\007example\003org)").value().is_within(org));
}

TEST(Idn, BecomesALabels) {
  EXPECT_EQ(to_a_labels("B\xc3\xbc"
                        "cher.Example.")
                .value(),
            "xn--bcher-kva.example");
  EXPECT_EQ(to_a_labels("_Spf.EXAMPLE").value(), "_spf.example");
  EXPECT_FALSE(to_a_labels("\xff\xfe.example"));
  EXPECT_FALSE(to_a_labels("a\0b"s));
}

}  // namespace
}  // namespace anechoic::dns
