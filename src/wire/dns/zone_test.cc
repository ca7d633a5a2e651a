// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/zone.h"

#include <gtest/gtest.h>

namespace anechoic::dns {
namespace {

using Outcome = Zone::Outcome;

Name name(std::string_view text) {
  return Name::parse(text).value();
}

Rdata txt(std::string_view text) {
  return Txt{std::string(text)};
}

std::string first_text(const Zone::Look& look) {
  return look.records.empty() ? "none" : std::get<Txt>(look.records.front()).text;
}

TEST(Zone, TellsRecordsFromNoneAndFromNoName) {
  Zone zone;
  ASSERT_TRUE(zone.add(name("a.Example.org"), Type::Txt, txt("one"), std::chrono::seconds(60)));
  ASSERT_TRUE(zone.add(name("a.example.org"), Type::Txt, txt("two"), std::chrono::seconds(30)));
  ASSERT_TRUE(zone.add(name("a.example.org"), Type::Txt, txt("one")));
  EXPECT_EQ(zone.records(), 2U);
  const auto found = zone.look(name("A.EXAMPLE.org"), Type::Txt);
  EXPECT_EQ(found.outcome, Outcome::Records);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[0], txt("one"));
  EXPECT_EQ(found.records[1], txt("two"));
  EXPECT_EQ(found.ttl, std::chrono::seconds(30));
  EXPECT_EQ(zone.look(name("a.example.org"), Type::A).outcome, Outcome::NoRecords);
  EXPECT_EQ(zone.look(name("b.example.org"), Type::Txt).outcome, Outcome::NoSuchName);
  EXPECT_EQ(zone.look(name("b.a.example.org"), Type::Txt).outcome, Outcome::NoSuchName);
  // Names on the way to records exist; names that only begin alike do not.
  EXPECT_EQ(zone.look(name("example.org"), Type::Txt).outcome, Outcome::NoRecords);
  EXPECT_EQ(zone.look(name("org"), Type::Txt).outcome, Outcome::NoRecords);
  EXPECT_EQ(zone.look(Name(), Type::Txt).outcome, Outcome::NoRecords);
  EXPECT_EQ(zone.look(name("exampl.org"), Type::Txt).outcome, Outcome::NoSuchName);
  EXPECT_EQ(Zone().look(Name(), Type::Txt).outcome, Outcome::NoSuchName);
}

TEST(Zone, KeepsOnlyRecordsOfTheirType) {
  Zone zone;
  EXPECT_FALSE(zone.add(name("a"), Type::A, txt("x")));
  EXPECT_FALSE(zone.add(name("a"), Type::Soa, name("b")));
  ASSERT_TRUE(zone.add(name("a"), Type::Cname, name("b")));
  EXPECT_TRUE(zone.add(name("a"), Type::Cname, name("b")));
  EXPECT_FALSE(zone.add(name("a"), Type::Cname, name("c")));
}

TEST(Zone, FollowsAliases) {
  Zone zone;
  ASSERT_TRUE(zone.add(name("a.example"), Type::Cname, name("b.example"), std::chrono::seconds(5)));
  ASSERT_TRUE(zone.add(name("b.example"), Type::Cname, name("c.other")));
  ASSERT_TRUE(zone.add(name("c.other"), Type::Txt, txt("end")));
  EXPECT_EQ(first_text(zone.look(name("a.example"), Type::Txt)), "end");
  EXPECT_EQ(zone.look(name("a.example"), Type::Txt).ttl, std::chrono::seconds(5));
  EXPECT_EQ(zone.look(name("a.example"), Type::A).outcome, Outcome::NoRecords);
  const auto alias = zone.look(name("a.example"), Type::Cname);
  ASSERT_EQ(alias.outcome, Outcome::Records);
  EXPECT_EQ(alias.records[0], Rdata(name("b.example")));

  ASSERT_TRUE(zone.add(name("d.example"), Type::Cname, name("nowhere.example")));
  EXPECT_EQ(zone.look(name("d.example"), Type::Txt).outcome, Outcome::NoSuchName);
  zone.add_failure(name("slow.example"), Zone::Failure::Timeout);
  ASSERT_TRUE(zone.add(name("e.example"), Type::Cname, name("slow.example")));
  EXPECT_EQ(zone.look(name("e.example"), Type::Txt).outcome, Outcome::Timeout);
}

TEST(Zone, EndsLoopsAndLongChainsOfAliases) {
  Zone zone;
  ASSERT_TRUE(zone.add(name("a"), Type::Cname, name("b")));
  ASSERT_TRUE(zone.add(name("b"), Type::Cname, name("a")));
  EXPECT_EQ(zone.look(name("a"), Type::A).outcome, Outcome::ServFail);
  EXPECT_FALSE(zone.look(name("a"), Type::A).detail.empty());
  EXPECT_EQ(zone.look(name("a"), Type::Cname).outcome, Outcome::Records);

  for (std::size_t i = 0; i < Zone::kMostCnames + 1; ++i) {
    ASSERT_TRUE(zone.add(name("n" + std::to_string(i)), Type::Cname, name("n" + std::to_string(i + 1))));
  }
  ASSERT_TRUE(zone.add(name("n" + std::to_string(Zone::kMostCnames + 1)), Type::Txt, txt("end")));
  EXPECT_EQ(first_text(zone.look(name("n1"), Type::Txt)), "end");
  EXPECT_EQ(zone.look(name("n0"), Type::Txt).outcome, Outcome::ServFail);
}

// The example of RFC 4592 2.2.1, with a wildcard alias besides.
TEST(Zone, WildcardsStandInForNamesThatDoNotExist) {
  Zone zone;
  const auto mx = [](std::uint16_t preference) { return Mx{preference, name("host1.example")}; };
  ASSERT_TRUE(zone.add(name("*.example"), Type::Txt, txt("this is a wildcard")));
  ASSERT_TRUE(zone.add(name("*.example"), Type::Mx, mx(10)));
  ASSERT_TRUE(zone.add(name("sub.*.example"), Type::Txt, txt("this is not a wildcard")));
  ASSERT_TRUE(zone.add(name("host1.example"), Type::A, ip::parse_address("192.0.2.1").value()));
  ASSERT_TRUE(zone.add(name("_ssh._tcp.host1.example"), Type::Txt, txt("srv")));
  ASSERT_TRUE(zone.add(name("subdel.example"), Type::Ns, name("ns.example.com")));
  ASSERT_TRUE(zone.add(name("*.alias.example"), Type::Cname, name("host1.example")));

  EXPECT_EQ(zone.look(name("host3.example"), Type::Mx).outcome, Outcome::Records);
  EXPECT_EQ(zone.look(name("host3.example"), Type::A).outcome, Outcome::NoRecords);
  EXPECT_EQ(first_text(zone.look(name("foo.bar.example"), Type::Txt)), "this is a wildcard");
  EXPECT_EQ(zone.look(name("host1.example"), Type::Mx).outcome, Outcome::NoRecords);
  EXPECT_EQ(first_text(zone.look(name("sub.*.example"), Type::Txt)), "this is not a wildcard");
  EXPECT_EQ(zone.look(name("_telnet._tcp.host1.example"), Type::Txt).outcome, Outcome::NoSuchName);
  EXPECT_EQ(zone.look(name("host.subdel.example"), Type::A).outcome, Outcome::NoSuchName);
  EXPECT_EQ(zone.look(name("ghost.*.example"), Type::Mx).outcome, Outcome::NoSuchName);
  EXPECT_EQ(zone.look(name("_tcp.host1.example"), Type::Txt).outcome, Outcome::NoRecords);
  EXPECT_EQ(zone.look(name("x.alias.example"), Type::A).outcome, Outcome::Records);
  EXPECT_EQ(zone.look(name("x.other"), Type::A).outcome, Outcome::NoSuchName);
  // A wildcard that has no records of its own, only names below it.
  ASSERT_TRUE(zone.add(name("x.*.empty.example"), Type::Txt, txt("x")));
  EXPECT_EQ(zone.look(name("y.empty.example"), Type::Txt).outcome, Outcome::NoRecords);
}

TEST(Zone, FailsWhereItIsTold) {
  Zone zone;
  ASSERT_TRUE(zone.add(name("a.example"), Type::A, ip::parse_address("192.0.2.1").value()));
  zone.add_failure(name("a.example"), Zone::Failure::ServFail, Type::Txt);
  zone.add_failure(name("b.example"), Zone::Failure::Timeout);
  zone.add_failure(name("*.c.example"), Zone::Failure::ServFail);
  EXPECT_EQ(zone.look(name("a.example"), Type::A).outcome, Outcome::Records);
  EXPECT_EQ(zone.look(name("a.example"), Type::Mx).outcome, Outcome::NoRecords);
  EXPECT_EQ(zone.look(name("a.example"), Type::Txt).outcome, Outcome::ServFail);
  EXPECT_EQ(zone.look(name("b.example"), Type::A).outcome, Outcome::Timeout);
  EXPECT_EQ(zone.look(name("x.y.c.example"), Type::A).outcome, Outcome::ServFail);
}

TEST(Zone, BoundsOneSet) {
  Zone zone;
  Result<void> last;
  for (std::size_t i = 0; i <= Zone::kMostOfASet && last; ++i) {
    last = zone.add(name("a"), Type::A,
                    ip::Address::v4({10, 0, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i)}));
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Errc::Limit);
  EXPECT_EQ(zone.records(), Zone::kMostOfASet);
}

}  // namespace
}  // namespace anechoic::dns
