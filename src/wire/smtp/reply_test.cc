// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/reply.h"

#include <gtest/gtest.h>

#include <array>

#include "base/limits.h"

namespace anechoic::smtp {
namespace {

TEST(Reply, IsWrittenAsRfc5321Says) {
  EXPECT_EQ(to_wire({250, {2, 0, 0}, "Ok"}), "250 2.0.0 Ok\r\n");
  EXPECT_EQ(to_wire({220, {}, "mx ESMTP"}), "220 mx ESMTP\r\n");
  EXPECT_EQ(to_wire({550, {5, 1, 1}, "one\ntwo"}), "550-5.1.1 one\r\n550 5.1.1 two\r\n");
  EXPECT_EQ(to_wire({550, {5, 1, 1}, "one\n"}), "550 5.1.1 one\r\n");
  EXPECT_EQ(to_wire({550, {5, 1, 1}, ""}), "550 5.1.1\r\n");
  EXPECT_EQ(to_wire({354, {}, ""}), "354 \r\n");
}

TEST(Reply, CarriesNoControlsAndNoStrayOctets) {
  EXPECT_EQ(to_wire({250, {}, "a\r\x01\x7F\xC3\xA9"}), "250 a?????\r\n");
  EXPECT_EQ(to_wire({250, {}, "a\xC3\xA9"}, true), "250 a\xC3\xA9\r\n");
  EXPECT_EQ(to_wire({250, {}, "a\xC3"}, true), "250 a?\r\n");
}

TEST(Reply, PartsLongLines) {
  for (const bool blanks : {false, true}) {
    std::string text;
    for (int i = 0; i < 3000; ++i) text += blanks && i % 10 == 9 ? ' ' : 'x';
    const std::string wire = to_wire({550, {5, 100, 100}, text});
    std::string joined;
    for (std::string_view rest = wire; !rest.empty();) {
      const std::size_t end = rest.find("\r\n") + 2;
      ASSERT_LE(end, limits::kReplyLine);
      EXPECT_EQ(rest[3], end == rest.size() ? ' ' : '-');
      joined += rest.substr(sizeof("550-5.100.100 ") - 1, end - 2 - (sizeof("550-5.100.100 ") - 1));
      rest.remove_prefix(end);
    }
    EXPECT_EQ(joined, text);
  }
}

TEST(Reply, IsOneLineForLogs) {
  EXPECT_EQ(to_string(Reply{550, {5, 1, 1}, "one\ntwo\n"}), "550 5.1.1 one / two");
  EXPECT_EQ(to_string(Reply{250, {}, ""}), "250");
  EXPECT_EQ(to_string(Reply{250, {}, "a\rb\xFF"}), "250 a?b?");
}

TEST(Reply, IsSanitised) {
  struct Case {
    Reply from;
    Reply to;
  };
  for (const Case& c : std::to_array<Case>({
           {{550, {5, 1, 1}, "no such user"}, {550, {5, 1, 1}, "no such user"}},
           {{250, {}, ""}, {250, {2, 0, 0}, "Ok"}},
           {{299, {}, "x"}, {250, {2, 0, 0}, "x"}},
           {{334, {}, "x"}, {354, {}, "x"}},
           {{471, {}, "x"}, {451, {4, 3, 0}, "x"}},
           {{535, {5, 7, 8}, "x"}, {554, {5, 7, 8}, "x"}},
           {{421, {4, 3, 2}, "bye"}, {451, {4, 3, 2}, "bye"}},
           {{550, {2, 1, 1}, "x"}, {550, {5, 0, 0}, "x"}},
           {{0, {}, ""}, {451, {4, 3, 0}, "Try again later"}},
           {{999, {}, "x"}, {451, {4, 3, 0}, "x"}},
           {{550, {5, 1, 1}, "\x01 a\r\tb \n\n c"}, {550, {5, 1, 1}, "ab\nc"}},
           {{550, {5, 1, 1}, "1\n2\n3\n4\n5\n6"}, {550, {5, 1, 1}, "1\n2\n3\n4\n5"}},
           {{550, {5, 1, 1}, std::string(900, 'x')}, {550, {5, 1, 1}, std::string(400, 'x')}},
       })) {
    EXPECT_EQ(sanitise(c.from), c.to) << to_string(c.from);
  }
}

TEST(Reply, HasAnEnhancedCodeForEachBasicOne) {
  EXPECT_EQ(default_enhanced(250), (EnhancedCode{2, 0, 0}));
  EXPECT_EQ(default_enhanced(354), EnhancedCode{});
  EXPECT_EQ(default_enhanced(451), (EnhancedCode{4, 3, 0}));
  EXPECT_EQ(default_enhanced(500), (EnhancedCode{5, 5, 2}));
  EXPECT_EQ(default_enhanced(550), (EnhancedCode{5, 0, 0}));
}

TEST(EnhancedCode, IsReadWholeOrNotAtAll) {
  EXPECT_EQ(parse_enhanced("5.1.1"), (EnhancedCode{5, 1, 1}));
  EXPECT_EQ(parse_enhanced("4.999.0"), (EnhancedCode{4, 999, 0}));
  for (const auto* bad : {"", "5", "5.1", "5.1.", "5..1", "3.1.1", "5.1.1 ", "5.1.1.1", "5.1000.1", "5.01.1", "55.1.1",
                          "5.-1.1", "a.b.c", "0.0.0"}) {
    EXPECT_FALSE(parse_enhanced(bad)) << bad;
  }
}

}  // namespace
}  // namespace anechoic::smtp
