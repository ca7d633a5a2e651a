// SPDX-License-Identifier: Apache-2.0
#include "mail/header_address.h"

#include <gtest/gtest.h>

#include <array>

namespace anechoic::mail {
namespace {

// "address{display} address{display}"
std::string shown(std::string_view value) {
  std::string out;
  for (const HeaderAddress& one : parse_address_list(value)) {
    if (!out.empty()) out += ' ';
    out += one.address + "{" + one.display + "}";
  }
  return out;
}

TEST(HeaderAddress, ReadsWhatAPersonWouldRead) {
  struct Case {
    std::string_view value;
    std::string_view shown;
  };
  for (const Case& c : std::to_array<Case>({
           // as the RFC has them
           {"a@example.org", "a@example.org{}"},
           {"A Name <a@Example.ORG>", "a@example.org{A Name}"},
           {"\"Doe, John\" <j.d@example.org>, b@example.org", "j.d@example.org{Doe, John} b@example.org{}"},
           {"a@example.org (A (nested) Name)", "a@example.org{A (nested) Name}"},
           {"A <@relay,@other:a@example.org>", "a@example.org{A}"},
           {"friends: a@x.org, B <b@x.org>;, c@x.org", "a@x.org{} b@x.org{B} c@x.org{}"},
           {"undisclosed-recipients:;", ""},
           {"\"a b\"@example.org", "\"a b\"@example.org{}"},
           {"\"a.b\"@example.org", "a.b@example.org{}"},
           {"\"a\\\"b\" <a@b.org>", "a@b.org{a\"b}"},
           {"=?utf-8?q?J=C3=B6rg?= <j@example.org>", "j@example.org{J\xC3\xB6rg}"},
           {"\"=?utf-8?b?SsO2cmc=?=\" <j@example.org>", "j@example.org{J\xC3\xB6rg}"},
           {"a@[192.0.2.1]", "a@[192.0.2.1]{}"},
           {"a\r\n\t<a@example.org>", "a@example.org{a}"},
           {"Pete(A nice guy) <pete(his account)@silly.test(his host)>", "pete@silly.test{Pete}"},
           // without a domain, or without an address
           {"MAILER-DAEMON", "MAILER-DAEMON{}"},
           {"MAILER-DAEMON (Mail Delivery System)", "MAILER-DAEMON{Mail Delivery System}"},
           {"<>", "{}"},
           {"Mail Delivery System <>", "{Mail Delivery System}"},
           {"Mail Delivery Subsystem", "{Mail Delivery Subsystem}"},
           {"<MAILER-DAEMON>", "MAILER-DAEMON{}"},
           {"", ""},
           {" , ;, ", ""},
           // as the world has them
           {"A Name a@example.org", "a@example.org{A Name}"},
           {"Doe, John <j@example.org>", "j@example.org{Doe, John}"},
           {"A <a@x.org> B <b@x.org>", "a@x.org{A} b@x.org{B}"},
           {"a@x.org; b@x.org", "a@x.org{} b@x.org{}"},
           {"A <a@x.org", "a@x.org{A}"},
           {"A <<a@x.org>>", "a@x.org{A}"},
           {"mailto:a@x.org", "a@x.org{}"},
           {"A <mailto:a@x.org>", "a@x.org{A}"},
           {"'a@x.org'", "a@x.org{}"},
           {"\"a@x.org\" <a@x.org>", "a@x.org{a@x.org}"},
           {"\"a@x.org\"", "a@x.org{}"},
           {"<\"a@x.org\">", "a@x.org{}"},
           {"a @ x.org", "a@x.org{}"},
           {"<a@x.org.>", "a@x.org{}"},
           {"A (comment <a@x.org>", "a@x.org{A (comment}"},
           {"J\xF6rg <j@x.org>", "j@x.org{J\xC3\xB6rg}"},
           {"a@b@x.org", "a@b@x.org{}"},
       })) {
    EXPECT_EQ(shown(c.value), c.shown) << c.value;
  }
}

TEST(HeaderAddress, AQuoteThatNobodyClosesEndsNothing) {
  const auto list = parse_address_list("\"A <a@x.org>, b@x.org");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].address, "a@x.org");
  EXPECT_EQ(list[1].address, "b@x.org");
}

TEST(HeaderAddress, FirstAddressIsOneThatThereIs) {
  EXPECT_EQ(first_address("System <>, A <a@x.org>"), "a@x.org");
  EXPECT_EQ(first_address("<>"), "");
  EXPECT_EQ(first_address(""), "");
}

TEST(HeaderAddress, PartsAndComparison) {
  EXPECT_EQ(local_part("a@x.org"), "a");
  EXPECT_EQ(domain_part("a@x.org"), "x.org");
  EXPECT_EQ(local_part("MAILER-DAEMON"), "MAILER-DAEMON");
  EXPECT_EQ(domain_part("MAILER-DAEMON"), "");
  EXPECT_EQ(local_part("\"a@b\"@x.org"), "\"a@b\"");
  EXPECT_TRUE(same_mailbox("John@x.org", "john@X.org"));
  EXPECT_FALSE(same_mailbox("john@x.org", "jon@x.org"));
}

TEST(HeaderAddress, IsBounded) {
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "a@x.org,";
  EXPECT_EQ(parse_address_list(many).size(), kMaxAddresses);
  EXPECT_EQ(first_address(std::string(100'000, '(')), "");
  EXPECT_EQ(parse_address_list("<" + std::string(100'000, 'a') + "@x.org>").front().address, "");
}

}  // namespace
}  // namespace anechoic::mail
