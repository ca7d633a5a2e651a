// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/xclient.h"

#include <gtest/gtest.h>

#include "wire/smtp/xtext.h"

namespace anechoic::smtp {
namespace {

TEST(Xtext, DecodesWhatItEncodes) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(decode_xtext(encode_xtext(all)), all);
  EXPECT_EQ(encode_xtext("a+b=c d\xE9"), "a+2Bb+3Dc+20d+E9");
  EXPECT_EQ(decode_xtext("+2b"), "+");
  for (const auto* bad : {"+", "+2", "+2G", "a=b", "a b", "\x80", "a\x01"}) EXPECT_FALSE(decode_xtext(bad)) << bad;
}

TEST(Xclient, ReadsAllAttributes) {
  const auto identity = parse_identity(
      " NAME=spike.example  ADDR=IPV6:2001:DB8::1 port=4711 PROTO=esmtp HELO=a+20b LOGIN=u+40v "
      "DESTADDR=192.0.2.9 DESTPORT=25",
      IdentityCommand::Xclient);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->name, "spike.example");
  EXPECT_EQ(identity->addr, "2001:db8::1");
  EXPECT_EQ(identity->port, 4711);
  EXPECT_EQ(identity->proto, "ESMTP");
  EXPECT_EQ(identity->helo, "a b");
  EXPECT_EQ(identity->login, "u@v");
  EXPECT_FALSE(identity->ident);
}

TEST(Xclient, KeepsWhatIsUnavailable) {
  const auto identity = parse_identity("NAME=[TEMPUNAVAIL] ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE] HELO=[UNAVAILABLE]",
                                       IdentityCommand::Xforward);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->name, "[TEMPUNAVAIL]");
  EXPECT_EQ(identity->addr, "");
  EXPECT_FALSE(identity->port);
  EXPECT_EQ(identity->helo, "");
  EXPECT_EQ(parse_identity("NAME=", IdentityCommand::Xforward)->name, "[UNAVAILABLE]");
}

TEST(Xclient, RefusesWhatIsWrong) {
  for (const std::string& bad :
       {std::string("NAME"), std::string(""), std::string("ADDR=1.2.3"), std::string("ADDR=2001:db8::1"),
        std::string("ADDR=IPV6:192.0.2.1"), std::string("PORT=65536"), std::string("PROTO=LMTP"),
        std::string("HELO=+0D+0AMAIL"), std::string("HELO=+00"), std::string("HELO=+FF"), std::string("COLOUR=red"),
        std::string("IDENT=x"), "HELO=" + std::string(256, 'x')}) {
    EXPECT_FALSE(parse_identity(bad, IdentityCommand::Xclient)) << bad;
  }
  for (const auto* bad : {"LOGIN=u", "DESTADDR=192.0.2.1", "SOURCE=MARS"}) {
    EXPECT_FALSE(parse_identity(bad, IdentityCommand::Xforward)) << bad;
  }
  EXPECT_EQ(parse_identity("SOURCE=local IDENT=1", IdentityCommand::Xforward)->source, "LOCAL");
}

TEST(Xclient, MergesWhatIsSaid) {
  Identity identity;
  merge(identity, *parse_identity("NAME=a ADDR=192.0.2.1", IdentityCommand::Xforward));
  merge(identity, *parse_identity("NAME=b HELO=c", IdentityCommand::Xforward));
  EXPECT_EQ(identity.name, "b");
  EXPECT_EQ(identity.addr, "192.0.2.1");
  EXPECT_EQ(identity.helo, "c");
}

}  // namespace
}  // namespace anechoic::smtp
