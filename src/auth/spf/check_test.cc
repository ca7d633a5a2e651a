// SPDX-License-Identifier: Apache-2.0
// check_host() by the sections of RFC 7208, over zones of its own: what the published suites hold, and what they don't.
#include "auth/spf/check.h"

#include <gtest/gtest.h>

#include "testing/spf_fixture.h"

namespace anechoic::auth::spf {
namespace {

using anechoic::testing::ask_for;
using anechoic::testing::check;
using anechoic::testing::ZoneText;

struct Case {
  std::string_view sender;
  std::string_view client;
  Result result;
};

void expect_all(std::string_view zone, std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    for (const bool later : {false, true}) {
      ZoneText resolver(zone);
      if (later) resolver.answer_later();
      const Outcome outcome = check(resolver, ask_for(one.sender, one.client));
      EXPECT_EQ(to_string(outcome.result), to_string(one.result))
          << one.sender << " from " << one.client << ": " << outcome.problem << " " << outcome.term;
      const bool explained =
          outcome.result == Result::None || outcome.result == Result::TempError || outcome.result == Result::PermError;
      EXPECT_EQ(outcome.problem.empty(), !explained) << one.sender;
      EXPECT_EQ(outcome.explanation.empty(), outcome.result != Result::Fail) << one.sender;
    }
  }
}

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

// 5.2
TEST(SpfCheck, Includes) {
  expect_all(R"(
outer.example.   TXT "v=spf1 include:inner.example -all"
inner.example.   TXT "v=spf1 +ip4:192.0.2.1 -ip4:192.0.2.2 ~ip4:192.0.2.3 ?all"
minus.example.   TXT "v=spf1 -include:inner.example +all"
none.example.    TXT "v=spf1 include:missing.example +all"
bare.example.    TXT "v=spf1 include:a.example +all"
a.example.       A 192.0.2.1
error.example.   TXT "v=spf1 include:wrong.example +all"
wrong.example.   TXT "v=spf1 moo"
slow.example.    TXT "v=spf1 include:t.example +all"
name.example.    TXT "v=spf1 include:a..example +all"
; anechoic: timeout t.example.
)",
             {
                 {"a@outer.example", "192.0.2.1", Result::Pass},
                 {"a@outer.example", "192.0.2.2", Result::Fail},
                 {"a@outer.example", "192.0.2.3", Result::Fail},
                 {"a@outer.example", "192.0.2.4", Result::Fail},
                 {"a@minus.example", "192.0.2.1", Result::Fail},
                 {"a@minus.example", "192.0.2.2", Result::Pass},
                 {"a@none.example", "192.0.2.1", Result::PermError},
                 {"a@bare.example", "192.0.2.1", Result::PermError},
                 {"a@error.example", "192.0.2.1", Result::PermError},
                 {"a@slow.example", "192.0.2.1", Result::TempError},
                 {"a@name.example", "192.0.2.1", Result::PermError},
             });
}

// 5.3
TEST(SpfCheck, MatchesAddresses) {
  expect_all(R"(
own.example.     TXT "v=spf1 a -all"
own.example.     A 192.0.2.1
own.example.     A 192.0.2.9
own.example.     AAAA 2001:db8::1
net.example.     TXT "v=spf1 a:own.example/24//32 -all"
all4.example.    TXT "v=spf1 a:own.example/0 -all"
void.example.    TXT "v=spf1 a:missing.example/0 a:void.example//0 -all"
alias.example.   TXT "v=spf1 a:c.example -all"
c.example.       CNAME own.example.
fails.example.   TXT "v=spf1 a:f.example ip4:192.0.2.1 -all"
odd.example.     TXT "v=spf1 a:a..b.example a:%{l}.example -all"
; anechoic: servfail f.example. A
)",
             {
                 {"a@own.example", "192.0.2.1", Result::Pass},
                 {"a@own.example", "192.0.2.9", Result::Pass},
                 {"a@own.example", "192.0.2.2", Result::Fail},
                 {"a@own.example", "2001:db8::1", Result::Pass},
                 {"a@own.example", "2001:db8::2", Result::Fail},
                 {"a@own.example", "::ffff:192.0.2.1", Result::Pass},
                 {"a@net.example", "192.0.2.2", Result::Pass},
                 {"a@net.example", "192.0.3.2", Result::Fail},
                 {"a@net.example", "2001:db8:1::2", Result::Pass},
                 {"a@net.example", "2001:db9::2", Result::Fail},
                 {"a@all4.example", "203.0.113.1", Result::Pass},
                 {"a@all4.example", "2001:db8::2", Result::Fail},
                 {"a@void.example", "192.0.2.1", Result::Fail},
                 {"a@alias.example", "192.0.2.1", Result::Pass},
                 {"a@fails.example", "192.0.2.1", Result::TempError},
                 {"a@fails.example", "2001:db8::1", Result::Fail},  // its AAAA question does not fail
                 {"a@odd.example", "192.0.2.1", Result::Fail},
                 {"\xC3\xA4@odd.example", "192.0.2.1", Result::Fail},
                 {"own@odd.example", "192.0.2.1", Result::Pass},
             });
}

// 5.4
TEST(SpfCheck, MatchesExchanges) {
  expect_all(R"(
own.example.     TXT "v=spf1 mx -all"
own.example.     MX 20 b.example.
own.example.     MX 10 c.example.
own.example.     A 192.0.2.3
b.example.       A 192.0.2.1
c.example.       A 192.0.2.2
c.example.       AAAA 2001:db8::2
net.example.     TXT "v=spf1 mx:own.example/30//64 -all"
none.example.    TXT "v=spf1 mx -all"
none.example.    A 192.0.2.1
null.example.    TXT "v=spf1 mx -all"
null.example.    MX 0 .
gone.example.    TXT "v=spf1 mx/0 -all"
gone.example.    MX 0 missing.example.
fails.example.   TXT "v=spf1 mx -all"
fails.example.   MX 0 b.example.
fails.example.   MX 1 f.example.
; anechoic: timeout f.example.
)",
             {
                 {"a@own.example", "192.0.2.1", Result::Pass},
                 {"a@own.example", "192.0.2.2", Result::Pass},
                 {"a@own.example", "192.0.2.3", Result::Fail},  // no implicit MX
                 {"a@own.example", "2001:db8::2", Result::Pass},
                 {"a@net.example", "192.0.2.3", Result::Pass},
                 {"a@net.example", "192.0.2.4", Result::Fail},
                 {"a@net.example", "2001:db8::ffff", Result::Pass},
                 {"a@none.example", "192.0.2.1", Result::Fail},
                 {"a@null.example", "192.0.2.1", Result::Fail},
                 {"a@gone.example", "192.0.2.1", Result::Fail},
                 {"a@fails.example", "192.0.2.1", Result::Pass},
                 {"a@fails.example", "192.0.2.2", Result::TempError},
             });
}

// 5.5: names of the client that lead back to it.
TEST(SpfCheck, MatchesPointers) {
  expect_all(R"(
own.example.                 TXT "v=spf1 ptr -all"
other.example.               TXT "v=spf1 ptr:OWN.example -all"
1.2.0.192.in-addr.arpa.      PTR mail.own.example.
2.2.0.192.in-addr.arpa.      PTR liar.own.example.
3.2.0.192.in-addr.arpa.      PTR own.example.
4.2.0.192.in-addr.arpa.      PTR mail.notown.example.
5.2.0.192.in-addr.arpa.      PTR slow.own.example.
5.2.0.192.in-addr.arpa.      PTR mail.own.example.
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa. PTR mail.own.example.
mail.own.example.            A 192.0.2.1
mail.own.example.            A 192.0.2.5
mail.own.example.            AAAA 2001:db8::1
liar.own.example.            A 192.0.2.99
own.example.                 A 192.0.2.3
mail.notown.example.         A 192.0.2.4
; anechoic: timeout slow.own.example.
; anechoic: servfail 6.2.0.192.in-addr.arpa.
)",
             {
                 {"a@own.example", "192.0.2.1", Result::Pass},
                 {"a@own.example", "192.0.2.2", Result::Fail},
                 {"a@own.example", "192.0.2.3", Result::Pass},
                 {"a@own.example", "192.0.2.4", Result::Fail},
                 {"a@own.example", "192.0.2.5", Result::Pass},  // a name whose look-up fails is passed over
                 {"a@own.example", "192.0.2.6", Result::Fail},  // and an error of the PTR question matches nothing
                 {"a@own.example", "192.0.2.7", Result::Fail},
                 {"a@own.example", "2001:db8::1", Result::Pass},
                 {"a@own.example", "2001:db8::2", Result::Fail},
                 {"a@other.example", "192.0.2.1", Result::Pass},
             });
}

// 5.7
TEST(SpfCheck, MatchesWhatExists) {
  expect_all(R"(
own.example.          TXT "v=spf1 exists:%{ir}.%{v}.list.example -all"
1.2.0.192.in-addr.list.example. A 127.0.0.2
2.2.0.192.in-addr.list.example. AAAA ::1
1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.list.example. A 127.0.0.2
; anechoic: timeout 3.2.0.192.in-addr.list.example.
)",
             {
                 {"a@own.example", "192.0.2.1", Result::Pass},
                 {"a@own.example", "192.0.2.2", Result::Fail},
                 {"a@own.example", "192.0.2.3", Result::TempError},
                 {"a@own.example", "192.0.2.4", Result::Fail},
                 {"a@own.example", "2001:db8::1", Result::Pass},  // always A
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
                 {"a@hosts.example", "192.0.2.9", Result::Pass},  // hosts of MX records are no terms
             });
}

}  // namespace
}  // namespace anechoic::auth::spf
