// SPDX-License-Identifier: Apache-2.0
#include "mail/phrase_match.h"

#include <gtest/gtest.h>

#include "rules/bounce_reasons.h"

namespace anechoic::mail {
namespace {

using dsn::rules::kPhraseTable;

TEST(PhraseMatch, EveryPhraseIsFoundWhereItStands) {
  for (std::size_t i = 0; i < kPhraseTable.phrases.size(); ++i) {
    const std::string text = "x " + std::string(kPhraseTable.phrases[i].text) + " y";
    PhraseHits hits(kPhraseTable);
    hits.look_in(fold(text));
    EXPECT_TRUE(hits.has(static_cast<std::uint16_t>(i))) << kPhraseTable.phrases[i].text;
  }
}

TEST(PhraseMatch, CutPhrasesAreNotFound) {
  for (std::size_t i = 0; i < kPhraseTable.phrases.size(); ++i) {
    const std::string_view text = kPhraseTable.phrases[i].text;
    PhraseHits hits(kPhraseTable);
    hits.look_in(text.substr(1));
    hits.look_in(text.substr(0, text.size() - 1));
    EXPECT_FALSE(hits.has(static_cast<std::uint16_t>(i))) << text;
  }
}

TEST(PhraseMatch, BlanksAreOne) {
  EXPECT_EQ(join_blanks("a  b\r\n\tc "), "a b c ");
  EXPECT_EQ(join_blanks("\n\n"), " ");
  EXPECT_EQ(join_blanks(""), "");
}

TEST(PhraseMatch, FoldKeepsTheLength) {
  EXPECT_EQ(fold("ABC xyz"), "abc xyz");
  EXPECT_EQ(fold("ÄÖÜß É Ñ Å Ø"), "äöüß é ñ å ø");
  EXPECT_EQ(fold("ПОЧТА Ё"), "почта ё");
  EXPECT_EQ(fold("ΑΠΟΤΥΧΊΑ"), "αποτυχία");
  EXPECT_EQ(fold("ŁÓDŹ ČŽ Ő"), "łódź čž ő");
  EXPECT_EQ(fold("配信できません"), "配信できません");
  for (const std::string_view odd : {"\xC3", "\xC3\x28", "\xFF\xFE", "İ", "ẞ"}) EXPECT_EQ(fold(odd).size(), odd.size());
}

}  // namespace
}  // namespace anechoic::mail
