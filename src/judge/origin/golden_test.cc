// SPDX-License-Identifier: Apache-2.0
// The examples of testdata/*.txt, and that they and docs/origin.md leave no word out.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "judge/origin/act.h"

namespace anechoic::judge::origin {
namespace {

constexpr WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15}};

struct Case {
  std::string line;
  Evidence evidence{.next_hop_rewrites = false, .other_signer = false, .now = kNow};
  Situation situation;
  Settings settings{.enforce = true};
  std::string expected;
};

template <typename T>
using Words = std::map<std::string, T>;

template <typename T>
T one_of(const Words<T>& words, const std::string& word) {
  const auto found = words.find(word);
  if (found == words.end()) {
    ADD_FAILURE() << "no such value: " << word;
    return T{};
  }
  return found->second;
}

WallTime days_from_now(const std::string& days) {
  return kNow + std::chrono::days(std::stoi(days));
}

void set_value(Case& c, const std::string& key, const std::string& value) {
  const Words<std::function<void()>> setters{
      {"tag",
       [&] {
         c.evidence.tag = one_of<Tag>({{"none", Tag::None},
                                       {"good", Tag::Good},
                                       {"expired", Tag::Expired},
                                       {"bad", Tag::BadMac},
                                       {"unknown-key", Tag::UnknownKey},
                                       {"foreign", Tag::Foreign}},
                                      value);
       }},
      {"dkim",
       [&] {
         c.evidence.dkim.state = one_of<Dkim>({{"absent", Dkim::Absent},
                                               {"failed", Dkim::Failed},
                                               {"unavailable", Dkim::Unavailable},
                                               {"verified", Dkim::Verified}},
                                              value);
       }},
      {"watermark",
       [&] {
         c.evidence.watermark.state = one_of<Watermark>({{"absent", Watermark::Absent},
                                                         {"good", Watermark::Good},
                                                         {"expired", Watermark::Expired},
                                                         {"bad", Watermark::Bad},
                                                         {"unknown-key", Watermark::UnknownKey}},
                                                        value);
       }},
      {"ledger",
       [&] {
         c.evidence.ledger.state = one_of<Ledger>({{"found", Ledger::Found},
                                                   {"inside", Ledger::AbsentInside},
                                                   {"outside", Ledger::AbsentOutside},
                                                   {"unavailable", Ledger::Unavailable}},
                                                  value);
       }},
      {"spf",
       [&] {
         c.evidence.spf = one_of<RetroSpf>(
             {{"pass", RetroSpf::Pass}, {"fail", RetroSpf::Fail}, {"unknown", RetroSpf::Unknown}}, value);
       }},
      {"at",
       [&] {
         c.situation.stage =
             one_of<Stage>({{"rcpt", Stage::Rcpt}, {"data", Stage::DataCommand}, {"end", Stage::EndOfData}}, value);
       }},
      {"t", [&] { c.evidence.dkim.signed_at = days_from_now(value); }},
      {"x", [&] { c.evidence.dkim.expires = days_from_now(value); }},
      {"date", [&] { c.evidence.dkim.date = days_from_now(value); }},
  };
  const Words<Filing> filings{{"deliver", Filing::Deliver}, {"header", Filing::ByHeader}, {"folder", Filing::ToFolder}};
  if (key == "unknown") {
    c.settings.unknown = one_of(filings, value);
  } else if (key == "joe-unknown") {
    c.settings.unknown_in_joe_job = one_of(filings, value);
  } else {
    one_of(setters, key)();
  }
}

void set_flag(Case& c, const std::string& word) {
  const Words<bool*> flags{{"null", &c.evidence.null_sender},
                           {"phrases", &c.evidence.phrases_only},
                           {"author", &c.evidence.dkim.to_author},
                           {"wm-author", &c.evidence.watermark.to_author},
                           {"to-sender", &c.evidence.ledger.to_sender},
                           {"left-tagged", &c.evidence.ledger.left_tagged},
                           {"same-tag", &c.evidence.ledger.left_as_addressed},
                           {"identified", &c.evidence.identified},
                           {"rewrites", &c.evidence.next_hop_rewrites},
                           {"other-signer", &c.evidence.other_signer},
                           {"joe-job", &c.situation.joe_job},
                           {"role", &c.situation.role_account},
                           {"relay", &c.situation.trusted_relay},
                           {"allow-joe", &c.settings.joe_job_refuses_untagged},
                           {"allow-data", &c.settings.refuse_untagged_at_data}};
  if (word == "declared" || word == "contradicted") {
    c.evidence.all_tagged = word == "declared" ? AllTagged::Declared : AllTagged::Contradicted;
  } else if (bool* flag = one_of(flags, word)) {
    *flag = true;
  }
}

std::vector<Case> read(const std::string& name) {
  std::ifstream file(ANECHOIC_SOURCE_DIR "/src/judge/origin/testdata/" + name);
  EXPECT_TRUE(file) << name;
  std::vector<Case> cases;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    SCOPED_TRACE(line);
    Case c{.line = line, .situation = {}, .expected = {}};
    const std::size_t arrow = line.find("-> ");
    if (arrow == std::string::npos) {
      ADD_FAILURE() << "no arrow";
      continue;
    }
    c.expected = line.substr(arrow + 3);
    std::istringstream words(line.substr(0, arrow));
    std::string word;
    words >> word;
    c.evidence.kind = kind_from(word);
    EXPECT_EQ(c.evidence.kind.has_value(), word != "none");
    while (words >> word) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) {
        set_flag(c, word);
      } else {
        set_value(c, word.substr(0, equals), word.substr(equals + 1));
      }
    }
    cases.push_back(std::move(c));
  }
  return cases;
}

std::string to_line(const Judgement& judgement) {
  std::string line(to_string(judgement.origin));
  for (const Finding& finding : judgement.findings) {
    line += finding.bearing == Bearing::For ? " +" : finding.bearing == Bearing::Against ? " -" : " ";
    line += to_string(finding.reason);
  }
  for (const Contradiction& c : judgement.contradictions) {
    line += " !" + std::string(to_string(c.ours)) + "/" + std::string(to_string(c.other)) + (c.explained ? "" : "?");
  }
  return line;
}

TEST(OriginGolden, WeighsAsWritten) {
  std::set<Reason> seen;
  for (const Case& c : read("origin.txt")) {
    const Judgement judgement = weigh(c.evidence);
    EXPECT_EQ(to_line(judgement), c.expected) << c.line;
    for (const Finding& finding : judgement.findings) seen.insert(finding.reason);
  }
  for (std::size_t i = 0; i < kReasons; ++i) {
    EXPECT_TRUE(seen.contains(static_cast<Reason>(i))) << "no example of " << kReasonNames[i];
  }
}

TEST(OriginGolden, ActsAsWritten) {
  std::set<Rule> seen;
  for (Case& c : read("actions.txt")) {
    const Judgement judgement = weigh(c.evidence);
    const Decision enforced = act(c.evidence, judgement, c.situation, c.settings);
    EXPECT_EQ(std::string(to_string(enforced.enforcing)) + " " + std::string(to_string(enforced.rule)), c.expected)
        << c.line;
    EXPECT_EQ(enforced.action, enforced.enforcing) << c.line;
    EXPECT_EQ(enforced.text.empty(), enforced.enforcing != Action::Refuse) << c.line;

    c.settings.enforce = false;
    Decision observed = act(c.evidence, judgement, c.situation, c.settings);
    EXPECT_EQ(observed.action, Action::Accept) << c.line;
    observed.action = observed.enforcing;
    EXPECT_EQ(observed, enforced) << c.line;
    seen.insert(enforced.rule);
  }
  for (const Rule rule : kEveryRule) {
    EXPECT_TRUE(seen.contains(rule)) << "no example of " << to_string(rule);
  }
}

// Each refusal has a text of its own, fit for one reply line.
TEST(OriginGolden, RefusalsHaveTheirText) {
  std::set<std::string_view> texts;
  for (const Case& c : read("actions.txt")) {
    const std::string_view text = act(c.evidence, weigh(c.evidence), c.situation, c.settings).text;
    EXPECT_LE(text.size(), 400U);
    for (const char ch : text) EXPECT_TRUE(ch >= ' ' && ch <= '~');
    if (!text.empty()) texts.insert(text);
  }
  EXPECT_EQ(texts.size(), 5U);
}

TEST(OriginGolden, TheDocumentHasEveryWord) {
  std::ifstream file(ANECHOIC_SOURCE_DIR "/docs/origin.md");
  std::stringstream document;
  document << file.rdbuf();
  const auto has = [&](std::string_view word) {
    return document.str().find("`" + std::string(word) + "`") != std::string::npos;
  };
  for (const std::string_view name : kReasonNames) EXPECT_TRUE(has(name)) << name;
  for (const Rule rule : kEveryRule) EXPECT_TRUE(has(to_string(rule))) << to_string(rule);
}

TEST(Origin, NamesTheProofsItRestsOn) {
  Evidence evidence{.tag = Tag::Good,
                    .dkim = {.state = Dkim::Verified, .signed_at = kNow, .to_author = true},
                    .spf = RetroSpf::Fail,
                    .now = kNow};
  EXPECT_EQ(weigh(evidence).by(), (std::vector{Source::Batv, Source::Dkim}));
  evidence.tag = Tag::NotAsked;
  evidence.dkim = {};
  EXPECT_TRUE(weigh(evidence).by().empty());
}

TEST(Origin, TimesAtTheirEndsAreTaken) {
  for (const WallTime time : {WallTime::min(), WallTime::max()}) {
    Evidence evidence{.dkim = {.state = Dkim::Verified, .signed_at = time, .expires = time, .to_author = true},
                      .now = kNow};
    EXPECT_TRUE(weigh(evidence).has(Reason::DkimOutOfTime));
  }
}

}  // namespace
}  // namespace anechoic::judge::origin
