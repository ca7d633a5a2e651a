// SPDX-License-Identifier: Apache-2.0
// The mechanisms of RFC 7208 5 that ask the DNS, over zones of their own.
#include <gtest/gtest.h>

#include "testing/spf_fixture.h"

namespace anechoic::auth::spf {
namespace {

using anechoic::testing::expect_all;

// 5.2
TEST(SpfMechanisms, Includes) {
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
TEST(SpfMechanisms, MatchesAddresses) {
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
TEST(SpfMechanisms, MatchesExchanges) {
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
TEST(SpfMechanisms, MatchesPointers) {
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
TEST(SpfMechanisms, MatchesWhatExists) {
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

}  // namespace
}  // namespace anechoic::auth::spf
