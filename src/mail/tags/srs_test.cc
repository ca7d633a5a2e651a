// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/srs.h"

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "mail/tags/classic_srs.h"
#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::from;
using anechoic::testing::noon;
using anechoic::testing::tag_key;
using anechoic::testing::tag_ring;

constexpr int kToday = 20000;

const KeyRing& ring() {
  static const KeyRing kRing = tag_ring(tag_key(3, "secret"));
  return kRing;
}
const SrsOptions kOurs{.domain = "fwd.example"};

TEST(Srs, WritesItsForm) {
  const Srs srs(ring(), kOurs);
  const auto proved = srs.forward(from("Alice"), Proved::Yes, noon(kToday));
  ASSERT_TRUE(proved);
  EXPECT_EQ(proved->domain, "fwd.example");
  EXPECT_TRUE(proved->local.starts_with("SRS0=t")) << proved->local;  // key 3, proved: 19
  EXPECT_EQ(proved->local.substr(14), "=RA=example.com=Alice");
  const auto unproved = srs.forward(from("Alice"), Proved::No, noon(kToday));
  EXPECT_TRUE(unproved->local.starts_with("SRS0=d")) << unproved->local;
  EXPECT_NE(unproved->local.substr(6, 8), proved->local.substr(6, 8));
}

TEST(Srs, ReversesWithTheMark) {
  const Srs srs(ring(), kOurs);
  for (const Proved proved : {Proved::No, Proved::Yes}) {
    for (const ReversePath& sender : {from("alice"), from("a=b"), from("a b"), from("@"), from("x", "[192.0.2.1]"),
                                      from("d\xC3\xB6rte",
                                           "b\xC3\xBC"
                                           "cher.example"),
                                      from("prvs=0123fd6a98=joe"), from("SRS1=x"), from("SRS1=x=a|b==y")}) {
      const auto rewritten = srs.forward(sender, proved, noon(kToday));
      ASSERT_TRUE(rewritten) << to_string(sender);
      const SrsReading reading = srs.reverse(*rewritten, noon(kToday + 21));
      EXPECT_EQ(reading.state, TagState::Good) << rewritten->local;
      EXPECT_EQ(reading.proved, proved);
      EXPECT_EQ(reading.original, *sender.mailbox);
      EXPECT_EQ(reading.key, 3U);
      EXPECT_EQ(reading.made, Day{std::chrono::days{kToday}});
      EXPECT_TRUE(reading.first_hop);
      // The address survives printing and parsing, as a command carries it.
      EXPECT_EQ(parse_mailbox(to_string(*rewritten), Utf8::Allowed), *rewritten);
    }
  }
}

TEST(Srs, SurvivesFoldingOfCase) {
  const Srs srs(ring(), kOurs);
  const auto rewritten = srs.forward(from("Alice"), Proved::Yes, noon(kToday));
  std::string upper = rewritten->local;
  for (char& c : upper) c = ascii::to_upper(c);
  for (const std::string& local : {ascii::lower(rewritten->local), upper}) {
    const SrsReading reading = srs.reverse({local, "FWD.example"}, noon(kToday));
    EXPECT_EQ(reading.state, TagState::Good) << local;
    EXPECT_EQ(reading.proved, Proved::Yes);
    EXPECT_EQ(ascii::lower(to_string(reading.original)), "alice@example.com");
  }
}

TEST(Srs, WrapsOtherForwardersAddresses) {
  const Srs srs(ring(), kOurs);
  for (const std::string_view separator : {"=", "-", "+"}) {
    const std::string theirs = "SRS0" + std::string(separator) + "1f/q=RA=example.com=alice";
    const auto rewritten = srs.forward(from(theirs, "hop1.example"), Proved::Yes, noon(kToday));
    ASSERT_TRUE(rewritten);
    EXPECT_EQ(rewritten->local.substr(14), "=hop1.example=" + theirs.substr(4));
    const SrsReading reading = srs.reverse(*rewritten, noon(kToday));
    EXPECT_EQ(reading.state, TagState::Good);
    EXPECT_FALSE(reading.first_hop);
    EXPECT_EQ(reading.proved, Proved::Yes);
    EXPECT_EQ(reading.original, (Mailbox{theirs, "hop1.example"}));
  }
}

TEST(Srs, TakesNoProofOfTheSecondForwarderForTheFirst) {
  const Srs srs(ring(), kOurs);
  const std::string theirs = "SRS1=Qm3F=hop1.example==1f/q=RA=example.com=alice";
  const auto rewritten = srs.forward(from(theirs, "hop2.example"), Proved::Yes, noon(kToday));
  ASSERT_TRUE(rewritten);
  const SrsReading reading = srs.reverse(*rewritten, noon(kToday));
  EXPECT_EQ(reading.state, TagState::Good);
  EXPECT_EQ(reading.original, (Mailbox{"SRS0=1f/q=RA=example.com=alice", "hop1.example"}));
  EXPECT_EQ(reading.proved, Proved::No);
  const auto same = srs.forward(from(theirs, "hop1.example"), Proved::Yes, noon(kToday));
  EXPECT_EQ(srs.reverse(*same, noon(kToday)).proved, Proved::Yes);
}

// A classic forwarder behind us wraps our address; its bounce comes back to ours as it was.
TEST(Srs, ComesBackThroughClassicForwarders) {
  const Srs srs(ring(), kOurs);
  const auto ours = srs.forward(from("alice"), Proved::Yes, noon(kToday));
  std::vector<crypto::Secret> secrets;
  secrets.emplace_back("theirs");
  const ClassicSrs next(std::move(secrets));
  const auto wrapped = next.forward(to_string(*ours), "next.example", noon(kToday));
  EXPECT_EQ(next.reverse(*wrapped, noon(kToday)), to_string(*ours));
}

TEST(Srs, TellsWhyAPathIsNotRewritten) {
  const Srs srs(ring(), kOurs);
  const auto why = [&](const ReversePath& sender) {
    const auto rewritten = srs.forward(sender, Proved::Yes, noon(kToday));
    return rewritten ? "rewritten" : std::string(to_string(rewritten.error()));
  };
  EXPECT_EQ(why({}), "null-sender");
  EXPECT_EQ(why(from("bob", "fwd.example")), "own");
  const auto ours = srs.forward(from("alice"), Proved::Yes, noon(kToday));
  EXPECT_EQ(why({*ours}), "own");
  EXPECT_EQ(why(from(std::string(34, 'a'))), "rewritten");  // 19 octets and example.com
  EXPECT_EQ(why(from(std::string(35, 'a'))), "too-long");
  EXPECT_EQ(why(from("a", std::string(44, 'd'))), "rewritten");
  EXPECT_EQ(why(from("a", std::string(45, 'd'))), "too-long");
  EXPECT_EQ(why(from("SRS1=Qm3F=hop1.example==1f/q=RA=example.com=" + std::string(20, 'a'), "h.example")), "too-long");
  const KeyRing none;
  EXPECT_EQ(Srs(none, kOurs).forward(from("a"), Proved::Yes, noon(1)).error(), NotRewritten::NoKey);
}

TEST(Srs, LeavesTheRestAlone) {
  const Srs srs(ring(), kOurs);
  const auto ours = srs.forward(from("alice"), Proved::Yes, noon(kToday));
  EXPECT_EQ(srs.reverse({ours->local, "other.example"}, noon(kToday)).state, TagState::NotTagged);
  for (const std::string_view local :
       {"", "alice", "SRS0", "SRS0=", "SRS0=1f/q=RA=example.com=alice", "SRS0=abcdefghi",
        "SRS0=abcdefghi=", "SRS0=abcdefghi=RA", "SRS0=abcdefghi=RA=", "SRS0=abcdefghi=RA=x", "SRS0=abcdefghi=RA==x",
        "SRS0=abcdefghi=RA=x=", "SRS0=abcdefgh1=RA=x=y", "SRS0=1bcdefghi=RA=x=y", "SRS0=abcdefghi=R1=x=y",
        "SRS0-abcdefghi=RA=x=y", "SRS2=abcdefghi=RA=x=y", "SRS1=abcdefghi=x=", "SRS1=abcdefghi==x"})
    EXPECT_EQ(srs.reverse({std::string(local), "fwd.example"}, noon(kToday)).state, TagState::NotTagged) << local;
  EXPECT_EQ(srs.reverse({"SRS0=dbcdefghi=RA=x=y", "fwd.example"}, noon(kToday)).state, TagState::BadMac);
  EXPECT_EQ(srs.reverse({"SRS0=ebcdefghi=RA=x=y", "fwd.example"}, noon(kToday)).state, TagState::UnknownKey);
  EXPECT_EQ(srs.reverse({"SRS0=pbcdefghi=RA=x=y", "fwd.example"}, noon(kToday)).state, TagState::UnknownKey);
}

TEST(Srs, AgesOnEveryDayOfTheWrap) {
  const Srs srs(ring(), kOurs);
  for (int day = 19500; day < 20600; ++day) {
    const auto rewritten = srs.forward(from("alice"), Proved::Yes, noon(day));
    for (const int later : {-1, 0, 1, 21, 22, 500, 1022}) {
      const SrsReading reading = srs.reverse(*rewritten, noon(day + later));
      ASSERT_EQ(reading.state, later <= 21 ? TagState::Good : TagState::Expired) << day << " " << later;
      ASSERT_EQ(reading.made, Day{std::chrono::days{day}}) << day << " " << later;
    }
  }
}

TEST(Srs, RotatesWithOverlap) {
  const KeyRing keys = tag_ring(tag_key(8, "first", noon(100), noon(205)), tag_key(9, "second", noon(200), noon(305)));
  const Srs srs(keys, kOurs);
  for (int day = 100; day < 305; ++day) {
    for (const ReversePath& sender : {from("alice"), from("SRS0=1f/q=RA=example.com=alice", "hop1.example")}) {
      const auto rewritten = srs.forward(sender, Proved::Yes, noon(day));
      for (const int later : {0, 10, 21}) {
        const SrsReading reading = srs.reverse(*rewritten, noon(day + later));
        ASSERT_EQ(reading.state, TagState::Good) << day;
        ASSERT_EQ(reading.key, day < 200 ? 8U : 9U);
      }
    }
  }
}

TEST(Srs, BelievesAKeyInItsTermOnly) {
  const auto always = Srs(ring(), kOurs).forward(from("alice"), Proved::Yes, noon(kToday));
  const auto wrapped =
      Srs(ring(), kOurs).forward(from("SRS0=1f/q=RA=example.com=alice", "hop1.example"), Proved::Yes, noon(kToday));
  const KeyRing ended = tag_ring(tag_key(3, "secret", noon(19000), noon(19990)));
  EXPECT_EQ(Srs(ended, kOurs).reverse(*always, noon(kToday)).state, TagState::BadMac);
  EXPECT_EQ(Srs(ended, kOurs).reverse(*always, noon(kToday + 1024)).state, TagState::BadMac);
  EXPECT_EQ(Srs(ended, kOurs).reverse(*wrapped, noon(kToday)).state, TagState::Good);
  EXPECT_EQ(Srs(ended, kOurs).reverse(*wrapped, noon(kToday + 30)).state, TagState::Expired);
}

TEST(Srs, NoChangedOctetIsGood) {
  const Srs srs(ring(), kOurs);
  for (const ReversePath& sender : {from("alice"), from("SRS0=1f/q=RA=example.com=alice", "hop1.example")}) {
    const Mailbox rewritten = *srs.forward(sender, Proved::No, noon(kToday));
    const auto good = [&](const std::string& local) {
      const TagState state = srs.reverse({local, "fwd.example"}, noon(kToday)).state;
      return state == TagState::Good || state == TagState::Expired;
    };
    std::string local = rewritten.local;
    for (std::size_t i = 0; i < local.size(); ++i) {
      const char old = local[i];
      for (int value = 0; value < 256; ++value) {
        local[i] = static_cast<char>(value);
        if (ascii::to_lower(local[i]) != ascii::to_lower(old)) EXPECT_FALSE(good(local)) << local;
      }
      local[i] = old;
      EXPECT_FALSE(good(local.substr(0, i) + "a" + local.substr(i))) << i;
      EXPECT_FALSE(good(local.substr(0, i) + local.substr(i + 1))) << i;
    }
    const KeyRing other = tag_ring(tag_key(3, "secreu"));
    EXPECT_EQ(Srs(other, kOurs).reverse(rewritten, noon(kToday)).state, TagState::BadMac);
    // Another of our domains: the MAC covers it.
    EXPECT_EQ(Srs(ring(), {.domain = "fwe.example"}).reverse({local, "fwe.example"}, noon(kToday)).state,
              TagState::BadMac);
  }
}

}  // namespace
}  // namespace anechoic::mail::tags
