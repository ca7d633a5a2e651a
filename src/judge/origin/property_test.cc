// SPDX-License-Identifier: Apache-2.0
// What holds for all evidence, tried on random combinations of all values (the same in each run): a million for the
// first rule, that no origin stands without its proof.
#include <gtest/gtest.h>

#include <random>

#include "judge/origin/act.h"

namespace anechoic::judge::origin {
namespace {

constexpr WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15}};
constexpr int kCases = 1'000'000;
constexpr int kFewer = kCases / 5;  // for the others

class Dice {
 public:
  bool flag() { return below(2) == 1; }
  unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
  template <typename E>
  E any(E last) {
    return static_cast<E>(below(static_cast<unsigned>(last) + 1));
  }
  std::optional<WallTime> time() {
    if (flag()) return std::nullopt;
    return kNow + std::chrono::days(static_cast<int>(below(40)) - 30);
  }

 private:
  std::mt19937 engine_{5};
};

Evidence any_evidence(Dice& dice) {
  Evidence e{.now = kNow};
  if (dice.below(8) != 0) e.kind = dice.flag() ? Kind::Dsn : dice.any(Kind::Ordinary);
  e.phrases_only = dice.below(4) == 0;
  e.null_sender = dice.flag();
  e.tag = dice.any(Tag::Foreign);
  e.dkim = {.state = dice.any(Dkim::Verified),
            .signed_at = dice.time(),
            .expires = dice.time(),
            .date = dice.time(),
            .to_author = dice.flag()};
  e.watermark = {.state = dice.any(Watermark::UnknownKey), .to_author = dice.flag()};
  e.ledger = {.state = dice.any(Ledger::AbsentOutside),
              .to_sender = dice.flag(),
              .left_tagged = dice.flag(),
              .left_as_addressed = dice.flag()};
  e.spf = dice.any(RetroSpf::Fail);
  e.identified = dice.flag();
  e.next_hop_rewrites = dice.flag();
  e.other_signer = dice.flag();
  e.all_tagged = dice.any(AllTagged::Contradicted);
  return e;
}

// The rules again, in the words of R16 and R18, and written apart from the code.
bool to_sender(const Evidence& e) {
  return e.ledger.state == Ledger::Found && e.ledger.to_sender;
}
bool valid_tag(const Evidence& e) {
  return e.tag == Tag::Good || e.tag == Tag::Expired;
}
bool valid_signature(const Evidence& e) {
  if (e.dkim.state != Dkim::Verified || !(e.dkim.to_author || to_sender(e))) return false;
  if (!e.dkim.signed_at && !e.dkim.date) return false;
  const auto age = kNow - (e.dkim.signed_at ? *e.dkim.signed_at : *e.dkim.date);
  return age <= std::chrono::days(15) && age >= -std::chrono::days(1) &&
         (!e.dkim.expires || kNow - *e.dkim.expires <= std::chrono::days(1));
}
bool valid_watermark(const Evidence& e) {
  return (e.watermark.state == Watermark::Good || e.watermark.state == Watermark::Expired) &&
         (e.watermark.to_author || to_sender(e));
}
bool valid_proof(const Evidence& e) {
  return valid_tag(e) || valid_signature(e) || valid_watermark(e) || to_sender(e);
}
bool a(const Evidence& e) {
  return e.tag == Tag::BadMac && !e.other_signer;
}
bool b(const Evidence& e) {
  return e.ledger.state == Ledger::AbsentInside && e.identified && !e.next_hop_rewrites;
}
bool c(const Evidence& e) {
  return e.kind == Kind::Dsn && e.tag == Tag::None && e.all_tagged == AllTagged::Declared;
}

TEST(OriginProperties, NothingWithoutItsProof) {
  Dice dice;
  std::array<int, 3> seen{};
  for (int i = 0; i < kCases; ++i) {
    const Evidence e = any_evidence(dice);
    const Judgement judgement = weigh(e);
    ++seen.at(static_cast<std::size_t>(judgement.origin));
    if (judgement.origin == Origin::Ours) {
      ASSERT_TRUE(valid_proof(e)) << i;
    }
    if (judgement.origin == Origin::NotOurs) {
      ASSERT_TRUE(a(e) || b(e) || c(e)) << i;
      ASSERT_FALSE(valid_tag(e)) << i;
      ASSERT_TRUE(!e.phrases_only || a(e)) << i;
    }
    if (valid_tag(e)) {
      ASSERT_EQ(judgement.origin, Origin::Ours) << i;
    }
    ASSERT_EQ(judgement.by().empty(), judgement.origin == Origin::Unknown) << i;
  }
  for (const int count : seen) EXPECT_GT(count, kCases / 20);
}

// One more valid proof: never from ours to anything else. Other SPF: the same origin and the same contradictions.
TEST(OriginProperties, ProofsOnlyHelpAndSpfDecidesNothing) {
  Dice dice;
  for (int i = 0; i < kFewer; ++i) {
    const Evidence e = any_evidence(dice);
    const Judgement before = weigh(e);
    Evidence more = e;
    const unsigned what = dice.below(5);
    if (what == 0) {
      more.tag = dice.flag() ? Tag::Good : Tag::Expired;
    } else if (what == 1) {
      more.dkim = {.state = Dkim::Verified, .signed_at = kNow - std::chrono::days(3), .to_author = true};
    } else if (what == 2) {
      more.watermark = {.state = dice.flag() ? Watermark::Good : Watermark::Expired, .to_author = true};
    } else if (what == 3 && e.ledger.state != Ledger::Found) {
      more.ledger = {.state = Ledger::Found, .to_sender = true, .left_tagged = dice.flag()};
    } else {
      more.spf = dice.any(RetroSpf::Fail);
    }
    const Judgement after = weigh(more);
    if (before.origin == Origin::Ours) {
      ASSERT_EQ(after.origin, Origin::Ours) << i;
    }
    if (what == 4) {
      ASSERT_EQ(after.origin, before.origin) << i;
      ASSERT_EQ(after.contradictions, before.contradictions) << i;
    }
  }
}

// What goes wrong on the way of a genuine answer that carries its tag, or to an address whose mail is not declared as
// tagged: trimmed and broken headers, wrong clocks, a ledger that can't be asked or does not cover the date.
TEST(OriginProperties, TrimmedAndBrokenIsNeverNotOurs) {
  Dice dice;
  for (int i = 0; i < kFewer; ++i) {
    Evidence e = any_evidence(dice);
    if (e.tag == Tag::BadMac || (e.tag == Tag::None && e.all_tagged == AllTagged::Declared)) e.tag = Tag::UnknownKey;
    if (e.ledger.state == Ledger::AbsentInside) e.ledger.state = Ledger::AbsentOutside;
    ASSERT_NE(weigh(e).origin, Origin::NotOurs) << i;
  }
}

TEST(OriginProperties, OfActions) {
  Dice dice;
  for (int i = 0; i < kFewer; ++i) {
    const Evidence e = any_evidence(dice);
    const Judgement judgement = weigh(e);
    const Situation at{.stage = dice.any(Stage::EndOfData),
                       .joe_job = dice.flag(),
                       .role_account = dice.below(8) == 0,
                       .trusted_relay = dice.below(8) == 0};
    const Settings set{.enforce = dice.flag(),
                       .unknown = dice.any(Filing::ToFolder),
                       .unknown_in_joe_job = dice.any(Filing::ToFolder),
                       .joe_job_refuses_untagged = dice.flag(),
                       .refuse_untagged_at_data = dice.flag()};
    const Decision decision = act(e, judgement, at, set);
    ASSERT_EQ(decision.action, set.enforce ? decision.enforcing : Action::Accept) << i;
    if (judgement.origin == Origin::Ours) {
      // `ours` by what a message carries is not known before the message: joe-job mode and the DATA command refuse what
      // is untagged, whatever comes.
      ASSERT_TRUE(decision.enforcing == Action::Accept || (at.stage != Stage::EndOfData && e.tag == Tag::None)) << i;
    }
    if (decision.enforcing == Action::Refuse) {
      ASSERT_FALSE(at.role_account || at.trusted_relay) << i;
      const bool joe = e.null_sender && e.tag == Tag::None && at.joe_job && set.joe_job_refuses_untagged;
      const bool data = e.null_sender && e.tag == Tag::None && at.stage == Stage::DataCommand &&
                        set.refuse_untagged_at_data && e.all_tagged == AllTagged::Declared;
      if (at.stage == Stage::EndOfData) {
        ASSERT_EQ(judgement.origin, Origin::NotOurs) << i;
      } else {
        ASSERT_TRUE((a(e) && e.null_sender) || joe || data) << i;
      }
    }
    if (at.stage != Stage::EndOfData) {
      ASSERT_TRUE(decision.enforcing == Action::Accept || decision.enforcing == Action::Refuse) << i;
    }
  }
}

}  // namespace
}  // namespace anechoic::judge::origin
