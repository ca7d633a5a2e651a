// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/fold.h"

#include <gtest/gtest.h>

#include "judge/kind/text_evidence.h"

namespace anechoic::judge {
namespace {

struct FoldCase {
  std::string_view in;
  std::string_view out;
};

TEST(Fold, MakesTextComparable) {
  const FoldCase table[] = {
      {"Out of  Office:\r\n\tBob", "out of office: bob"},
      {"Réponse automatique", "reponse automatique"},
      {"Re\u0301ponse", "reponse"},  // decomposed
      {"ÄÖÜ äöü ß Łódź Œuvre Ærø", "aou aou s lodz ouvre aro"},
      {"İstanbul ISPARTA ı", "istanbul isparta i"},
      {"Αυτόματη ΑΠΆΝΤΗΣΗ ς", "αυτοματη απαντηση σ"},
      {"АВТОМАТИЧЕСКИЙ Ёлка Їжак", "автоматическии елка іжак"},
      {"自動 応答\n自動", "自動応答自動"},
      {"ＡＢＣ：１", "abc:1"},
      {"자동 회신", "자동 회신"},
      {"it\u2019s \u201Cso\u201D \u2013 ok\u00A0now", "it's \"so\" - ok now"},
      {"a\u200Bb\u00ADc", "abc"},
      {"Trả lời tự động", "tra loi tu dong"},
      {"bad \xFF\xC3 end", "bad end"},
      {"\xE2\x82", ""},
      {"", ""},
  };
  for (const FoldCase& one : table) EXPECT_EQ(fold(one.in), one.out) << one.in;
}

TEST(Fold, KeepsTheLimit) {
  const std::string text(10'000, 'a');
  EXPECT_LE(fold(text, 100).size(), 104U);
  std::string wide;
  for (int i = 0; i < 1000; ++i) wide += "語";
  EXPECT_LE(fold(wide, 100).size(), 104U);
}

TEST(OwnWords, EndAtAMarkAndLeaveQuotesOut) {
  std::string out;
  EXPECT_TRUE(fold_own_words("Hello\n> quoted\n  > too\nbye\n-----Original Message-----\nnot mine\n", 1000, out));
  EXPECT_EQ(out, " hello bye ");
  out.clear();
  EXPECT_FALSE(fold_own_words("a ---- b\n-- \nsignature", 1000, out));
  EXPECT_EQ(out, " a ---- b -- signature ");
  out.clear();
  EXPECT_TRUE(fold_own_words("a\n--- Below this line is a copy of the message.\nb", 1000, out));
  EXPECT_EQ(out, " a ");
  out.clear();
  EXPECT_TRUE(fold_own_words("-------- Weitergeleitete Nachricht --------\nb", 1000, out));
  EXPECT_EQ(out, " ");
}

}  // namespace
}  // namespace anechoic::judge
