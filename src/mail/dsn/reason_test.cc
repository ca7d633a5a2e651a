// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/reason.h"

#include <gtest/gtest.h>

#include "rules/reason_names.h"

namespace anechoic::mail::dsn {
namespace {

TEST(Reason, EveryNameReadsBack) {
  for (const rules::ReasonName& known : rules::kReason) {
    EXPECT_EQ(to_string(known.reason), known.name);
    EXPECT_EQ(reason_from(known.name), known.reason);
    EXPECT_FALSE(sisimai_name(known.reason).empty());
  }
  EXPECT_EQ(reason_from("no-such-reason"), std::nullopt);
}

TEST(Reason, WordsOfTheDocumentedVocabulary) {
  EXPECT_EQ(to_string(Reason::NoRelaying), "relay-denied");
  EXPECT_EQ(to_string(Reason::SystemError), "system");
  EXPECT_EQ(sisimai_name(Reason::Loop), "networkerror");
  EXPECT_EQ(sisimai_name(Reason::UserUnknown), "userunknown");
}

TEST(Reason, SisimaiWordsStandOnlyOnce) {
  for (const rules::ReasonName& a : rules::kReason) {
    for (const std::string_view also : a.sisimai_also) {
      for (const rules::ReasonName& b : rules::kReason) EXPECT_NE(b.sisimai, also) << "covered twice";
    }
  }
}

}  // namespace
}  // namespace anechoic::mail::dsn
