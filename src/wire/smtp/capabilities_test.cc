// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/capabilities.h"

#include <gtest/gtest.h>

namespace anechoic::smtp {
namespace {

TEST(Capabilities, AreReadFromTheLinesBehindTheFirst) {
  Capabilities all;
  all.size = 52428800;
  all.pipelining = all.eightbitmime = all.smtputf8 = all.starttls = all.enhanced_codes = all.xclient = all.dsn = true;
  all.xforward = "NAME ADDR";
  EXPECT_EQ(parse_capabilities("mx hello\nPipelining\nSIZE 52428800\n8BITMIME\nSMTPUTF8\nstarttls\nENHANCEDSTATUSCODES"
                               "\nXCLIENT NAME\nXFORWARD name  ADDR\nCHUNKING\nDSN\nX-UNKNOWN a b"),
            all);
  EXPECT_EQ(parse_capabilities("PIPELINING"), Capabilities{}) << "the first line is a name";
  EXPECT_EQ(parse_capabilities(""), Capabilities{});
  EXPECT_EQ(parse_capabilities("mx\n\n \nPIPELININGX\nPIPELINE\nSIZE=5"), Capabilities{});
}

TEST(Capabilities, SizesThatCannotBeReadAreOfferedWithoutANumber) {
  for (const std::string_view line :
       {"mx\nSIZE", "mx\nSIZE ", "mx\nSIZE x", "mx\nSIZE 5x", "mx\nSIZE -1", "mx\nSIZE 99999999999999999999999"}) {
    EXPECT_EQ(parse_capabilities(line).size, std::optional<std::uint64_t>(0)) << line;
  }
  EXPECT_EQ(parse_capabilities("mx\nSIZE 7 ").size, std::optional<std::uint64_t>(7));
}

TEST(Capabilities, AttributesAreWholeWords) {
  EXPECT_TRUE(has_attribute("NAME ADDR", "ADDR"));
  EXPECT_FALSE(has_attribute("NAME ADDRX", "ADDR"));
  EXPECT_FALSE(has_attribute("", "ADDR"));
}

}  // namespace
}  // namespace anechoic::smtp
