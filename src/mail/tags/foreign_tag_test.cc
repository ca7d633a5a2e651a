// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/foreign_tag.h"

#include <gtest/gtest.h>

namespace anechoic::mail::tags {
namespace {

struct Case {
  std::string_view local;
  TagDialect dialect;
  std::string_view tag;
  std::string_view original;
  std::string_view domain = {};
};

TEST(ForeignTag, ReadsDialects) {
  constexpr Case kCases[] = {
      {"prvs=0123fd6a98=joe", TagDialect::Prvs, "0123fd6a98", "joe"},
      {"PRVS=4068EB2540=Joe.Doe", TagDialect::Prvs, "4068EB2540", "Joe.Doe"},
      {"prvs=0123fd6a98=a=b", TagDialect::Prvs, "0123fd6a98", "a=b"},
      {"prvs=2106f9a0f=joe", TagDialect::Prvs, "2106f9a0f", "joe"},  // nine digits are Proofpoint's
      {"prvs=1234abcd=joe", TagDialect::Prvs, "1234abcd", "joe"},
      {"prvs=joe=123ABCDEFG", TagDialect::PrvsTagLast, "123ABCDEFG", "joe"},
      {"prvs=joe=0123fd6a98", TagDialect::PrvsTagLast, "0123fd6a98", "joe"},
      {"prvs=a=b=0123fd6a98", TagDialect::PrvsTagLast, "0123fd6a98", "a=b"},
      {"prvs=joe/0123fd6a98", TagDialect::PrvsSlash, "0123fd6a98", "joe"},
      {"joe+list+prvs=0123fd6a98", TagDialect::PrvsSub, "0123fd6a98", "joe+list"},
      {"joe-prvs=0123fd6a98", TagDialect::PrvsSub, "0123fd6a98", "joe"},
      {"btv1==joe+prvs=0123fd6a98", TagDialect::PrvsSub, "0123fd6a98", "btv1==joe"},
      {"btv1==760cdc7c545==joe.doe", TagDialect::Barracuda, "760cdc7c545", "joe.doe"},
      {"BTV1==TAG==USER", TagDialect::Barracuda, "TAG", "USER"},
      {"btv1==760cdc7c545==a==b", TagDialect::Barracuda, "760cdc7c545", "a==b"},
      {"msprvs1=20681k-oj8lAL=bounces-274689", TagDialect::SparkPost, "20681k-oj8lAL", "bounces-274689"},
      {"SRS0=1f/q=RA=example.com=alice", TagDialect::Srs0, "1f/q=RA=example.com=alice", "alice", "example.com"},
      {"srs0+1f/q=RA=example.com=a=b", TagDialect::Srs0, "1f/q=RA=example.com=a=b", "a=b", "example.com"},
      {"SRS1=Qm3F=fwd.example==1f/q=RA=example.com=alice", TagDialect::Srs1,
       "Qm3F=fwd.example==1f/q=RA=example.com=alice", "alice", "example.com"},
      {"SRS1-Qm3F=fwd.example=-1f/q=RA=example.com=alice", TagDialect::Srs1,
       "Qm3F=fwd.example=-1f/q=RA=example.com=alice", "alice", "example.com"},
      {"SRS0=1f/q=RA", TagDialect::Srs0, "1f/q=RA", ""},
      {"SRS1=x", TagDialect::Srs1, "x", ""},
      {"SES=V0f12=joe", TagDialect::Ses, "V0f12=joe", ""},
  };
  for (const Case& each : kCases) {
    const auto found = foreign_tag(each.local);
    ASSERT_TRUE(found) << each.local;
    EXPECT_EQ(found->dialect, each.dialect) << each.local;
    EXPECT_EQ(found->tag, each.tag) << each.local;
    EXPECT_EQ(found->local, each.original) << each.local;
    EXPECT_EQ(found->domain, each.domain) << each.local;
  }
}

TEST(ForeignTag, LeavesTheRestAlone) {
  for (const std::string_view local : {"",
                                       "joe",
                                       "prvs",
                                       "prvs=",
                                       "prvs=joe",
                                       "prvs=joe=doe",
                                       "prvs=0123fd6a98=",
                                       "prvs==0123fd6a98",
                                       "btv1=1=joe",
                                       "btv1==1==",
                                       "btv1====joe",
                                       "msprvs1==joe",
                                       "msprvs1=1",
                                       "SRS0",
                                       "SRS0=",
                                       "SRS2=a=b",
                                       "srs",
                                       "SES=",
                                       "+prvs=0123fd6a98",
                                       "joe+prvs=abcdefabcd",
                                       "bounces+123-joe=example.com"})
    EXPECT_FALSE(foreign_tag(local)) << local;
}

TEST(ForeignTag, GivesOneIdentityForAllTagsOfASender) {
  for (const std::string_view local : {"joe", "JOE", "prvs=0123fd6a98=joe", "prvs=9999ffffff=Joe",
                                       "prvs=joe=123ABCDEFG", "btv1==760cdc7c545==joe", "joe+prvs=0123fd6a98"})
    EXPECT_EQ(sender_identity({std::string(local), "example.com"}), "joe@example.com") << local;
  EXPECT_EQ(sender_identity({"SRS0=1f/q=RA=Example.ORG=Alice", "fwd.example"}), "alice@example.org");
  EXPECT_EQ(sender_identity({"SRS1=Qm3F=fwd.example==1f/q=RA=example.org=alice", "fwd2.example"}), "alice@example.org");
  EXPECT_EQ(sender_identity({"SRS0=1f/q", "fwd.example"}), "srs0=1f/q@fwd.example");
  EXPECT_EQ(sender_identity({"SES=V0f12=joe", "example.org"}), "ses=v0f12=joe@example.org");
}

}  // namespace
}  // namespace anechoic::mail::tags
