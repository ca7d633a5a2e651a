// SPDX-License-Identifier: Apache-2.0
#include "mail/tags/batv.h"

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::from;
using anechoic::testing::noon;
using anechoic::testing::tag_key;
using anechoic::testing::tag_ring;

constexpr int kToday = 20000;

const KeyRing& ring() {
  static const KeyRing kRing = tag_ring(tag_key(0, "secret"));
  return kRing;
}

Day day(int number) {
  return Day{std::chrono::days{number}};
}

// A tagged local part as a third party would write it.
std::string tag_for(std::string_view address, int expiry = kToday + 14, unsigned key = 0) {
  return batv_tag(crypto::Secret("secret"), key, day(expiry), address);
}

TEST(Batv, ComputesTheTag) {
  EXPECT_EQ(batv_tag(crypto::Secret("secret"), 0, day(123), "joe@example.com"), "0123fd6a98");
  EXPECT_EQ(batv_tag(crypto::Secret("secret"), 0, day(20123), "joe@example.com"), "0123fd6a98");
  EXPECT_EQ(batv_tag(crypto::Secret("secret"), 0, day(-877), "joe@example.com"), "0123fd6a98");
}

TEST(Batv, WritesTheWholeAddressInLowerCase) {
  const Batv batv(ring(), {});
  const auto tagged = batv.tag(from("Joe.Doe"), noon(kToday));
  ASSERT_TRUE(tagged);
  EXPECT_EQ(to_string(*tagged), "prvs=" + tag_for("joe.doe@example.com") + "=joe.doe@example.com");
  const BatvReading reading = batv.verify(*tagged, noon(kToday));
  EXPECT_EQ(reading.state, TagState::Good);
  EXPECT_EQ(reading.key, 0U);
  EXPECT_EQ(reading.expiry, day(kToday + 14));
  EXPECT_EQ(reading.local, "joe.doe");
  EXPECT_EQ(reading.form, BatvForm::Prvs);
}

TEST(Batv, WritesSubAddresses) {
  const Batv batv(ring(), {.write = BatvForm::SubAddress, .sub_address_delimiter = '-'});
  const auto tagged = batv.tag(from("joe-list"), noon(kToday));
  ASSERT_TRUE(tagged);
  EXPECT_EQ(tagged->local, "joe-list-prvs=" + tag_for("joe-list@example.com"));
  EXPECT_EQ(batv.verify(*tagged, noon(kToday)).local, "joe-list");
  EXPECT_EQ(Batv(ring(), {.sub_address_delimiter = '+'}).verify(*tagged, noon(kToday)).state, TagState::NotTagged);
  EXPECT_EQ(Batv(ring(), {.sub_address_delimiter = '\0'}).verify(*tagged, noon(kToday)).state, TagState::NotTagged);
}

TEST(Batv, ReadsEveryForm) {
  const std::string tag = tag_for("joe@example.com");
  struct Case {
    std::string local;
    BatvForm form;
  };
  const Case cases[] = {
      {"prvs=" + tag + "=joe", BatvForm::Prvs},
      {"prvs=joe=" + tag, BatvForm::PrvsTagLast},
      {"prvs=joe/" + tag, BatvForm::PrvsSlash},
      {"joe+prvs=" + tag, BatvForm::SubAddress},
  };
  const Batv batv(ring(), {});
  for (const Case& each : cases) {
    for (const std::string& spelling : {each.local, ascii::lower(each.local)}) {
      const BatvReading reading = batv.verify(spelling, "example.com", noon(kToday));
      EXPECT_EQ(reading.state, TagState::Good) << spelling;
      EXPECT_EQ(reading.form, each.form) << spelling;
      EXPECT_EQ(reading.local, "joe");
    }
    std::string upper = each.local;
    for (char& c : upper) c = ascii::to_upper(c);
    const BatvReading reading = batv.verify(upper, "EXAMPLE.com", noon(kToday));
    EXPECT_EQ(reading.state, TagState::Good) << upper;
    EXPECT_EQ(reading.local, "JOE");
  }
}

TEST(Batv, VerifiesAddressesSignedAsTheyCame) {
  const Batv batv(ring(), {});
  const std::string local = "prvs=" + tag_for("Joe@Example.COM") + "=Joe";
  EXPECT_EQ(batv.verify(local, "Example.COM", noon(kToday)).state, TagState::Good);
  EXPECT_EQ(batv.verify(local, "example.com", noon(kToday)).state, TagState::BadMac);
  // What is left of Joe@Example.COM when a domain was lower-cased on the way, as Mailbox does.
  EXPECT_EQ(batv.verify("prvs=" + tag_for("Joe@example.com") + "=Joe", "Example.COM", noon(kToday)).state,
            TagState::Good);
}

TEST(Batv, ReadsOriginalsThatLookLikeTags) {
  const Batv batv(ring(), {});
  const std::string inner = "0123abcdef";
  for (const std::string& original : {inner, "x=" + inner, "a/" + inner, std::string("a=b"), "x+prvs=" + inner}) {
    std::string address = original;
    address += "@example.com";
    std::string local = "prvs=";
    local += tag_for(address) + "=";
    local += original;
    const BatvReading reading = batv.verify(local, "example.com", noon(kToday));
    EXPECT_EQ(reading.state, TagState::Good) << local;
    EXPECT_EQ(reading.local, original);
  }
  const std::string last = "prvs=" + inner + "=" + tag_for(inner + "@example.com");
  EXPECT_EQ(batv.verify(last, "example.com", noon(kToday)).form, BatvForm::PrvsTagLast);
}

TEST(Batv, LeavesTheRestAlone) {
  const Batv batv(ring(), {});
  for (const std::string_view local :
       {"", "joe", "prvs=", "prvs=joe", "prvs", "prvs=0123fd6a98", "prvs=0123fd6a98=", "prvs==0123fd6a98",
        "prvs=0123fd6a9=joe", "prvs=0123fd6a988=joe", "prvs=0123fd6a9g=joe", "prvs=012afd6a98=joe", "+prvs=0123fd6a98",
        "prvs/0123fd6a98=joe", "xprvs=0123fd6a98=joe", "prvs=joe:0123fd6a98", "prvs=4068eb254=joe"}) {
    EXPECT_EQ(batv.verify(local, "example.com", noon(kToday)).state, TagState::NotTagged) << local;
  }
}

TEST(Batv, TellsWhyAnAddressStaysUntagged) {
  const Batv batv(ring(), {});
  const auto why = [&](const ReversePath& sender) {
    const auto tagged = batv.tag(sender, noon(kToday));
    return tagged ? "tagged" : std::string(to_string(tagged.error()));
  };
  EXPECT_EQ(why({}), "null-sender");
  EXPECT_EQ(why(from("SRS0=1f/q=RA=example.org=alice")), "srs");
  EXPECT_EQ(why(from("srs1+Qm3F=fwd.example==1f/q=RA=example.org=alice")), "srs");
  EXPECT_EQ(why(from("SRS0")), "tagged");
  EXPECT_EQ(why(from("srs2=x")), "tagged");
  for (const std::string_view local :
       {"prvs=0123fd6a98=joe", "prvs=joe=0123fd6a98", "prvs=joe/0123fd6a98", "joe+prvs=0123fd6a98",
        "btv1==2378c4ee9d3==joe", "msprvs1=17816tu3ePOpg=bounces-1", "prvs=joe=123ABCDEFG", "SES=abc"})
    EXPECT_EQ(why(from(std::string(local))), "already-tagged") << local;
  EXPECT_EQ(why(from(std::string(48, 'a'))), "tagged");
  EXPECT_EQ(why(from(std::string(49, 'a'))), "too-long");
  EXPECT_EQ(why(from(std::string(45, 'a') + " ")), "tagged");  // two quotes more
  EXPECT_EQ(why(from(std::string(46, 'a') + " ")), "too-long");
  EXPECT_EQ(why(from("joe", std::string(235, 'd'))), "too-long");  // the path's 256 octets
  EXPECT_EQ(Batv(ring(), {.write = BatvForm::SubAddress}).tag(from("srs0"), noon(kToday)).error(), Untagged::Srs);
  const KeyRing none;
  EXPECT_EQ(Batv(none, {}).tag(from("joe"), noon(kToday)).error(), Untagged::NoKey);
}

TEST(Batv, IsTheSameAllDay) {
  const Batv batv(ring(), {});
  const auto at = WallTime{std::chrono::days{kToday}};
  const auto morning = batv.tag(from("joe"), at);
  EXPECT_EQ(morning, batv.tag(from("JOE"), at + std::chrono::days{1} - std::chrono::microseconds{1}));
  EXPECT_NE(morning, batv.tag(from("joe"), at + std::chrono::days{1}));
}

TEST(Batv, IsGoodForItsLifetimeAndProofForeverOnEveryDayOfTheWrap) {
  for (const int lifetime : {1, 7, 14, 60}) {
    const Batv batv(ring(), {.lifetime_days = static_cast<unsigned>(lifetime)});
    for (int signed_on = 19500; signed_on < 20600; ++signed_on) {
      const auto tagged = batv.tag(from("joe"), noon(signed_on));
      ASSERT_TRUE(tagged);
      for (const int later : {-1, 0, 1, lifetime, lifetime + 1, lifetime + 2, 500, 900}) {
        const BatvReading reading = batv.verify(*tagged, noon(signed_on + later));
        ASSERT_EQ(reading.state, later <= lifetime ? TagState::Good : TagState::Expired) << signed_on << " " << later;
        ASSERT_EQ(reading.expiry, day(signed_on + lifetime)) << signed_on << " " << later;
      }
    }
  }
}

TEST(Batv, WorksBefore1970) {
  const Batv batv(ring(), {});
  const auto tagged = batv.tag(from("joe"), noon(-5));
  EXPECT_EQ(batv.verify(*tagged, noon(-5)).state, TagState::Good);
  EXPECT_EQ(batv.verify(*tagged, noon(8)).state, TagState::Good);
  EXPECT_EQ(batv.verify(*tagged, noon(11)).state, TagState::Expired);
}

TEST(Batv, KeepsTagsWhenTheLifetimeIsLowered) {
  const auto tagged = Batv(ring(), {.lifetime_days = 60}).tag(from("joe"), noon(kToday));
  const Batv later(ring(), {.lifetime_days = 7});
  EXPECT_EQ(later.verify(*tagged, noon(kToday)).state, TagState::Expired);
  EXPECT_EQ(later.verify(*tagged, noon(kToday)).expiry, day(kToday + 60));
  EXPECT_EQ(later.verify(*tagged, noon(kToday + 55)).state, TagState::Good);
}

TEST(Batv, BoundsItsLifetime) {
  EXPECT_EQ(Batv(ring(), {.lifetime_days = 0}).tag(from("joe"), noon(kToday)),
            Batv(ring(), {.lifetime_days = 1}).tag(from("joe"), noon(kToday)));
  EXPECT_EQ(Batv(ring(), {.lifetime_days = 5000}).tag(from("joe"), noon(kToday)),
            Batv(ring(), {.lifetime_days = BatvOptions::kMaxLifetime}).tag(from("joe"), noon(kToday)));
}

// Tags leave every day; each must be good for its lifetime, whatever keys come and go.
TEST(Batv, RotatesWithOverlap) {
  const KeyRing keys = tag_ring(tag_key(8, "first", noon(100), noon(205)), tag_key(9, "second", noon(200), noon(305)),
                                tag_key(0, "third", noon(300)));
  const Batv batv(keys, {});
  unsigned used = 0;
  for (int signed_on = 100; signed_on < 500; ++signed_on) {
    const auto tagged = batv.tag(from("joe"), noon(signed_on));
    ASSERT_TRUE(tagged);
    for (int later = 0; later <= 14; ++later) {
      const BatvReading reading = batv.verify(*tagged, noon(signed_on + later));
      ASSERT_EQ(reading.state, TagState::Good) << signed_on;
      used |= 1U << reading.key;
    }
    ASSERT_EQ(batv.verify(*tagged, noon(signed_on + 100)).state, TagState::Expired);
  }
  EXPECT_EQ(used, 1U << 8U | 1U << 9U | 1U);
}

TEST(Batv, BelievesAKeyInItsTermOnly) {
  const KeyRing keys = tag_ring(tag_key(3, "secret", noon(20000), noon(20100)));
  const Batv batv(keys, {});
  const auto state = [&](int expiry, int now) {
    return batv.verify("prvs=" + tag_for("joe@example.com", expiry, 3) + "=joe", "example.com", noon(now)).state;
  };
  EXPECT_EQ(state(20014, 20000), TagState::Good);
  EXPECT_EQ(state(19998, 20000), TagState::BadMac);  // no tag was made then
  EXPECT_EQ(state(19998, 20500), TagState::BadMac);
  EXPECT_EQ(state(20114, 20110), TagState::Good);
  EXPECT_EQ(state(20114, 20500), TagState::Expired);
  EXPECT_EQ(state(20170, 20160), TagState::BadMac);  // made by somebody who found the old key
  EXPECT_EQ(state(20050, 21045), TagState::BadMac);  // a thousand days later, it would seem new
  EXPECT_EQ(batv.verify("prvs=" + tag_for("joe@example.com", 20014, 4) + "=joe", "example.com", noon(20000)).state,
            TagState::UnknownKey);
}

TEST(Batv, NamesKeysThatAreTooOldForTheWrap) {
  // The first tag of a key that began at oldest_key() is not yet taken for a new one; two days later it would be.
  const int began = 20000;
  const auto first = Batv(ring(), {}).tag(from("joe"), noon(began));
  for (int now = began; Batv(ring(), {}).oldest_key(noon(now)) <= noon(began); ++now) {
    const BatvReading reading = Batv(ring(), {}).verify(*first, noon(now));
    ASSERT_TRUE(reading.proves_sent());
    ASSERT_EQ(reading.expiry, day(began + 14)) << now;
  }
}

TEST(Batv, NoChangedOctetIsGood) {
  const Batv batv(ring(), {});
  const auto tagged = batv.tag(from("joe.doe"), noon(kToday));
  ASSERT_TRUE(tagged);
  const auto try_all = [&](std::string text, const auto& state) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char old = text[i];
      for (int value = 0; value < 256; ++value) {
        text[i] = static_cast<char>(value);
        if (ascii::to_lower(text[i]) != old) EXPECT_FALSE(state(text)) << text;
      }
      text[i] = old;
    }
    for (std::size_t i = 0; i <= text.size(); ++i) {
      EXPECT_FALSE(state(text.substr(0, i) + "0" + text.substr(i))) << i;
      if (i < text.size()) EXPECT_FALSE(state(text.substr(0, i) + text.substr(i + 1))) << i;
    }
  };
  try_all(tagged->local,
          [&](const std::string& local) { return batv.verify(local, tagged->domain, noon(kToday)).proves_sent(); });
  try_all(tagged->domain,
          [&](const std::string& domain) { return batv.verify(tagged->local, domain, noon(kToday)).proves_sent(); });
  try_all("secret", [&](const std::string& secret) {
    const KeyRing keys = tag_ring(tag_key(0, secret));
    return Batv(keys, {}).verify(*tagged, noon(kToday)).proves_sent();
  });
}

}  // namespace
}  // namespace anechoic::mail::tags
