// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/phrases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "judge/kind/fold.h"
#include "rules/phrases.h"

namespace anechoic::judge {
namespace {

using ::testing::Contains;
using ::testing::Field;

TEST(Phrases, EachIsFoundWhereItBelongs) {
  const Phrases phrases;
  for (const auto& rule : rules::phrases::kPhrase) {
    for (const std::string_view text : rule.texts) {
      const std::string folded = ' ' + fold(text) + ' ';
      const auto hits = rule.where == PhraseWhere::Text ? phrases.in_text(folded)
                                                        : phrases.in_subject(Phrases::kSubjectMark + folded);
      EXPECT_THAT(hits,
                  Contains(::testing::AllOf(Field(&PhraseHit::signal, rule.signal), Field(&PhraseHit::text, text))))
          << text;
    }
  }
}

TEST(Phrases, DataIsWellFormed) {
  std::set<std::tuple<SignalId, PhraseWhere, std::string>> known;
  for (const auto& rule : rules::phrases::kPhrase) {
    EXPECT_GE(rule.signal, SignalId::PhraseDsn);
    EXPECT_LE(rule.signal, SignalId::PhraseLure);
    EXPECT_GE(rule.weight, 1);
    EXPECT_LE(rule.weight, 3);
    EXPECT_EQ(rule.language.size(), 2U);
    for (const std::string_view text : rule.texts) {
      const std::string folded = fold(text);
      EXPECT_GE(folded.size(), rule.where == PhraseWhere::Text ? 4U : 3U) << text;
      EXPECT_LE(folded.size(), 160U) << text << ": longer than what sections overlap";
    }
  }
}

TEST(Phrases, AreInAtLeastSixteenLanguages) {
  std::map<SignalId, std::set<std::string_view>> languages;
  for (const auto& rule : rules::phrases::kPhrase) languages[rule.signal].insert(rule.language);
  for (const SignalId id : {SignalId::PhraseDsn, SignalId::PhraseAutoReply, SignalId::PhraseChallenge,
                            SignalId::PhraseVirusNotice, SignalId::PhraseSubscriptionConfirm})
    EXPECT_GE(languages[id].size(), 16U) << to_string(id);
}

TEST(Phrases, TheSameWordsOfTwoLanguagesCountOnce) {
  const Phrases phrases;
  const auto hits = phrases.in_subject("\x01 resposta automatica: almoco ");
  int first = 0;
  int twins = 0;
  for (const PhraseHit& hit : hits) {
    if (fold(hit.text) == "resposta automatica") ++(hit.twin ? twins : first);
  }
  EXPECT_EQ(first, 1);
  EXPECT_GE(twins, 1);
}

TEST(Phrases, EachIsFoundOnceInALongText) {
  const Phrases phrases;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += " this is an automatic reply";
  const auto hits = phrases.in_text(text);
  EXPECT_EQ(std::ranges::count(hits, "this is an automatic reply", &PhraseHit::text), 1);
}

TEST(Phrases, SubjectStartIsTheStart) {
  const Phrases phrases;
  EXPECT_FALSE(phrases.in_subject("\x01 automatic reply: lunch ").empty());
  for (const PhraseHit& hit : phrases.in_subject(" re: automatic response ")) EXPECT_NE(hit.weight, 3) << hit.text;
}

}  // namespace
}  // namespace anechoic::judge
