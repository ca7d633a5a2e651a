// SPDX-License-Identifier: Apache-2.0
#include "auth/proved.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth {
namespace {

using Strings = std::vector<std::string>;

spf::Outcome spf_of(spf::Result result, std::string domain, spf::Identity identity = spf::Identity::MailFrom) {
  spf::Outcome outcome;
  outcome.result = result;
  outcome.domain = std::move(domain);
  outcome.identity = identity;
  return outcome;
}

dkim::Outcome signature(dkim::Result result, std::string domain, Strings headers = {"from"}, bool partial = false) {
  dkim::Outcome outcome;
  outcome.result = result;
  outcome.domain = std::move(domain);
  outcome.signed_headers = std::move(headers);
  outcome.partial_body = partial;
  return outcome;
}

mail::ReversePath path(std::string_view address) {
  return {mail::parse_mailbox(address, mail::Utf8::Allowed).value()};
}

// The message that most cases are about.
Claims claims() {
  return {.reverse_path = path("bounce@example.com"), .from = {"user@example.com"}, .sender = {}, .reply_to = {}};
}

struct Case {
  std::string_view what;
  Evidence evidence;
  Claims claims;
  Strings expected;  // "PLACE ADDRESS by BY DOMAIN" or "PLACE ADDRESS no|unknown"
};

constexpr auto kPass = spf::Result::Pass;
constexpr auto kSigned = dkim::Result::Pass;

Evidence evidence(std::optional<spf::Outcome> spf, std::optional<std::vector<dkim::Outcome>> dkim) {
  Evidence out;
  out.spf = std::move(spf);
  out.dkim = std::move(dkim);
  return out;
}

Evidence with_helo(Evidence evidence, spf::Result result, std::string domain) {
  evidence.helo = spf_of(result, std::move(domain), spf::Identity::Helo);
  return evidence;
}

Claims with_reply_to(std::string address) {
  Claims out = claims();
  out.reply_to = {std::move(address)};
  return out;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  all.push_back(
      {"SPF and DKIM of the same domain",
       evidence(spf_of(kPass, "example.com"), {{signature(kSigned, "example.com")}}),
       claims(),
       {"reverse-path bounce@example.com by spf example.com", "reverse-path bounce@example.com by dkim example.com",
        "from user@example.com by spf example.com", "from user@example.com by dkim example.com"}});
  all.push_back({"SPF alone",
                 evidence(spf_of(kPass, "example.com"), std::vector<dkim::Outcome>{}),
                 claims(),
                 {"reverse-path bounce@example.com by spf example.com", "from user@example.com by spf example.com"}});
  all.push_back({"DKIM alone",
                 evidence(spf_of(spf::Result::Fail, "example.com"), {{signature(kSigned, "example.com")}}),
                 claims(),
                 {"reverse-path bounce@example.com by dkim example.com", "from user@example.com by dkim example.com"}});
  for (const spf::Result result :
       {spf::Result::None, spf::Result::Neutral, spf::Result::SoftFail, spf::Result::Fail, spf::Result::PermError}) {
    all.push_back({"results of SPF that prove nothing",
                   evidence(spf_of(result, "example.com"), std::vector<dkim::Outcome>{}),
                   claims(),
                   {"reverse-path bounce@example.com no", "from user@example.com no"}});
  }
  for (const dkim::Result result :
       {dkim::Result::None, dkim::Result::Fail, dkim::Result::Policy, dkim::Result::Neutral, dkim::Result::PermError}) {
    all.push_back({"results of DKIM that prove nothing",
                   evidence(std::nullopt, {{signature(result, "example.com")}}),
                   claims(),
                   {"reverse-path bounce@example.com no", "from user@example.com no"}});
  }
  all.push_back({"a partial body proves nothing",
                 evidence(std::nullopt, {{signature(kSigned, "example.com", {"from"}, true)}}),
                 claims(),
                 {"reverse-path bounce@example.com no", "from user@example.com no"}});
  all.push_back({"nothing asked",
                 evidence(std::nullopt, std::nullopt),
                 claims(),
                 {"reverse-path bounce@example.com no", "from user@example.com no"}});
  all.push_back({"another organisation",
                 evidence(spf_of(kPass, "list.test"), {{signature(kSigned, "list.test")}}),
                 {.reverse_path = path("bounce@list.test"), .from = {"user@example.com"}, .sender = {}, .reply_to = {}},
                 {"reverse-path bounce@list.test by spf list.test", "reverse-path bounce@list.test by dkim list.test",
                  "from user@example.com no"}});
  all.push_back(
      {"relaxed: the same organisation",
       evidence(spf_of(kPass, "mail.example.com"), {{signature(kSigned, "news.example.com")}}),
       {.reverse_path = path("b@mail.example.com"), .from = {"user@example.com"}, .sender = {}, .reply_to = {}},
       {"reverse-path b@mail.example.com by spf mail.example.com",
        "reverse-path b@mail.example.com by dkim news.example.com", "from user@example.com by spf mail.example.com",
        "from user@example.com by dkim news.example.com"}});
  all.push_back({"strict by the record",
                 evidence(spf_of(kPass, "mail.strict.test"), {{signature(kSigned, "mail.strict.test")}}),
                 {.reverse_path = path("b@mail.strict.test"), .from = {"u@strict.test"}, .sender = {}, .reply_to = {}},
                 {"reverse-path b@mail.strict.test by spf mail.strict.test",
                  "reverse-path b@mail.strict.test by dkim mail.strict.test", "from u@strict.test no"}});
  all.push_back({"without a record only the very name",
                 evidence(spf_of(kPass, "mail.bare.test"), {{signature(kSigned, "bare.test")}}),
                 {.reverse_path = path("b@mail.bare.test"), .from = {"u@bare.test"}, .sender = {}, .reply_to = {}},
                 {"reverse-path b@mail.bare.test by spf mail.bare.test", "from u@bare.test by dkim bare.test"}});
  all.push_back(
      {"each From address for itself",
       evidence(std::nullopt, {{signature(kSigned, "example.com")}}),
       {.reverse_path = std::nullopt, .from = {"user@example.com", "other@list.test"}, .sender = {}, .reply_to = {}},
       {"from user@example.com by dkim example.com", "from other@list.test no"}});
  Claims added = claims();
  added.from = {"forged@example.com", "user@example.com"};
  added.from_fields = 2;
  all.push_back({"a From was put on top of the signed one",
                 evidence(std::nullopt, {{signature(kSigned, "example.com")}}),
                 added,
                 {"reverse-path bounce@example.com by dkim example.com", "from forged@example.com no",
                  "from user@example.com no"}});
  all.push_back({"two From fields, both signed",
                 evidence(std::nullopt, {{signature(kSigned, "example.com", {"from", "to", "from"})}}),
                 added,
                 {"reverse-path bounce@example.com by dkim example.com", "from forged@example.com by dkim example.com",
                  "from user@example.com by dkim example.com"}});
  all.push_back({"an unsigned Reply-To",
                 evidence(std::nullopt, {{signature(kSigned, "example.com")}}),
                 with_reply_to("answer@example.com"),
                 {"reverse-path bounce@example.com by dkim example.com", "from user@example.com by dkim example.com",
                  "reply-to answer@example.com no"}});
  all.push_back({"a signed one",
                 evidence(std::nullopt, {{signature(kSigned, "example.com", {"from", "reply-to"})}}),
                 with_reply_to("answer@example.com"),
                 {"reverse-path bounce@example.com by dkim example.com", "from user@example.com by dkim example.com",
                  "reply-to answer@example.com by dkim example.com"}});
  all.push_back({"signed, but somebody else's",
                 evidence(std::nullopt, {{signature(kSigned, "example.com", {"from", "reply-to"})}}),
                 with_reply_to("victim@list.test"),
                 {"reverse-path bounce@example.com by dkim example.com", "from user@example.com by dkim example.com",
                  "reply-to victim@list.test no"}});
  all.push_back({"SPF vouches for what its client says",
                 evidence(spf_of(kPass, "example.com"), std::vector<dkim::Outcome>{}),
                 {.reverse_path = path("bounce@example.com"),
                  .from = {"user@example.com"},
                  .sender = {"desk@example.com"},
                  .reply_to = {"answer@example.com"}},
                 {"reverse-path bounce@example.com by spf example.com", "from user@example.com by spf example.com",
                  "sender desk@example.com by spf example.com", "reply-to answer@example.com by spf example.com"}});
  all.push_back(
      {"the null sender: HELO is its domain",
       evidence(spf_of(kPass, "example.com"), std::vector<dkim::Outcome>{}),
       {.reverse_path = mail::ReversePath{}, .from = {"mailer-daemon@example.com"}, .sender = {}, .reply_to = {}},
       {"from mailer-daemon@example.com by spf example.com"}});
  all.push_back(
      {"HELO proves postmaster there, and nobody else",
       with_helo(evidence(spf_of(spf::Result::None, "example.com"), std::vector<dkim::Outcome>{}), kPass,
                 "example.com"),
       {.reverse_path = path("bounce@example.com"), .from = {"postmaster@example.com"}, .sender = {}, .reply_to = {}},
       {"reverse-path bounce@example.com no", "from postmaster@example.com no"}});
  all.push_back({"postmaster by HELO",
                 with_helo(evidence(spf_of(spf::Result::None, "example.com"), std::vector<dkim::Outcome>{}), kPass,
                           "Example.com"),
                 {.reverse_path = path("Postmaster@example.com"), .from = {}, .sender = {}, .reply_to = {}},
                 {"reverse-path Postmaster@example.com by spf Example.com"}});
  all.push_back({"SPF was at fault",
                 evidence(spf_of(spf::Result::TempError, "example.com"), std::vector<dkim::Outcome>{}),
                 claims(),
                 {"reverse-path bounce@example.com unknown", "from user@example.com unknown"}});
  all.push_back({"but not for another organisation",
                 evidence(spf_of(spf::Result::TempError, "list.test"), std::vector<dkim::Outcome>{}),
                 {.reverse_path = path("bounce@list.test"), .from = {"user@example.com"}, .sender = {}, .reply_to = {}},
                 {"reverse-path bounce@list.test unknown", "from user@example.com no"}});
  all.push_back(
      {"a key was not to be had",
       evidence(spf_of(spf::Result::Fail, "example.com"), {{signature(dkim::Result::TempError, "example.com")}}),
       claims(),
       {"reverse-path bounce@example.com unknown", "from user@example.com unknown"}});
  all.push_back({"the key of a stranger would have proved nothing",
                 evidence(std::nullopt, {{signature(dkim::Result::TempError, "list.test")}}),
                 claims(),
                 {"reverse-path bounce@example.com no", "from user@example.com no"}});
  all.push_back({"nor that of a partial body",
                 evidence(std::nullopt, {{signature(dkim::Result::TempError, "example.com", {"from"}, true)}}),
                 claims(),
                 {"reverse-path bounce@example.com no", "from user@example.com no"}});
  all.push_back(
      {"nor that of a signature without the field",
       evidence(std::nullopt, {{signature(dkim::Result::TempError, "example.com", {"from"})}}),
       with_reply_to("answer@example.com"),
       {"reverse-path bounce@example.com unknown", "from user@example.com unknown", "reply-to answer@example.com no"}});
  all.push_back({"one way failed, the other proves",
                 evidence(spf_of(spf::Result::TempError, "example.com"), {{signature(kSigned, "example.com")}}),
                 claims(),
                 {"reverse-path bounce@example.com by dkim example.com", "from user@example.com by dkim example.com"}});
  all.push_back({"whether it is aligned could not be looked up",
                 evidence(spf_of(kPass, "mail.broken.test"), {{signature(kSigned, "x.broken.test")}}),
                 {.reverse_path = path("b@mail.broken.test"), .from = {"u@broken.test"}, .sender = {}, .reply_to = {}},
                 {"reverse-path b@mail.broken.test by spf mail.broken.test", "from u@broken.test unknown"}});
  // RFC 9989 takes them for one organization, since the registry's record does not say psd=y.
  all.push_back({"a record at a top-level domain makes no neighbours one",
                 evidence(spf_of(kPass, "evil.registry"), {{signature(kSigned, "evil.registry")}}),
                 {.reverse_path = path("b@evil.registry"), .from = {"u@bank.registry"}, .sender = {}, .reply_to = {}},
                 {"reverse-path b@evil.registry by spf evil.registry",
                  "reverse-path b@evil.registry by dkim evil.registry", "from u@bank.registry no"}});
  all.push_back({"nor where the neighbour has its own",
                 evidence(std::nullopt, {{signature(kSigned, "evil.registry")}}),
                 {.reverse_path = std::nullopt, .from = {"u@own.registry"}, .sender = {}, .reply_to = {}},
                 {"from u@own.registry no"}});
  all.push_back({"equal names need no record",
                 evidence(spf_of(kPass, "broken.test"), {{signature(kSigned, "broken.test")}}),
                 {.reverse_path = path("b@broken.test"), .from = {"u@broken.test"}, .sender = {}, .reply_to = {}},
                 {"reverse-path b@broken.test by spf broken.test", "reverse-path b@broken.test by dkim broken.test",
                  "from u@broken.test by spf broken.test", "from u@broken.test by dkim broken.test"}});
  all.push_back({"addresses that no domain can vouch for",
                 evidence(spf_of(kPass, "example.com"), std::vector<dkim::Outcome>{}),
                 {.reverse_path = std::nullopt,
                  .from = {"MAILER-DAEMON", "u@[192.0.2.1]", "u@a..b"},
                  .sender = {},
                  .reply_to = {}},
                 {"from MAILER-DAEMON no", "from u@[192.0.2.1] no", "from u@a..b no"}});
  all.push_back({"U-labels are A-labels",
                 evidence(std::nullopt, {{signature(kSigned, "xn--bcher-kva.test")}}),
                 {.reverse_path = std::nullopt,
                  .from = {"u@b\xC3\xBC"
                           "cher.test"},
                  .sender = {},
                  .reply_to = {}},
                 {"from u@b\xC3\xBC"
                  "cher.test by dkim xn--bcher-kva.test"}});
  return all;
}

struct World {
  anechoic::testing::FakeClock clock;
  anechoic::testing::FakeResolver resolver;
  Lookups lookups{resolver, clock, {}};

  World() {
    resolver.add_txt("_dmarc.example.com", "v=DMARC1; p=reject");
    resolver.add_txt("_dmarc.strict.test", "v=DMARC1; p=reject; adkim=s; aspf=s");
    resolver.add_txt("_dmarc.registry", "v=DMARC1; p=none");
    resolver.add_txt("_dmarc.own.registry", "v=DMARC1; p=none");
    resolver.fail_with("_dmarc.broken.test", dns::Type::Txt, Found::Timeout);
  }
  Evidence prove(Evidence evidence, Claims claims) {
    std::optional<Evidence> done;
    start(auth::prove(lookups, std::move(evidence), std::move(claims)), [&](Evidence out) { done = std::move(out); });
    while (resolver.open() > 0) resolver.answer_next();
    return std::move(done.value());
  }
};

// In the order of the claims.
Strings shown(const Evidence& evidence, const Strings& order) {
  Strings rows;
  for (const Proved& one : evidence.proved) {
    rows.push_back(std::string(to_string(one.place)) + " " + one.address + " by " + std::string(to_string(one.by)) +
                   " " + one.domain);
  }
  for (const NotProved& one : evidence.not_proved) {
    rows.push_back(std::string(to_string(one.place)) + " " + one.address + " " + std::string(to_string(one.value)));
  }
  std::ranges::sort(rows, {}, [&](const std::string& row) { return std::ranges::find(order, row) - order.begin(); });
  return rows;
}

TEST(Proved, EveryWay) {
  for (const bool later : {false, true}) {
    for (const Case& one : cases()) {
      World world;
      if (later) world.resolver.answer_later();
      const Evidence out = world.prove(one.evidence, one.claims);
      EXPECT_EQ(shown(out, one.expected), one.expected) << one.what;
      for (const NotProved& row : out.not_proved) EXPECT_NE(row.because, "") << one.what;
    }
  }
}

// Whichever look-up fails: what was proved stays so or is unknown, what was not never becomes proved.
TEST(Proved, NoFailedLookupProvesOrDenies) {
  for (const Case& one : cases()) {
    World whole;
    const Evidence expected = whole.prove(one.evidence, one.claims);
    for (const Question& asked : whole.resolver.asked()) {
      World broken;
      broken.resolver.fail_with(asked.name.to_string(), asked.type, Found::TemporaryFailure);
      const Evidence out = broken.prove(one.evidence, one.claims);
      for (const Proved& row : out.proved)
        EXPECT_TRUE(std::ranges::find(expected.proved, row) != expected.proved.end());
      for (const NotProved& row : out.not_proved) {
        if (row.value == Unproved::No) EXPECT_FALSE(expected.is_proved(row.address)) << one.what << " " << row.because;
      }
    }
  }
}

TEST(Proved, SaysWhy) {
  World world;
  Evidence given =
      evidence(spf_of(kPass, "list.test"),
               {{signature(dkim::Result::Fail, "example.com"), signature(kSigned, "list.test"),
                 signature(kSigned, "example.com", {"from"}, true), signature(kSigned, "example.com", {"to"}),
                 signature(dkim::Result::TempError, "example.com")}});
  given.dkim->at(0).reason = "the body was changed";
  const Evidence out =
      world.prove(given, {.reverse_path = std::nullopt, .from = {"u@example.com"}, .sender = {}, .reply_to = {}});
  ASSERT_EQ(out.not_proved.size(), 1U);
  EXPECT_EQ(
      out.not_proved[0].because,
      "SPF passed for list.test, which is not aligned with example.com; the signature of example.com says fail "
      "(the body was changed); the signature of example.com covers only a part of the body (l=); the signature of "
      "example.com does not sign From; 2 more signatures do not prove it either");
  EXPECT_EQ(out.not_proved[0].value, Unproved::Unknown);
}

TEST(Proved, IsBounded) {
  World world;
  Claims many;
  for (int i = 0; i < 2000; ++i) many.reply_to.push_back("u@" + std::to_string(i) + ".example.net");
  const Evidence out =
      world.prove(evidence(spf_of(kPass, "x.example.net"),
                           {std::vector<dkim::Outcome>(2'000, signature(kSigned, "y.example.net", {"reply-to"}))}),
                  many);
  EXPECT_EQ(out.proved.size() + out.not_proved.size(), kMostAddresses);
  EXPECT_LE(world.resolver.asked().size(), 60U);
  EXPECT_FALSE(out.is_proved(many.reply_to.back()));
}

TEST(Proved, ClaimsOfAHeader) {
  const std::string message =
      "From: A <a@Example.com>, b@example.net\r\nfrom: a@example.com\r\nSender: s@example.org\r\n"
      "Reply-To: list: r@example.com, <>;\r\nTo: t@example.com\r\n\r\n";
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
  const Claims claims = claims_of(header);
  EXPECT_EQ(claims.from, (Strings{"a@example.com", "b@example.net"}));
  EXPECT_EQ(claims.from_fields, 2U);
  EXPECT_EQ(claims.sender, Strings{"s@example.org"});
  EXPECT_EQ(claims.reply_to, Strings{"r@example.com"});
  EXPECT_EQ(claims.reply_to_fields, 1U);
  EXPECT_FALSE(claims.reverse_path);
}

TEST(Evidence, IsProvedComparesLocalPartsExactly) {
  Evidence evidence;
  evidence.proved = {{"User@example.com", Place::From, By::Spf, "example.com"}};
  EXPECT_TRUE(evidence.is_proved("User@example.com"));
  EXPECT_TRUE(evidence.is_proved("User@EXAMPLE.com"));
  EXPECT_FALSE(evidence.is_proved("user@example.com"));
  EXPECT_FALSE(evidence.is_proved("User@example.co"));
  EXPECT_FALSE(evidence.is_proved("User"));
  EXPECT_FALSE(evidence.is_proved(""));
}

}  // namespace
}  // namespace anechoic::auth
