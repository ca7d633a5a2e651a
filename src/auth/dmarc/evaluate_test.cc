// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/evaluate.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth::dmarc {
namespace {

using Strings = std::vector<std::string>;

// As testdata/rfc9989.txt tells.
struct Case {
  std::string what;
  std::vector<std::pair<std::string, std::string>> zone;
  Strings from;
  Strings spf;
  Strings dkim;
  Strings expected;
};

Strings words(const std::string& text) {
  std::istringstream in(text);
  Strings out;
  for (std::string word; in >> word;) out.push_back(word == "\"\"" || word == "-" ? "" : word);
  return out;
}

std::vector<Case> read_cases() {
  std::vector<Case> cases;
  std::ifstream in(std::string(ANECHOIC_SOURCE_DIR) + "/src/auth/dmarc/testdata/rfc9989.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (!line.starts_with(' ')) {
      cases.push_back({.what = line, .zone = {}, .from = {}, .spf = {}, .dkim = {}, .expected = {}});
      continue;
    }
    Strings rest = words(line);
    const std::string key = rest.front();
    rest.erase(rest.begin());
    Case& one = cases.back();
    if (key == "zone")
      one.zone.emplace_back(rest.front(), line.substr(line.find(rest.front()) + rest.front().size() + 1));
    if (key == "from") one.from = rest;
    if (key == "spf") one.spf = rest;
    if (key == "dkim") one.dkim = rest;
    if (key == "is") one.expected = rest;
  }
  return cases;
}

struct World {
  anechoic::testing::FakeClock clock;
  anechoic::testing::FakeResolver resolver;
  Lookups lookups{resolver, clock, {}};

  explicit World(const std::vector<std::pair<std::string, std::string>>& zone) {
    for (const auto& [at, text] : zone) {
      if (text == "A") {
        resolver.add_a(at, "192.0.2.1");
      } else {
        resolver.add_txt("_dmarc." + at, text);
      }
    }
  }
  Outcome evaluate(Question question) {
    std::optional<Outcome> done;
    start(dmarc::evaluate(lookups, std::move(question)), [&](Outcome outcome) { done = std::move(outcome); });
    while (resolver.open() > 0) resolver.answer_next();
    return std::move(done.value());
  }
};

std::vector<Authenticated> identifiers(const Strings& texts) {
  std::vector<Authenticated> out;
  for (const std::string& text : texts) {
    const bool temporary = text.starts_with('?');
    const bool failed = text.starts_with('!');
    out.push_back(
        {.domain = text.substr(temporary || failed ? 1 : 0), .passed = !temporary && !failed, .temporary = temporary});
  }
  return out;
}

Question question_of(const Case& one) {
  return {.from_domains = one.from, .spf = identifiers(one.spf), .dkim = identifiers(one.dkim)};
}

TEST(DmarcEvaluate, EveryRule) {
  const std::vector<Case> cases = read_cases();
  EXPECT_EQ(cases.size(), 63U);
  for (const bool later : {false, true}) {
    for (const Case& one : cases) {
      World world(one.zone);
      if (later) world.resolver.answer_later();
      const Outcome outcome = world.evaluate(question_of(one));
      Strings shown = {std::string(to_string(outcome.result)),
                       std::string(outcome.policy ? to_string(*outcome.policy) : ""), outcome.domain};
      if (outcome.spf_aligned) shown.emplace_back("spf");
      if (outcome.dkim_aligned) shown.emplace_back("dkim");
      if (shown.size() == 3) shown.emplace_back();
      EXPECT_EQ(shown, one.expected) << one.what << ": " << outcome.reason;
      EXPECT_EQ(outcome.reason.empty(), outcome.result == Result::Pass) << one.what << ": " << outcome.reason;
      EXPECT_EQ(outcome.record.empty(), outcome.domain.empty()) << one.what;
    }
  }
}

// Whichever look-up fails, the answer is the same or "could not be found out": nobody escapes a policy, or gets a pass,
// by an outage.
TEST(DmarcEvaluate, NoFailedLookupMakesAnotherAnswer) {
  std::size_t temporary = 0;
  for (const Case& one : read_cases()) {
    World whole(one.zone);
    const Outcome expected = whole.evaluate(question_of(one));
    for (const auth::Question& asked : whole.resolver.asked()) {
      for (const Found found : {Found::TemporaryFailure, Found::Timeout}) {
        World broken(one.zone);
        broken.resolver.fail_with(asked.name.to_string(), asked.type, found);
        const Outcome outcome = broken.evaluate(question_of(one));
        EXPECT_TRUE(outcome.result == expected.result || outcome.result == Result::TempError)
            << one.what << " without " << asked.name.to_string() << ": " << to_string(outcome.result);
        temporary += outcome.result == Result::TempError ? 1 : 0;
      }
    }
  }
  EXPECT_GT(temporary, 100U);
}

TEST(DmarcEvaluate, AFailureThatChangesNothingIsPassedOver) {
  const std::vector<std::pair<std::string, std::string>> zone = {{"mail.example.com", "v=DMARC1; p=reject"}};
  {
    World world(zone);
    world.resolver.fail_with("_dmarc.example.com", dns::Type::Txt, Found::Timeout);
    const Outcome outcome = world.evaluate({{"mail.example.com"}, {}, {{"mail.example.com", true}}});
    EXPECT_EQ(outcome.result, Result::Pass) << "identical names need no organisation: " << outcome.reason;
    EXPECT_EQ(outcome.organizational, "");
  }
  {
    World world(zone);
    world.resolver.fail_with("_dmarc.example.com", dns::Type::Txt, Found::Timeout);
    EXPECT_EQ(world.evaluate({{"mail.example.com"}, {{"example.net", true}}, {}}).result, Result::Fail);
    EXPECT_EQ(world.evaluate({{"mail.example.com"}, {{"example.com", true}}, {}}).result, Result::TempError);
  }
  World world(zone);
  world.resolver.fail_with("_dmarc.mail.example.com", dns::Type::Txt, Found::TemporaryFailure);
  const Outcome outcome = world.evaluate({{"mail.example.com"}, {}, {{"mail.example.com", true}}});
  EXPECT_EQ(outcome.result, Result::TempError) << "whether DMARC applies is not known";
  EXPECT_EQ(outcome.policy, std::nullopt);
}

TEST(DmarcEvaluate, AUsedUpBudgetIsAFailure) {
  World world({{"example.com", "v=DMARC1; p=reject"}});
  Lookups few(world.resolver, world.clock, {.queries = 1});
  std::optional<Outcome> done;
  start(evaluate(few, {{"mail.example.com"}, {}, {}}), [&](Outcome outcome) { done = std::move(outcome); });
  EXPECT_EQ(done.value().result, Result::TempError);
}

TEST(DmarcEvaluate, AHostileMessageAsksABoundedNumberOfQuestions) {
  World world({});
  std::string deep = "example.com";
  for (int i = 0; i < 60; ++i) deep.insert(0, "a.");
  Question question{.from_domains = {deep}, .spf = {{deep, true}}, .dkim = {}};
  for (int i = 0; i < 10; ++i) question.dkim.push_back({std::to_string(i) + "." + deep, true});
  (void)world.evaluate(std::move(question));
  EXPECT_LE(world.resolver.asked().size(), 8U) << "without a record nothing is aligned";

  World with({{"example.com", "v=DMARC1; p=reject"}});
  Question second{.from_domains = {deep}, .spf = {{"b." + deep, true}}, .dkim = {}};
  for (int i = 0; i < 10; ++i) second.dkim.push_back({std::to_string(i) + ".x.example.com", true});
  (void)with.evaluate(std::move(second));
  EXPECT_LE(with.resolver.asked().size(), 8U + 1U + 10U * 2U);
}

TEST(DmarcEvaluate, TellsWhatItRestsOn) {
  World world({{"example.com", "v=DMARC1; p=reject; sp=quarantine; np=reject; t=y"}});
  const Outcome outcome =
      world.evaluate({{"nowhere.example.com"}, {{"bounce.example.net", true}}, {{"list.example", true}}});
  EXPECT_EQ(outcome.from_domain, "nowhere.example.com");
  EXPECT_EQ(outcome.organizational, "example.com");
  EXPECT_EQ(outcome.published, Policy::Reject);
  EXPECT_EQ(outcome.policy, Policy::Quarantine);
  EXPECT_TRUE(outcome.testing);
  EXPECT_TRUE(outcome.nonexistent);
  EXPECT_EQ(outcome.record, "v=DMARC1; p=reject; sp=quarantine; np=reject; t=y");
  EXPECT_EQ(outcome.reason,
            "nothing that passed is aligned with nowhere.example.com: SPF passed for bounce.example.net, which is not "
            "aligned, DKIM passed for list.example, which is not aligned");
}

TEST(DmarcEvaluate, TheTextOfARecordIsBounded) {
  World world({{"example.com", "v=DMARC1; p=reject; x=" + std::string(60'000, 'y')}});
  EXPECT_EQ(world.evaluate({{"example.com"}, {}, {}}).record.size(), kMostRecordText);
}

TEST(DmarcOrganization, OfAName) {
  World world({{"example.com", "v=DMARC1; p=reject"}});
  const auto ask = [&](std::string domain) {
    std::optional<Organization> done;
    start(organizational_domain(world.lookups, std::move(domain)), [&](Organization found) { done = found; });
    return done.value();
  };
  EXPECT_EQ(ask("A.Mail.Example.com").domain, "example.com");
  EXPECT_EQ(ask("example.net").domain, "example.net");
  EXPECT_EQ(ask("not a name").domain, "");
  EXPECT_FALSE(ask("not a name").temporary);
  world.resolver.fail_with("_dmarc.org", dns::Type::Txt, Found::Timeout);
  EXPECT_TRUE(ask("example.org").temporary);
  EXPECT_EQ(ask("example.org").domain, "");
}

}  // namespace
}  // namespace anechoic::auth::dmarc
