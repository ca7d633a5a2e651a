// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/me.h"

#include <gtest/gtest.h>

namespace anechoic::triage {
namespace {

TEST(Untagged, TakesTheTagsOff) {
  for (const auto& [tagged, plain] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"Alice@Example.ORG", "alice@example.org"},
           {"prvs=1234abcdef=alice@example.org", "alice@example.org"},
           {"prvs=alice/1234abcdef@example.org", "alice@example.org"},
           {"btv1==123==alice@example.org", "alice@example.org"},
           {"SRS0=abcd=EF=example.org=alice@forwarder.test", "alice@example.org"},
           {"SRS0+abcd=EF=example.org=alice@forwarder.test", "alice@example.org"},
           {"SRS1=wxyz=first.test==abcd=EF=example.org=alice@second.test", "alice@example.org"},
           {"srs0=odd@example.org", "srs0=odd@example.org"},
           {"prvs=@example.org", "prvs=@example.org"},
           {"", ""}}) {
    EXPECT_EQ(untagged(tagged), plain) << tagged;
  }
  EXPECT_TRUE(is_tagged("prvs=1234abcdef=alice@example.org"));
  EXPECT_FALSE(is_tagged("Alice@Example.ORG"));
}

TEST(PlainAddress, OfWhatPeopleWrite) {
  for (const auto& [written, plain] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"alice@example.org", "alice@example.org"},
           {"<alice@example.org>", "alice@example.org"},
           {"Alice <alice@Example.ORG>", "alice@example.org"},
           {"\"Alice, A.\" <alice+shop@example.org>", "alice+shop@example.org"},
           {"MAILTO:alice@example.org?subject=x", "alice@example.org"},
           {"@Example.org", "@example.org"},
           {"alice@[192.0.2.1]", "alice@[192.0.2.1]"}}) {
    const auto found = plain_address(written);
    ASSERT_TRUE(found) << written << ' ' << found.error().detail;
    EXPECT_EQ(*found, plain) << written;
  }
  for (const std::string_view written :
       {"alice", "", "@", "alice@", "alice@@", "a@b.test, c@d.test", "alice@bücher.example", "<>"})
    EXPECT_FALSE(plain_address(written)) << written;
}

TEST(Me, ASubAddressStandsForItsBase) {
  Me me;
  me.add("alice+shop@example.org");
  EXPECT_EQ(me.who("alice@example.org"), Who::Me);
  EXPECT_EQ(me.who("alice+other@example.org"), Who::Me);
  EXPECT_EQ(me.who("bob@example.org"), Who::Stranger);
  EXPECT_EQ(me.names(), std::vector<std::string>{"alice+shop@example.org"});
}

TEST(Me, SaysWhoseAnAddressIs) {
  Me me;
  EXPECT_TRUE(me.empty());
  me.add("Alice@example.org");
  me.add("postmaster@corp.test");
  me.add("@own.test");
  for (const auto& [address, who] :
       std::initializer_list<std::pair<std::string_view, Who>>{{"alice@EXAMPLE.org", Who::Me},
                                                               {"alice+shop@example.org", Who::Me},
                                                               {"alice-shop@example.org", Who::Me},
                                                               {"alicea@example.org", Who::Stranger},
                                                               {"prvs=1234abcdef=alice@example.org", Who::Me},
                                                               {"bob@example.org", Who::Stranger},
                                                               {"alice@sub.example.org", Who::Stranger},
                                                               {"postmaster@corp.test", Who::Me},
                                                               {"clerk@corp.test", Who::Colleague},
                                                               {"anybody@own.test", Who::Me},
                                                               {"MAILER-DAEMON", Who::Nobody},
                                                               {"", Who::Nobody}}) {
    EXPECT_EQ(me.who(address), who) << address;
  }
  EXPECT_TRUE(me.is_own_domain("mx.example.org"));
  EXPECT_FALSE(me.is_own_domain("notexample.org"));
}

}  // namespace
}  // namespace anechoic::triage
