// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/discover.h"

#include <gtest/gtest.h>

#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth::dmarc {
namespace {

using Strings = std::vector<std::string>;

dns::Name name(std::string_view text) {
  return dns::Name::parse(text).value();
}

Strings targets(std::string_view start) {
  Strings out;
  for (const dns::Name& target : walk_targets(name(start))) out.push_back(target.to_string());
  return out;
}

TEST(DmarcWalk, AsksEachParentUpToTheTopLevel) {  // 4.10
  EXPECT_EQ(targets("a.mail.example.com"), (Strings{"a.mail.example.com", "mail.example.com", "example.com", "com"}));
  EXPECT_EQ(targets("com"), Strings{"com"});
  EXPECT_EQ(targets("."), Strings{});
}

TEST(DmarcWalk, LongNamesAreShortenedToSevenLabels) {  // 4.10, 5.1.8
  EXPECT_EQ(targets("a.b.c.d.e.f.g.h.i.j.mail.example.com"),
            (Strings{"a.b.c.d.e.f.g.h.i.j.mail.example.com", "g.h.i.j.mail.example.com", "h.i.j.mail.example.com",
                     "i.j.mail.example.com", "j.mail.example.com", "mail.example.com", "example.com", "com"}));
  EXPECT_EQ(targets("mail.a.b.c.d.e.f.g.example.com"),
            (Strings{"mail.a.b.c.d.e.f.g.example.com", "c.d.e.f.g.example.com", "d.e.f.g.example.com",
                     "e.f.g.example.com", "f.g.example.com", "g.example.com", "example.com", "com"}));
  const std::string hundred = [] {
    std::string text = "com";
    for (int i = 0; i < 99; ++i) text.insert(0, "a.");
    return text;
  }();
  for (const std::string_view start : {"a.b.c.d.e.f.example.com", "a.b.c.d.e.example.com", hundred.c_str()}) {
    EXPECT_LE(targets(start).size(), kMostQueries) << start;
  }
  EXPECT_EQ(targets("a.b.c.d.e.f.example.com").size(), 8U);
  EXPECT_EQ(targets("a.b.c.d.e.example.com").size(), 7U);
  EXPECT_EQ(targets(hundred).size(), 8U);
}

TEST(DmarcNames, WhatIsADomain) {
  EXPECT_EQ(to_name("Example.COM").value().to_string(), "example.com");
  EXPECT_EQ(to_name("example.com.").value().to_string(), "example.com");
  EXPECT_EQ(to_name("b\xC3\xBC"
                    "cher.example")
                .value()
                .to_string(),
            "xn--bcher-kva.example");
  EXPECT_EQ(to_name("_x.example").value().to_string(), "_x.example");
  for (const std::string_view bad :
       {"", ".", "a..b", "[192.0.2.1]", "[IPv6:2001:db8::1]", "a\\.b.example", "a b.example", "a\tb", "a\r\nb.example",
        "\xFF.example", "a.example\x01", "a\"b.example", "a(b).example"}) {
    EXPECT_FALSE(to_name(bad)) << bad;
  }
  EXPECT_FALSE(to_name(std::string(64, 'a') + ".example"));
  EXPECT_FALSE(to_name(std::string_view("a\0b.example", 11)));
}

struct Zone {
  std::string_view at;
  std::string_view text;
};

struct Case {
  std::string_view what;
  std::vector<Zone> zone;
  std::string_view start;
  std::string_view organizational;
  std::string_view applicable;  // "" = none
  std::size_t queries;
};

struct World {
  anechoic::testing::FakeClock clock;
  anechoic::testing::FakeResolver resolver;
  Lookups lookups{resolver, clock, {}};
  Records records{lookups};

  Walk walk(std::string_view start) {
    std::optional<Walk> done;
    anechoic::start(walk_tree(records, name(start)), [&](Walk result) { done = std::move(result); });
    while (resolver.open() > 0) resolver.answer_next();
    return std::move(done.value());
  }
};

const Case kCases[] = {
    {"4.10.2's first example",
     {{"mail.example.com", "v=DMARC1; p=none"}, {"example.com", "v=DMARC1; p=none"}},
     "a.mail.example.com",
     "example.com",
     "example.com",
     4},
    {"its second: psd=n ends the walk",
     {{"mail.example.com", "v=DMARC1; p=none; psd=n"}, {"example.com", "v=DMARC1; p=none"}},
     "a.mail.example.com",
     "mail.example.com",
     "mail.example.com",
     2},
    {"its third: a public suffix with psd=y",
     {{"com", "v=DMARC1; p=reject; psd=y"}},
     "a.mail.example.com",
     "example.com",
     "com",
     4},
    {"psd=y below the top",
     {{"example.com", "v=DMARC1; p=none; psd=y"}},
     "mail.example.com",
     "mail.example.com",
     "example.com",
     2},
    {"the note of 4.10.1: the organisation's record hides the suffix'",
     {{"example.com", "v=DMARC1; p=none"}, {"com", "v=DMARC1; p=reject; psd=y"}},
     "mail.example.com",
     "example.com",
     "example.com",
     3},
    {"no record at all: the name itself", {}, "mail.example.com", "mail.example.com", "", 3},
    {"its own record applies, the organisation is above",
     {{"a.mail.example.com", "v=DMARC1; p=none"}, {"example.com", "v=DMARC1; p=reject"}},
     "a.mail.example.com",
     "example.com",
     "a.mail.example.com",
     4},
    {"its own with psd=n",
     {{"mail.example.com", "v=DMARC1; p=none; psd=n"}, {"example.com", "v=DMARC1; p=reject"}},
     "mail.example.com",
     "mail.example.com",
     "mail.example.com",
     1},
    {"a public suffix as start: 4.10.2 rule 2 leaves the start out",
     {{"com", "v=DMARC1; p=none; psd=y"}},
     "com",
     "com",
     "com",
     1},
    {"psd=y at the start ends the walk",
     {{"co.uk", "v=DMARC1; p=none; psd=y"}, {"uk", "v=DMARC1; p=reject"}},
     "co.uk",
     "co.uk",
     "co.uk",
     1},
    {"the fewest labels win without psd",
     {{"a.b.example.com", "v=DMARC1; p=none"}, {"b.example.com", "v=DMARC1; p=none"}, {"com", "v=DMARC1; p=none"}},
     "a.b.example.com",
     "com",
     "a.b.example.com",
     4},
    {"a record between is neither the author's nor the organisation's",
     {{"mail.example.com", "v=DMARC1; p=reject"}, {"example.com", "v=DMARC1; p=none"}},
     "a.mail.example.com",
     "example.com",
     "example.com",
     4},
    {"a record between, organisation without one, suffix with one: the suffix'",
     {{"mail.example.com", "v=DMARC1; p=none"}, {"com", "v=DMARC1; p=reject; psd=y"}},
     "a.mail.example.com",
     "example.com",
     "com",
     4},
    {"several records at a name are discarded",
     {{"mail.example.com", "v=DMARC1; p=none; psd=n"},
      {"mail.example.com", "v=DMARC1; p=none; psd=n"},
      {"example.com", "v=DMARC1; p=none"}},
     "mail.example.com",
     "example.com",
     "example.com",
     3},
    {"also when one could not be used",
     {{"mail.example.com", "v=DMARC1; p=none"}, {"mail.example.com", "v=DMARC1"}},
     "mail.example.com",
     "mail.example.com",
     "",
     3},
    {"other texts beside the record do not count",
     {{"mail.example.com", "v=DMARC2; p=none"},
      {"mail.example.com", "hello"},
      {"mail.example.com", "v=DMARC1; p=none; psd=n"},
      {"mail.example.com", "p=reject; v=DMARC1"}},
     "mail.example.com",
     "mail.example.com",
     "mail.example.com",
     1},
    {"a record without a policy counts for the organisation",
     {{"example.com", "v=DMARC1"}},
     "mail.example.com",
     "example.com",
     "example.com",
     3},
    {"5.1.8: a zone cut below the shortcut is not seen",
     {{"b.c.d.e.f.g.example.com", "v=DMARC1; p=none; psd=n"}, {"example.com", "v=DMARC1; p=none"}},
     "mail.a.b.c.d.e.f.g.example.com",
     "example.com",
     "example.com",
     8},
    {"eight labels ask for the parent",
     {{"b.c.d.e.f.example.com", "v=DMARC1; p=none; psd=n"}},
     "a.b.c.d.e.f.example.com",
     "b.c.d.e.f.example.com",
     "b.c.d.e.f.example.com",
     2},
};

struct DmarcDiscovery : ::testing::Test, World {};

TEST(DmarcOrganization, OrganizationalDomainAndPolicyRecord) {
  for (const bool later : {false, true}) {
    for (const Case& one : kCases) {
      World world;
      if (later) world.resolver.answer_later();
      for (const Zone& zone : one.zone)
        world.resolver.add_txt("_dmarc." + std::string(zone.at), std::string(zone.text));
      const Walk walk = world.walk(one.start);
      EXPECT_FALSE(walk.failed) << one.what;
      EXPECT_EQ(organizational_domain(walk).to_string(), one.organizational) << one.what;
      const Walk::Stop* const applicable = applicable_record(walk);
      EXPECT_EQ(applicable == nullptr ? "" : applicable->domain.to_string(), one.applicable) << one.what;
      EXPECT_EQ(world.resolver.asked().size(), one.queries) << one.what;
    }
  }
}

TEST_F(DmarcDiscovery, WalksOfAMessageShareTheirQuestions) {
  resolver.add_txt("_dmarc.example.com", "v=DMARC1; p=none");
  (void)walk("a.mail.example.com");
  EXPECT_EQ(resolver.asked().size(), 4U);
  (void)walk("b.mail.example.com");
  EXPECT_EQ(resolver.asked().size(), 5U);
  (void)walk("example.com");
  EXPECT_EQ(resolver.asked().size(), 5U);
}

TEST_F(DmarcDiscovery, AFailureEndsTheWalkAndIsRemembered) {
  resolver.add_txt("_dmarc.a.mail.example.com", "v=DMARC1; p=none");
  resolver.fail_with("_dmarc.mail.example.com", dns::Type::Txt, Found::Timeout);
  resolver.add_txt("_dmarc.example.com", "v=DMARC1; p=none");
  const Walk first = walk("a.mail.example.com");
  ASSERT_TRUE(first.failed);
  EXPECT_EQ(first.failed->to_string(), "mail.example.com");
  EXPECT_NE(first.failure, "");
  EXPECT_EQ(applicable_record(first)->domain.to_string(), "a.mail.example.com");
  EXPECT_EQ(resolver.asked().size(), 2U);
  EXPECT_TRUE(walk("b.mail.example.com").failed);
  EXPECT_EQ(applicable_record(walk("b.mail.example.com")), nullptr);
  EXPECT_EQ(resolver.asked().size(), 3U);
}

TEST_F(DmarcDiscovery, ANameTooLongForTheLabelHasNoRecord) {
  std::string longest = "example";
  while (longest.size() < 240) longest.insert(0, "abcdefghi.");
  ASSERT_TRUE(dns::Name::parse(longest)) << longest.size();
  ASSERT_FALSE(dns::Name::parse("_dmarc." + longest)) << longest.size();
  EXPECT_FALSE(walk(longest).failed);
}

}  // namespace
}  // namespace anechoic::auth::dmarc
