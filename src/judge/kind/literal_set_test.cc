// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/literal_set.h"

#include <gtest/gtest.h>

#include <random>

namespace anechoic::judge {
namespace {

LiteralSet set_of(const std::vector<std::string>& literals) {
  LiteralSet set;
  for (const std::string& literal : literals) set.add(literal);
  set.compile();
  return set;
}

using Numbers = std::vector<std::size_t>;

TEST(LiteralSet, FindsEachOnceWhereverItStands) {
  const LiteralSet set =
      set_of({"out of the office", "office", "no", "user unknown", "\xE9\x80\x80\xE4\xBF\xA1", "unknown"});
  EXPECT_EQ(set.find("i am out of the office, office"), (Numbers{0, 1}));
  EXPECT_EQ(set.find("user unknown"), (Numbers{2, 3, 5}));
  EXPECT_EQ(set.find("x\xE9\x80\x80\xE4\xBF\xA1"), (Numbers{4}));
  EXPECT_EQ(set.find("out of the offic"), Numbers{});
  EXPECT_EQ(set.find("no"), (Numbers{2}));
  EXPECT_EQ(set.find(""), Numbers{});
  EXPECT_EQ(set_of({}).find("anything"), Numbers{});
}

TEST(LiteralSet, FindsWhatASlowSearchFinds) {
  std::mt19937 dice(3834);
  const auto word = [&](std::size_t longest) {
    std::string out(1 + dice() % longest, ' ');
    for (char& c : out) c = static_cast<char>('a' + dice() % 3);
    return out;
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> literals;
    for (int i = 0; i < 200; ++i) literals.push_back(word(9));
    const LiteralSet set = set_of(literals);
    for (int i = 0; i < 20; ++i) {
      const std::string text = word(60);
      Numbers slow;
      for (std::size_t n = 0; n < literals.size(); ++n) {
        if (text.contains(literals[n])) slow.push_back(n);
      }
      EXPECT_EQ(set.find(text), slow);
    }
  }
}

}  // namespace
}  // namespace anechoic::judge
