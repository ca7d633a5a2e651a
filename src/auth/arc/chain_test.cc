// SPDX-License-Identifier: Apache-2.0
#include "auth/arc/chain.h"

#include <gtest/gtest.h>

namespace anechoic::auth::arc {
namespace {

TEST(ArcInstance, StandsInFrontOfResults) {
  struct Row {
    std::string_view value;
    unsigned number;
    std::string_view rest;
  };
  for (const Row& row : {Row{" i=1; a.example; spf=pass", 1, " a.example; spf=pass"}, Row{"i=50;", 50, ""},
                         Row{"\r\n i = 12 ;x", 12, "x"}, Row{"(a (b) \\) c) i (d)=(e)7(f);x", 7, "x"}}) {
    const auto instance = results_instance(row.value);
    ASSERT_TRUE(instance) << row.value;
    EXPECT_EQ(instance->number, row.number);
    EXPECT_EQ(instance->rest, row.rest);
  }
  for (const std::string_view value :
       {"", "i", "i=", "i=1", "i=1 a.example;", "i=0;", "i=51;", "i=01;", "i=123;", "I=1;", "a.example; i=1;", "i=-1;",
        "(i=1;", "i=1(;", "i==1;", "ii=1;", "i=1x;"}) {
    EXPECT_FALSE(results_instance(value)) << value;
  }
}

TEST(ArcChain, OfNothingIsNotThere) {
  EXPECT_FALSE(read_chain(mail::HeaderBlock()).there);
  EXPECT_FALSE(read_chain(mail::HeaderBlock::parse_message("ARC-Other: x\r\nFrom: a\r\n\r\n")).there);
  const Chain broken = read_chain(mail::HeaderBlock::parse_message("ARC-Seal: i=1; cv=none\r\n\r\n"));
  EXPECT_TRUE(broken.there);
  EXPECT_TRUE(broken.sets.empty());
  EXPECT_EQ(broken.wrong, "set 1 is not complete");
}

}  // namespace
}  // namespace anechoic::auth::arc
