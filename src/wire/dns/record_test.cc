// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/record.h"

#include <gtest/gtest.h>

namespace anechoic::dns {
namespace {

using namespace std::string_literals;

TEST(DnsRecord, IsRead) {
  EXPECT_EQ(parse_rdata(Type::A, "\xc0\0\x02\x01"s).value(), Rdata(ip::parse_address("192.0.2.1").value()));
  EXPECT_EQ(parse_rdata(Type::Aaaa, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"s).value(),
            Rdata(ip::parse_address("2001:db8::1").value()));
  EXPECT_EQ(parse_rdata(Type::Mx, "\0\x0a\4mail\0"s).value(), Rdata(Mx{10, Name::parse("mail").value()}));
  EXPECT_EQ(parse_rdata(Type::Mx, "\0\0\0"s).value(), Rdata(Mx{0, Name()}));
  EXPECT_EQ(parse_rdata(Type::Txt, "\3one\0\4 two"s).value(), Rdata(Txt{"one two"}));
  EXPECT_EQ(parse_rdata(Type::Txt, "").value(), Rdata(Txt{""}));
  EXPECT_EQ(parse_rdata(Type::Ptr, "\1a\0"s).value(), Rdata(Name::parse("a").value()));
}

TEST(DnsRecord, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_rdata(Type::A, "\1\2\3"));
  EXPECT_FALSE(parse_rdata(Type::Aaaa, "\1\2\3\4"));
  EXPECT_FALSE(parse_rdata(Type::Mx, "\0\1"s));
  EXPECT_FALSE(parse_rdata(Type::Txt, "\5abc"));
  EXPECT_FALSE(parse_rdata(Type::Ptr, "\3a\0"s));
  EXPECT_FALSE(parse_rdata(Type::Soa, "\0"s));
}

}  // namespace
}  // namespace anechoic::dns
