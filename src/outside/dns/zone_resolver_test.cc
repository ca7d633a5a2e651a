// SPDX-License-Identifier: Apache-2.0
#include "outside/dns/zone_resolver.h"

#include <gtest/gtest.h>

namespace anechoic::dns {
namespace {

using auth::Found;

TEST(ZoneResolver, AnswersAtOnceWhatTheZoneSays) {
  Zone zone;
  const auto name = [](std::string_view text) { return Name::parse(text).value(); };
  ASSERT_TRUE(zone.add(name("a.example"), Type::Txt, Txt{"one"}, std::chrono::seconds(7)));
  ASSERT_TRUE(zone.add(name("a.example"), Type::Txt, Txt{"two"}, std::chrono::seconds(9)));
  ASSERT_TRUE(zone.add(name("alias.example"), Type::Cname, name("a.example")));
  zone.add_failure(name("slow.example"), Zone::Failure::Timeout);
  zone.add_failure(name("bad.example"), Zone::Failure::ServFail);
  ZoneResolver resolver(zone);
  const auto ask = [&](std::string_view of, Type type) {
    auth::SharedAnswer got;
    resolver.resolve({name(of), type}, SteadyTime{}, [&](auth::SharedAnswer answer) { got = std::move(answer); });
    return got ? *got : auth::Answer{.records = {}, .detail = "not called back"};
  };
  EXPECT_EQ(ask("alias.example", Type::Txt).found, Found::Records);
  EXPECT_EQ(ask("alias.example", Type::Txt).records, (std::vector<Rdata>{Txt{"one"}, Txt{"two"}}));
  EXPECT_EQ(ask("a.example", Type::Txt).ttl, std::chrono::seconds(7));
  EXPECT_EQ(ask("a.example", Type::A).found, Found::NoRecords);
  EXPECT_EQ(ask("b.example", Type::A).found, Found::NoSuchName);
  EXPECT_EQ(ask("slow.example", Type::A).found, Found::Timeout);
  EXPECT_EQ(ask("bad.example", Type::A).found, Found::TemporaryFailure);
  EXPECT_FALSE(ask("bad.example", Type::A).detail.empty());
}

}  // namespace
}  // namespace anechoic::dns
