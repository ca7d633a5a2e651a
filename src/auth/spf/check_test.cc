// SPDX-License-Identifier: Apache-2.0
// check_host() by the sections of RFC 7208, over zones of its own: what the published suites hold, and what they don't.
#include "auth/spf/check.h"

#include <gtest/gtest.h>

#include "testing/spf_fixture.h"

namespace anechoic::auth::spf {
namespace {

using anechoic::testing::ask_for;
using anechoic::testing::check;
using anechoic::testing::expect_all;
using anechoic::testing::ZoneText;

// 4.3, 4.4, 4.5
TEST(SpfCheck, FindsTheRecord) {
  expect_all(R"(
one.example.      TXT "v=spf1 -all"
two.example.      TXT "v=spf1 -all"
two.example.      TXT "v=spf1 +all"
other.example.    TXT "v=spf10 -all"
other.example.    TXT "some text"
mixed.example.    TXT "some text \200"
mixed.example.    TXT "V=SpF1 +all"
pieces.example.   TXT "v=sp" "f1 ip4:192" ".0.2.1 -all"
empty.example.    TXT "v=spf1"
alias.example.    CNAME one.example.
bare.example.     A 192.0.2.1
; anechoic: timeout slow.example.
; anechoic: servfail broken.example. TXT
)",
             {
                 {"a@one.example", "192.0.2.1", Result::Fail},
                 {"a@one.example.", "192.0.2.1", Result::Fail},
                 {"a@ONE.Example", "192.0.2.1", Result::Fail},
                 {"@one.example", "192.0.2.1", Result::Fail},
                 {"a@two.example", "192.0.2.1", Result::PermError},
                 {"a@other.example", "192.0.2.1", Result::None},
                 {"a@mixed.example", "192.0.2.1", Result::Pass},
                 {"a@pieces.example", "192.0.2.1", Result::Pass},
                 {"a@pieces.example", "192.0.2.2", Result::Fail},
                 {"a@empty.example", "192.0.2.1", Result::Neutral},
                 {"a@alias.example", "192.0.2.1", Result::Fail},
                 {"a@bare.example", "192.0.2.1", Result::None},
                 {"a@missing.example", "192.0.2.1", Result::None},
                 {"a@slow.example", "192.0.2.1", Result::TempError},
                 {"a@broken.example", "192.0.2.1", Result::TempError},
             });
}

TEST(SpfCheck, AsksNothingAboutWhatIsNoDomain) {
  ZoneText resolver("example. TXT \"v=spf1 +all\"\n");
  const std::string label(64, 'x');
  for (const std::string& domain :
       {std::string(), std::string("."), std::string("example"), std::string("a..example"), std::string(".example"),
        std::string("[192.0.2.1]"), std::string("[IPv6:2001:db8::1]"), label + ".example", std::string("a.example.."),
        std::string(300, 'a') + ".b", std::string("\xFF\xFE.example")}) {
    const Outcome outcome = check(resolver, ask_for("a@" + domain, "192.0.2.1"));
    EXPECT_EQ(outcome.result, Result::None) << domain;
    EXPECT_NE(outcome.problem, "");
    for (const char c : outcome.problem) EXPECT_TRUE(c >= ' ' && c <= '~');
  }
  EXPECT_TRUE(resolver.asked().empty());
}

// 4.6, 4.7, 5.1
TEST(SpfCheck, TakesTheFirstTermThatMatches) {
  expect_all(R"(
order.example.  TXT "v=spf1 ?ip4:192.0.2.1 -ip4:192.0.2.2 ~ip4:192.0.2.0/29 ip4:192.0.2.0/24"
error.example.  TXT "v=spf1 +all moo"
)",
             {
                 {"a@order.example", "192.0.2.1", Result::Neutral},
                 {"a@order.example", "192.0.2.2", Result::Fail},
                 {"a@order.example", "192.0.2.3", Result::SoftFail},
                 {"a@order.example", "192.0.2.100", Result::Pass},
                 {"a@order.example", "192.0.3.1", Result::Neutral},
                 {"a@error.example", "192.0.2.1", Result::PermError},
             });
}

// 6.1
TEST(SpfCheck, Redirects) {
  expect_all(R"(
from.example.    TXT "v=spf1 ip4:192.0.2.7 redirect=to.example"
to.example.      TXT "v=spf1 a -all"
to.example.      A 192.0.2.1
from.example.    A 192.0.2.2
twice.example.   TXT "v=spf1 redirect=from.example"
all.example.     TXT "v=spf1 redirect=missing.example ~all"
none.example.    TXT "v=spf1 redirect=missing.example"
name.example.    TXT "v=spf1 redirect=a..example"
slow.example.    TXT "v=spf1 redirect=t.example"
inner.example.   TXT "v=spf1 include:none.example +all"
macro.example.   TXT "v=spf1 redirect=_spf.%{d}"
_spf.macro.example. TXT "v=spf1 +all"
; anechoic: timeout t.example.
)",
             {
                 {"a@from.example", "192.0.2.7", Result::Pass},
                 {"a@from.example", "192.0.2.1", Result::Pass},
                 {"a@from.example", "192.0.2.2", Result::Fail},
                 {"a@twice.example", "192.0.2.1", Result::Pass},
                 {"a@all.example", "192.0.2.1", Result::SoftFail},
                 {"a@none.example", "192.0.2.1", Result::PermError},
                 {"a@name.example", "192.0.2.1", Result::PermError},
                 {"a@slow.example", "192.0.2.1", Result::TempError},
                 {"a@inner.example", "192.0.2.1", Result::PermError},
                 {"a@macro.example", "192.0.2.1", Result::Pass},
             });
}

// 4.6.4
TEST(SpfCheck, CountsTermsAndVoidOnes) {
  expect_all(R"(
ten.example.      TXT "v=spf1 a a a a a a a a a a ip4:192.0.2.9 -all"
ten.example.      A 192.0.2.1
eleven.example.   TXT "v=spf1 a a a a a a a a a a a +all"
eleven.example.   A 192.0.2.1
tree.example.     TXT "v=spf1 include:part.example include:part.example redirect=last.example"
part.example.     TXT "v=spf1 a:ten.example a:ten.example ?all"
last.example.     TXT "v=spf1 a:ten.example a:ten.example a:ten.example +all"
more.example.     TXT "v=spf1 include:part.example include:part.example redirect=over.example"
over.example.     TXT "v=spf1 a:ten.example a:ten.example a:ten.example a:ten.example +all"
free.example.     TXT "v=spf1 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 ip4:1.2.3.4 +all"
loop.example.     TXT "v=spf1 include:loop.example +all"
circle.example.   TXT "v=spf1 redirect=circle.example"
two.example.      TXT "v=spf1 a:x.example mx:y.example +all"
three.example.    TXT "v=spf1 a:x.example mx:y.example exists:z.example +all"
names.example.    TXT "v=spf1 a:x.example a:y.example ptr +all"
; anechoic: servfail 8.2.0.192.in-addr.arpa.
7.2.0.192.in-addr.arpa. PTR other.name.
hosts.example.    TXT "v=spf1 mx +all"
hosts.example.    MX 0 m1.example.
hosts.example.    MX 0 m2.example.
hosts.example.    MX 0 m3.example.
hosts.example.    MX 0 m4.example.
)",
             {
                 {"a@ten.example", "192.0.2.9", Result::Pass},
                 {"a@eleven.example", "192.0.2.9", Result::PermError},
                 {"a@tree.example", "192.0.2.9", Result::Pass},
                 {"a@more.example", "192.0.2.9", Result::PermError},
                 {"a@free.example", "192.0.2.9", Result::Pass},
                 {"a@loop.example", "192.0.2.9", Result::PermError},
                 {"a@circle.example", "192.0.2.9", Result::PermError},
                 {"a@two.example", "192.0.2.9", Result::Pass},
                 {"a@three.example", "192.0.2.9", Result::PermError},
                 {"a@names.example", "192.0.2.9", Result::PermError},  // a client without names
                 {"a@names.example", "192.0.2.8", Result::Pass},       // whose names can't be found out
                 {"a@names.example", "192.0.2.7", Result::Pass},       // whose name is no host
                 {"a@hosts.example", "192.0.2.9", Result::Pass},       // hosts of MX records are no terms
             });
}

// 4.6.4: ten hosts of an MX record, the first ten names of a client.
TEST(SpfCheck, CountsHostsAndNames) {
  std::string zone =
      "own.example. TXT \"v=spf1 mx -all\"\n"
      "more.example. TXT \"v=spf1 mx +all\"\n"
      "ptr.example. TXT \"v=spf1 ptr -all\"\n";
  for (int i = 0; i < 11; ++i) {
    const std::string host = "h" + std::to_string(i) + ".ptr.example.";
    if (i < 10) zone += "own.example. MX 5 " + host + '\n';
    zone += "more.example. MX 5 " + host + '\n';
    zone += "1.2.0.192.in-addr.arpa. PTR " + host + '\n';
    if (i < 10) zone += "9.2.0.192.in-addr.arpa. PTR " + host + '\n';
  }
  zone += "h9.ptr.example. A 192.0.2.9\nh10.ptr.example. A 192.0.2.1\n";
  expect_all(zone, {
                       {"a@own.example", "192.0.2.9", Result::Pass},
                       {"a@more.example", "192.0.2.9", Result::PermError},
                       {"a@ptr.example", "192.0.2.9", Result::Pass},  // the tenth name
                       {"a@ptr.example", "192.0.2.1", Result::Fail},  // the eleventh
                   });
}

}  // namespace
}  // namespace anechoic::auth::spf
