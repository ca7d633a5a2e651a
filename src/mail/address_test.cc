// SPDX-License-Identifier: Apache-2.0
#include "mail/address.h"

#include <gtest/gtest.h>

#include <array>

namespace anechoic::mail {
namespace {

struct Good {
  std::string_view text;
  std::string_view local;
  std::string_view domain;
  std::string_view printed;
};

TEST(Mailbox, ParsesAndPrintsCanonically) {
  for (const Good& c : std::to_array<Good>({
           {"a@b", "a", "b", "a@b"},
           {"John.Doe@Example.ORG", "John.Doe", "example.org", "John.Doe@example.org"},
           {"!#$%&'*+-/=?^_`{|}~@x", "!#$%&'*+-/=?^_`{|}~", "x", "!#$%&'*+-/=?^_`{|}~@x"},
           {"\"a b\"@x", "a b", "x", "\"a b\"@x"},
           {"\"plain\"@x", "plain", "x", "plain@x"},
           {"\"a\\\"b\\\\c\"@x", "a\"b\\c", "x", "\"a\\\"b\\\\c\"@x"},
           {"\"\\a\"@x", "a", "x", "a@x"},
           {"\"a@b\"@x", "a@b", "x", "\"a@b\"@x"},
           {"\"a..b\"@x", "a..b", "x", "\"a..b\"@x"},
           {"\">\"@x", ">", "x", "\">\"@x"},
           {"u@[192.0.2.1]", "u", "[192.0.2.1]", "u@[192.0.2.1]"},
           {"u@[IPV6:2001:DB8::1]", "u", "[IPv6:2001:db8::1]", "u@[IPv6:2001:db8::1]"},
           {"u@under_score.example", "u", "under_score.example", "u@under_score.example"},
           {"u@1.2.3.4", "u", "1.2.3.4", "u@1.2.3.4"},
       })) {
    const auto mailbox = parse_mailbox(c.text, Utf8::Forbidden);
    ASSERT_TRUE(mailbox) << c.text << ": " << mailbox.error().detail;
    EXPECT_EQ(mailbox->local, c.local);
    EXPECT_EQ(mailbox->domain, c.domain);
    EXPECT_EQ(to_string(*mailbox), c.printed);
    EXPECT_EQ(parse_mailbox(to_string(*mailbox), Utf8::Forbidden), *mailbox);
    EXPECT_FALSE(mailbox->needs_utf8());
  }
}

TEST(Mailbox, RefusesWhatIsNone) {
  for (const auto* bad : {"",
                          "@",
                          "a",
                          "a@",
                          "@b",
                          "a@b@c",
                          ".a@b",
                          "a.@b",
                          "a..b@c",
                          "a b@c",
                          "a@b c",
                          "a@-b",
                          "a@b-",
                          "a@b..c",
                          "a@.b",
                          "a@b.",
                          "\"a@b",
                          "\"\"@b",
                          "\"a\"b@c",
                          "\"a\\",
                          "a@[1.2.3]",
                          "a@[1.2.3.4",
                          "a@1.2.3.4]",
                          "a@[::1]",
                          "a@[IPv6:]",
                          "a@[IPv6:1.2.3.4]",
                          "a@[x:y]",
                          "a@b\r\nRCPT",
                          "a\n@b",
                          "\"a\x01\"@b",
                          "\"a\\\x01\"@b",
                          "a<@b",
                          "a@b>"}) {
    EXPECT_FALSE(parse_mailbox(bad, Utf8::Allowed)) << bad;
  }
  EXPECT_FALSE(parse_mailbox(std::string_view("\"a\0\"@b", 6), Utf8::Allowed));
  EXPECT_FALSE(parse_mailbox(std::string_view("a\0@b", 4), Utf8::Allowed));
}

TEST(Mailbox, KeepsTheLimits) {
  const std::string local(64, 'l');
  const std::string label(63, 'd');
  const std::string domain = label + "." + label + "." + label + "." + label;  // 255 octets
  EXPECT_TRUE(parse_mailbox(local + "@" + domain, Utf8::Forbidden));
  EXPECT_EQ(parse_mailbox("l" + local + "@d", Utf8::Forbidden).error().code, Errc::Limit);
  EXPECT_EQ(parse_mailbox("l@" + domain + ".d", Utf8::Forbidden).error().code, Errc::Limit);
  EXPECT_FALSE(parse_mailbox("l@d" + label, Utf8::Forbidden));
  EXPECT_FALSE(parse_mailbox(std::string(100'000, 'a') + "@b", Utf8::Forbidden));
  std::string quoted = "\"";
  for (int i = 0; i < 64; ++i) quoted += "\\\"";
  quoted += "\"@d";
  EXPECT_EQ(parse_mailbox(quoted, Utf8::Forbidden)->local, std::string(64, '"'));
}

TEST(Mailbox, TakesUtf8OnlyWhereAllowed) {
  const std::string_view text = "d\xC3\xB6rte@m\xC3\xBCller.example";
  EXPECT_FALSE(parse_mailbox(text, Utf8::Forbidden));
  const auto mailbox = parse_mailbox(text, Utf8::Allowed);
  ASSERT_TRUE(mailbox);
  EXPECT_TRUE(mailbox->needs_utf8());
  EXPECT_EQ(to_string(*mailbox), text);
  EXPECT_FALSE(parse_mailbox("\xFF@b", Utf8::Allowed));
  EXPECT_FALSE(parse_mailbox("a@\xC3", Utf8::Allowed));
  EXPECT_FALSE(parse_mailbox("a\xC2\x85@b", Utf8::Allowed));
}

TEST(Paths, Print) {
  EXPECT_EQ(to_string(ReversePath{}), "<>");
  EXPECT_EQ(to_string(ReversePath{Mailbox{"a", "b"}}), "<a@b>");
  EXPECT_EQ(to_string(ForwardPath{Mailbox{"Postmaster", ""}}), "<Postmaster>");
}

TEST(Mailbox, KnowsRoleAccountsAndRoutes) {
  EXPECT_TRUE(is_role_account({"PostMaster", ""}));
  EXPECT_TRUE(is_role_account({"abuse", "example.org"}));
  EXPECT_FALSE(is_role_account({"abuser", "example.org"}));
  for (const auto* local : {"a%b", "a!b", "a@b"}) EXPECT_TRUE(is_routed({local, "x"})) << local;
  EXPECT_FALSE(is_routed({"a+b", "x"}));
}

}  // namespace
}  // namespace anechoic::mail
