// SPDX-License-Identifier: Apache-2.0
#include "observe/escape.h"

#include <gtest/gtest.h>

namespace anechoic::observe {
namespace {

TEST(Printable, KeepsWhatPeopleReadAndNothingElse) {
  for (const auto& [text, shown] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"Grüße, 東京 \"ok\"", "Grüße, 東京 \"ok\""},
           {"a\x1b[31m\n\x7f", "a\\x1b[31m\\n\\x7f"},
           {"gpj.\u202Eexe", "gpj.\\xe2\\x80\\xaeexe"},
           {"\u2066x\u2069\u200F", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9\\xe2\\x80\\x8f"},
           {"\xc2\x9b", "\\xc2\\x9b"},
           {"\xfc\xc3", "\\xfc\\xc3"},
           {"back\\slash", "back\\\\slash"},
           {"\U0001F600", "\U0001F600"}}) {
    EXPECT_EQ(printable(text), shown);
  }
}

}  // namespace
}  // namespace anechoic::observe
