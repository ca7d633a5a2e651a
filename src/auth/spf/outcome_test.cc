// SPDX-License-Identifier: Apache-2.0
// What a check tells: identities, explanations, which term matched, what failed. RFC 7208 2.3, 2.4, 6.2, 7, RFC 8616 4.
#include <gtest/gtest.h>

#include "testing/spf_fixture.h"

namespace anechoic::auth::spf {
namespace {

using anechoic::testing::ask_for;
using anechoic::testing::check;
using anechoic::testing::ZoneText;

TEST(SpfQuestion, IsAboutTheReversePathOrHelo) {
  const ip::Address client = ip::parse_address("192.0.2.1").value();
  const mail::ReversePath path{mail::Mailbox{"user", "example.org"}};
  const Question mail_from = mail_from_question(client, "mail.example", path, WallTime{});
  EXPECT_EQ(mail_from.local, "user");
  EXPECT_EQ(mail_from.domain, "example.org");
  EXPECT_EQ(mail_from.helo, "mail.example");
  EXPECT_EQ(mail_from.client, client);
  EXPECT_EQ(mail_from.identity, Identity::MailFrom);
  const Question null = mail_from_question(client, "mail.example", {}, WallTime{});
  EXPECT_EQ(null.local, "postmaster");
  EXPECT_EQ(null.domain, "mail.example");

  ZoneText resolver(
      "mail.example. TXT \"v=spf1 exists:%{s}.x.example -all\"\npostmaster@mail.example.x.example. A 127.0.0.2\n");
  EXPECT_EQ(check(resolver, null).result, Result::Pass);
  Question helo = null;
  helo.identity = Identity::Helo;
  EXPECT_EQ(check(resolver, helo).identity, Identity::Helo);
}

TEST(SpfOutcome, NamesTheTermThatMatched) {
  const std::string_view zone = R"(
outer.example.  TXT "v=spf1 ip4:192.0.2.1 include:inner.example -include:bad.example ~all"
inner.example.  TXT "v=spf1 A:hosts.example/30 -all"
hosts.example.  A 192.0.2.4
bad.example.    TXT "v=spf1 ip4:192.0.2.9 -all"
from.example.   TXT "v=spf1 redirect=outer.example"
)";
  struct Row {
    std::string_view sender, client;
    Result result;
    std::string_view term, domain, record;
    unsigned terms;
  };
  const std::string_view outer = "v=spf1 ip4:192.0.2.1 include:inner.example -include:bad.example ~all";
  for (const Row& row : {
           Row{"a@outer.example", "192.0.2.1", Result::Pass, "ip4:192.0.2.1", "outer.example", outer, 0},
           Row{"a@outer.example", "192.0.2.5", Result::Pass, "A:hosts.example/30", "inner.example",
               "v=spf1 A:hosts.example/30 -all", 2},
           Row{"a@outer.example", "192.0.2.9", Result::Fail, "-include:bad.example", "outer.example", outer, 3},
           Row{"a@from.example", "192.0.2.8", Result::SoftFail, "~all", "outer.example", outer, 4},
       }) {
    ZoneText resolver(zone);
    const Outcome outcome = check(resolver, ask_for(row.sender, row.client));
    EXPECT_EQ(outcome.result, row.result) << row.client;
    EXPECT_EQ(outcome.term, row.term);
    EXPECT_EQ(outcome.term_domain, row.domain);
    EXPECT_EQ(outcome.record, row.record);
    EXPECT_EQ(outcome.lookup_terms, row.terms);
    EXPECT_EQ(outcome.domain, row.sender.substr(2));
  }
}

// 6.2
TEST(SpfExplanation, IsWhatTheDomainWantsSaid) {
  const std::string_view zone = R"(
all.example.      TXT "v=spf1 -all exp=text.example"
text.example.     TXT "%{i} is not one of %{d}'s" " designated; see http://example.com/%{S} at %{t} by %{r}."
macro.example.    TXT "v=spf1 exp=%{l}.%{d} -all"
a.macro.example.  TXT "by macro"
postmaster.macro.example. TXT "%{s}"
two.example.      TXT "v=spf1 exp=texts.example -all"
texts.example.    TXT "one"
texts.example.    TXT "two"
utf8.example.     TXT "v=spf1 exp=utf8-text.example -all"
utf8-text.example. TXT "gr\195\188n"
syntax.example.   TXT "v=spf1 exp=syntax-text.example -all"
syntax-text.example. TXT "%{z}"
gone.example.     TXT "v=spf1 exp=missing.example -all"
slow.example.     TXT "v=spf1 exp=t.example -all"
name.example.     TXT "v=spf1 exp=a..b.example -all"
outer.example.    TXT "v=spf1 -include:passes.example exp=text2.example"
passes.example.   TXT "v=spf1 exp=text.example +all"
text2.example.    TXT "the outer one"
inner.example.    TXT "v=spf1 include:all.example -all"
from.example.     TXT "v=spf1 redirect=to.example exp=text.example"
to.example.       TXT "v=spf1 -all exp=text3.example"
text3.example.    TXT "%{o} %{d}"
; anechoic: timeout t.example.
)";
  struct Row {
    std::string_view sender, explanation;
  };
  for (const Row& row : {
           Row{"a b@all.example",
               "192.0.2.1 is not one of all.example's designated; see http://example.com/a%20b%40all.example at "
               "1800000000 by mx.test."},
           Row{"a@macro.example", "by macro"},
           Row{"@macro.example", "postmaster@macro.example"},
           Row{"b@macro.example", "say"},
           Row{"a@two.example", "say"},
           Row{"a@utf8.example", "say"},
           Row{"a@syntax.example", "say"},
           Row{"a@gone.example", "say"},
           Row{"a@slow.example", "say"},
           Row{"a@name.example", "say"},
           Row{"a@outer.example", "the outer one"},
           Row{"a@inner.example", "say"},
           Row{"a@from.example", "from.example to.example"},
       }) {
    for (const bool later : {false, true}) {
      ZoneText resolver(zone);
      if (later) resolver.answer_later();
      const Outcome outcome =
          check(resolver, ask_for(row.sender, "192.0.2.1"), {.receiver = "mx.test", .default_explanation = "say"});
      EXPECT_EQ(outcome.result, Result::Fail) << row.sender;
      EXPECT_EQ(outcome.explanation, row.explanation) << row.sender;
      EXPECT_EQ(outcome.void_lookups, 0U);
    }
  }
}

TEST(SpfExplanation, IsBoundedAndPrintable) {
  std::string zone = "a.example. TXT \"v=spf1 -all exp=t.example\"\nt.example. TXT";
  for (int i = 0; i < 40; ++i) zone += " \"%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}%{l}\"";
  ZoneText resolver(zone + "\n");
  const Outcome outcome = check(resolver, ask_for(std::string("x\r\n\xC3\xA4\0", 6) + "y@a.example", "192.0.2.1"));
  EXPECT_EQ(outcome.explanation.size(), 500U);
  EXPECT_TRUE(outcome.explanation.starts_with("x?????yx?????y")) << outcome.explanation;
}

// 7.3: the domain itself, a name below it, any other, "unknown".
TEST(SpfMacroP, PrefersNamesOfTheDomain) {
  const std::string_view zone = R"(
a.example.   TXT "v=spf1 -all exp=t.example"
t.example.   TXT "%{p}"
; the client's names, in this order
1.2.0.192.in-addr.arpa. PTR z.other.
1.2.0.192.in-addr.arpa. PTR liar.a.example.
1.2.0.192.in-addr.arpa. PTR b.a.example.
1.2.0.192.in-addr.arpa. PTR a.example.
2.2.0.192.in-addr.arpa. PTR z.other.
2.2.0.192.in-addr.arpa. PTR b.a.example.
3.2.0.192.in-addr.arpa. PTR liar.a.example.
3.2.0.192.in-addr.arpa. PTR z.other.
4.2.0.192.in-addr.arpa. PTR liar.a.example.
z.other.     A 192.0.2.1
z.other.     A 192.0.2.2
z.other.     A 192.0.2.3
b.a.example. A 192.0.2.1
b.a.example. A 192.0.2.2
a.example.   A 192.0.2.1
)";
  for (const auto& [client, name] : {std::pair{"192.0.2.1", "a.example"},
                                     {"192.0.2.2", "b.a.example"},
                                     {"192.0.2.3", "z.other"},
                                     {"192.0.2.4", "unknown"},
                                     {"192.0.2.5", "unknown"}}) {
    ZoneText resolver(zone);
    EXPECT_EQ(check(resolver, ask_for("u@a.example", client)).explanation, name) << client;
  }
  // In the domain of an explanation.
  ZoneText by_name(
      "a.example. TXT \"v=spf1 -all exp=%{p}.t.example\"\nz.other.t.example. TXT \"by name\"\n"
      "1.2.0.192.in-addr.arpa. PTR z.other.\nz.other. A 192.0.2.1\n");
  EXPECT_EQ(check(by_name, ask_for("u@a.example", "192.0.2.1")).explanation, "by name");
  // In a term it is one that asks the DNS (4.6.4), once.
  ZoneText resolver(
      "a.example. TXT \"v=spf1 exists:%{p}.x.example exists:%{p}.y.example ptr -all\"\n"
      "1.2.0.192.in-addr.arpa. PTR z.other.\nz.other. A 192.0.2.1\nz.other.y.example. A 127.0.0.2\n");
  const Outcome outcome = check(resolver, ask_for("u@a.example", "192.0.2.1"));
  EXPECT_EQ(outcome.result, Result::Pass);
  EXPECT_EQ(outcome.lookup_terms, 3U);
  EXPECT_EQ(resolver.asked().size(), 5U);
}

// A redirect may use it, too; what fails then is told.
TEST(SpfMacroP, IsFoundOutForARedirect) {
  const std::string_view zone =
      "a.example. TXT \"v=spf1 redirect=%{p}.x.example\"\n"
      "1.2.0.192.in-addr.arpa. PTR z.other.\nz.other. A 192.0.2.1\nz.other.x.example. TXT \"v=spf1 +all\"\n";
  ZoneText resolver(zone);
  const Outcome outcome = check(resolver, ask_for("u@a.example", "192.0.2.1"));
  EXPECT_EQ(outcome.result, Result::Pass) << outcome.problem;
  EXPECT_EQ(outcome.lookup_terms, 2U);
  EXPECT_EQ(check(resolver, ask_for("u@a.example", "192.0.2.1"), {.lookup_terms = 1}).result, Result::PermError);
  EXPECT_EQ(check(resolver, ask_for("u@a.example", "192.0.2.1"), {}, {.queries = 2}).result, Result::TempError);
}

// RFC 7505: a null MX names no host to ask about.
TEST(SpfOutcome, ANullMxIsNotAsked) {
  ZoneText resolver("a.example. TXT \"v=spf1 mx -all\"\na.example. MX 0 .\n");
  const Outcome outcome = check(resolver, ask_for("u@a.example", "192.0.2.1"));
  EXPECT_EQ(outcome.result, Result::Fail);
  EXPECT_EQ(outcome.void_lookups, 0U);
  EXPECT_EQ(resolver.asked().size(), 2U);
}

TEST(SpfNames, InternationalOnesAreAskedInTheirAsciiForm) {
  const std::string_view zone = R"(
xn--bcher-kva.example.      TXT "v=spf1 exists:%{d}.d.example a:%{h} -all exp=t.example"
xn--bcher-kva.example.d.example. AAAA ::1
xn--hlo-bma.example.        A 192.0.2.1
t.example.                  TXT "%{o} %{h}"
)";
  ZoneText resolver(zone);
  const Outcome pass = check(resolver, ask_for("a@b\xC3\xBC"
                                               "cher.example",
                                               "192.0.2.1", "h\xC3\xA9lo.example"));
  EXPECT_EQ(pass.result, Result::Pass) << pass.problem;
  EXPECT_EQ(pass.domain,
            "b\xC3\xBC"
            "cher.example");
  EXPECT_EQ(check(resolver, ask_for("a@B\xC3\x9C"
                                    "CHER.example",
                                    "192.0.2.2", "h\xC3\xA9lo.example"))
                .explanation,
            "xn--bcher-kva.example xn--hlo-bma.example");
}

// Every question of a check that asks all kinds, answered by each failure.
TEST(SpfOutcome, EveryLookupThatFailsIsTold) {
  const std::string_view zone = R"(
a.example.   TXT "v=spf1 a:h.example mx exists:%{l}.example ptr:x.example include:i.example redirect=r.example"
a.example.   MX 0 m.example.
h.example.   A 198.51.100.1
m.example.   A 198.51.100.1
u.example.   AAAA ::1
1.2.0.192.in-addr.arpa. PTR p.x.example.
p.x.example. A 198.51.100.1
i.example.   TXT "v=spf1 -all"
r.example.   TXT "v=spf1 -all exp=t.example"
t.example.   TXT "no"
)";
  ZoneText whole(zone);
  EXPECT_EQ(check(whole, ask_for("u@a.example", "192.0.2.1")).explanation, "no");
  const std::size_t questions = whole.asked().size();
  EXPECT_EQ(questions, 10U);
  for (std::size_t i = 0; i < questions; ++i) {
    const std::string name = whole.asked()[i].name.to_string();
    for (const Found found : {Found::Timeout, Found::TemporaryFailure, Found::OverBudget}) {
      for (const bool later : {false, true}) {
        ZoneText resolver(zone);
        if (later) resolver.answer_later();
        resolver.fail(i, found);
        const Outcome outcome = check(resolver, ask_for("u@a.example", "192.0.2.1"));
        const bool pointer = name == "1.2.0.192.in-addr.arpa" || name == "p.x.example";
        if (name == "t.example") {
          EXPECT_EQ(outcome.result, Result::Fail);
          EXPECT_EQ(outcome.explanation, "DEFAULT");
        } else if (pointer && found != Found::OverBudget) {
          EXPECT_EQ(outcome.result, Result::Fail) << name;
        } else {
          EXPECT_EQ(outcome.result, Result::TempError) << name;
          EXPECT_NE(outcome.problem.find(name), std::string::npos) << outcome.problem;
          EXPECT_NE(outcome.problem.find(to_string(found)), std::string::npos) << outcome.problem;
        }
      }
    }
  }
}

TEST(SpfOutcome, AUsedUpBudgetIsTemporary) {
  ZoneText resolver(
      "a.example. TXT \"v=spf1 include:b.example -all\"\nb.example. TXT \"v=spf1 mx ?all\"\nb.example. MX 0 "
      "c.example.\n");
  for (unsigned queries = 0; queries < 4; ++queries) {
    const Outcome outcome = check(resolver, ask_for("u@a.example", "192.0.2.1"), {}, {.queries = queries});
    EXPECT_EQ(outcome.result, Result::TempError) << queries;
    EXPECT_NE(outcome.problem.find("too many look-ups"), std::string::npos) << outcome.problem;
  }
  EXPECT_EQ(check(resolver, ask_for("u@a.example", "192.0.2.1"), {}, {.queries = 4}).result, Result::Fail);
}

TEST(SpfOutcome, LimitsMayBeSet) {
  ZoneText resolver("a.example. TXT \"v=spf1 a:x.example a:y.example a:z.example +all\"\n");
  EXPECT_EQ(check(resolver, ask_for("u@a.example", "192.0.2.1")).result, Result::PermError);
  const Outcome more = check(resolver, ask_for("u@a.example", "192.0.2.1"), {.void_lookups = 3});
  EXPECT_EQ(more.result, Result::Pass);
  EXPECT_EQ(more.void_lookups, 3U);
  EXPECT_EQ(check(resolver, ask_for("u@a.example", "192.0.2.1"), {.lookup_terms = 2, .void_lookups = 3}).result,
            Result::PermError);
}

}  // namespace
}  // namespace anechoic::auth::spf
