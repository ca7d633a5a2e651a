// SPDX-License-Identifier: Apache-2.0
// Chains made by python3-dkim (testdata/make.py), what may be done to them on the way, and chains of our own making for
// what that program can't write. RFC 8617 4, 5.2.
#include "auth/arc/verify.h"

#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <iterator>

#include "testing/arc_forwarder.h"
#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"
#include "testing/zone_text.h"

namespace anechoic::auth::arc {
namespace {

using anechoic::testing::ArcForwarder;
using anechoic::testing::FakeResolver;
using anechoic::testing::SealOptions;
using anechoic::testing::ZoneText;

constexpr std::string_view kMessage = "From: a@b.example\r\nSubject: x\r\n\r\nSome text.\r\n";

std::string file(std::string_view name) {
  std::ifstream in(std::string(ANECHOIC_SOURCE_DIR "/src/auth/arc/testdata/") + std::string(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Outcome verify(const std::string& message, Resolver& resolver, VerifyOptions options = {}) {
  const mail::HeaderBlock header = mail::HeaderBlock::parse_message(message);
  dkim::BodyDigests digests;
  Verification check(header, digests, std::move(options));
  for (const char c : std::string_view(message).substr(header.body_offset())) digests.feed({&c, 1});
  digests.finish();
  const anechoic::testing::FakeClock clock;
  Lookups lookups(resolver, clock, {});
  crypto::PublicKeys keys;
  std::optional<Outcome> outcome;
  start(check.finish(lookups, keys, clock.wall()), [&](Outcome done) { outcome = std::move(done); });
  if (auto* const zone = dynamic_cast<ZoneText*>(&resolver)) {
    while (zone->answer_next()) {
    }
  }
  EXPECT_TRUE(outcome.has_value()) << "not ended";
  return outcome.value_or(Outcome{});
}

Outcome verify(const std::string& message, VerifyOptions options = {}) {
  ZoneText resolver(file("keys.zone"));
  return verify(message, resolver, std::move(options));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Removes the field that begins with `start`.
std::string without_field(std::string text, std::string_view start) {
  const std::size_t at = text.find(start);
  EXPECT_NE(at, std::string::npos) << start;
  std::size_t end = text.find("\r\n", at) + 2;
  while (text[end] == ' ') end = text.find("\r\n", end) + 2;
  return text.erase(at, end - at);
}

TEST(Arc, MessagesWithoutItHaveNone) {
  const Outcome outcome = verify(std::string(kMessage));
  EXPECT_EQ(outcome.result, Result::None);
  EXPECT_EQ(outcome.reason, "");
  EXPECT_TRUE(outcome.sealers.empty());
}

TEST(Arc, WholeChainsPass) {
  struct Row {
    std::string_view name;
    std::vector<std::string> sealers;
    unsigned oldest;
  };
  for (const Row& row : {Row{"one.eml", {"first.example"}, 0}, Row{"two.eml", {"first.example", "second.example"}, 2},
                         Row{"three.eml", {"first.example", "second.example", "third.example"}, 3},
                         Row{"same.eml", {"first.example", "second.example"}, 0}}) {
    const Outcome outcome = verify(file(row.name));
    EXPECT_EQ(outcome.result, Result::Pass) << row.name << outcome.reason;
    EXPECT_EQ(outcome.sealers, row.sealers) << row.name;
    EXPECT_EQ(outcome.oldest_pass, row.oldest) << row.name;
    EXPECT_FALSE(outcome.trusted);
    EXPECT_EQ(outcome.first_results, "");
    EXPECT_EQ(outcome.reason, "");
  }
}

TEST(Arc, IsTrustedIfEverySealerIs) {
  const VerifyOptions all{.trusted_sealers = {"third.example", "second.example", "first.example"}};
  const Outcome outcome = verify(file("three.eml"), all);
  EXPECT_TRUE(outcome.trusted);
  EXPECT_EQ(outcome.first_results, "first.example; spf=pass smtp.mailfrom=ada@author.example; arc=none");
  EXPECT_FALSE(verify(file("three.eml"), {.trusted_sealers = {"first.example", "third.example"}}).trusted);
  EXPECT_FALSE(verify(file("three.eml"), {.trusted_sealers = {"example", "ird.example"}}).trusted);
  const Outcome broken = verify(replaced(file("three.eml"), "We meet", "We eat"), all);
  EXPECT_FALSE(broken.trusted);
  EXPECT_EQ(broken.first_results, "");
}

TEST(Arc, ChangesBreakIt) {
  const std::string two = file("two.eml");
  struct Row {
    std::string message;
    std::string_view reason;
  };
  for (const Row& row : {
           Row{replaced(two, "We meet", "We eat"), "message signature 2: the body was changed"},
           Row{replaced(two, "Subject: [x]", "Subject: [y]"), "message signature 2: a signed header field"},
           Row{replaced(two, "i=1; first.example; spf=pass", "i=1; first.example; spf=fail"), "seal 2: "},
           Row{replaced(two, "i=2; second.example; spf=pass", "i=2; second.example; spf=fail"), "seal 2: "},
           Row{replaced(two, "d=first.example", "d=other.example"), "seal 2: "},
           Row{without_field(two, "ARC-Seal: i=1"), "set 1 is not complete"},
           Row{without_field(two, "ARC-Message-Signature: i=1"), "set 1 is not complete"},
           Row{without_field(two, "ARC-Authentication-Results: i=2"), "set 2 is not complete"},
           Row{without_field(without_field(without_field(two, "ARC-Seal: i=1"), "ARC-Message-Signature: i=1"),
                             "ARC-Authentication-Results: i=1"),
               "set 1 is not complete"},
           Row{"ARC-Authentication-Results: i=2; x.example; none\r\n" + two, "set 2 has a field twice"},
           Row{"ARC-Authentication-Results: i=3; x.example; none\r\n" + two, "set 3 is not complete"},
           Row{"ARC-Authentication-Results: x.example; none\r\n" + two, "has no number"},
           Row{"ARC-Authentication-Results: i=0; x.example; none\r\n" + two, "has no number"},
           Row{"ARC-Authentication-Results: i=51; x.example; none\r\n" + two, "has no number"},
           Row{"ARC-Authentication-Results: i=01; x.example; none\r\n" + two, "has no number"},
           Row{"ARC-Seal: i=x; cv=pass\r\n" + two, "has no number"},
           Row{"ARC-Seal: nonsense\r\n" + two, "has no number"},
           Row{replaced(two, "ARC-Seal: i=2; cv=pass", "ARC-Seal: i=2; cv=fail"),
               "seal 2 says that the chain was broken"},
           Row{replaced(two, "ARC-Seal: i=1; cv=none", "ARC-Seal: i=1; cv=fail"),
               "seal 1 says that the chain was broken"},
           Row{replaced(two, "ARC-Seal: i=2; cv=pass", "ARC-Seal: i=2; cv=none"), "seal 2 has a cv="},
           Row{replaced(two, "ARC-Seal: i=1; cv=none", "ARC-Seal: i=1; cv=pass"), "seal 1 has a cv="},
           Row{replaced(two, "ARC-Seal: i=2; cv=pass;", "ARC-Seal: i=2;"), "seal 2 has a cv="},
           Row{replaced(two, "ARC-Seal: i=2; cv=pass", "ARC-Seal: i=2; h=from; cv=pass"), "seal 2 has h="},
           Row{replaced(two, "ARC-Seal: i=1; cv=none; a=rsa-sha256", "ARC-Seal: i=1; cv=none; a=rsa-sha1"), "seal 1: "},
           Row{replaced(two, "h=from :", "h=from : arc-seal :"), "message signature 2: it signs ARC-Seal"},
           Row{replaced(two, "c=relaxed/relaxed;", "c=relaxed/relaxed; t=1;"), "can't be read"},
       }) {
    const Outcome outcome = verify(row.message);
    EXPECT_EQ(outcome.result, Result::Fail) << row.reason;
    EXPECT_NE(outcome.reason.find(row.reason), std::string::npos) << row.reason << " / " << outcome.reason;
    EXPECT_FALSE(outcome.trusted);
  }
}

TEST(Arc, ChangesThatCanonicalFormsForgivePass) {
  std::string two = file("two.eml");
  two = replaced(two, "ARC-Seal: i=2; cv=pass;", "arc-seal :\ti=2;  cv=pass;");
  two = replaced(two, "ARC-Authentication-Results: i=1", "ARC-Authentication-Results:   i=1");
  two = replaced(two, "We meet at", "We meet  at");
  EXPECT_EQ(verify(two + "\r\n\r\n").result, Result::Pass);
}

TEST(Arc, EveryKeyThatFailsIsTold) {
  for (const std::string name : {"first", "second", "third"}) {
    for (const Found found :
         {Found::Timeout, Found::TemporaryFailure, Found::OverBudget, Found::NoSuchName, Found::NoRecords}) {
      for (const bool later : {false, true}) {
        ZoneText resolver(file("keys.zone"));
        if (later) resolver.answer_later();
        resolver.fail(name == "third" ? 0 : name == "second" ? 1 : 2, found);
        const Outcome outcome = verify(file("three.eml"), resolver);
        EXPECT_EQ(outcome.result, is_definite(found) ? Result::Fail : Result::TempError) << name;
        EXPECT_NE(outcome.reason.find("s1._domainkey." + name + ".example"), std::string::npos) << outcome.reason;
      }
    }
  }
}

TEST(Arc, KeysAreFetchedOnceAndBounded) {
  ZoneText resolver(file("keys.zone"));
  EXPECT_EQ(verify(file("three.eml"), resolver).result, Result::Pass);
  EXPECT_EQ(resolver.asked().size(), 3U);
  ZoneText bounded(file("keys.zone"));
  const Outcome outcome = verify(file("three.eml"), bounded, {.key_lookups = 2});
  EXPECT_EQ(outcome.result, Result::Fail);
  EXPECT_EQ(outcome.reason, "seal 1: its keys are at more than 2 names");
  EXPECT_EQ(bounded.asked().size(), 2U);
}

// Chains of our own.
struct ArcMade : ::testing::Test {
  FakeResolver resolver;
  ArcForwarder forwarder{"own.example"};

  void SetUp() override { resolver.add_txt(forwarder.key_name(), forwarder.key_record()); }
};

TEST_F(ArcMade, Ed25519AndFiftySetsPass) {
  std::string message(kMessage);
  for (unsigned i = 1; i <= 50; ++i) message = forwarder.seal(message, i);
  const std::clock_t begun = std::clock();
  const Outcome outcome = verify(message, resolver);
  EXPECT_EQ(outcome.result, Result::Pass) << outcome.reason;
  EXPECT_EQ(outcome.sealers.size(), 50U);
  EXPECT_EQ(outcome.oldest_pass, 0U);
  EXPECT_EQ(resolver.asked().size(), 1U);
  EXPECT_LT(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 2.0);
  EXPECT_EQ(verify(replaced(message, "Some", "any "), resolver).result, Result::Fail);
}

TEST_F(ArcMade, OldMessageSignaturesNeedNotVerify) {
  const std::string first = forwarder.seal(std::string(kMessage), 1, {.message_tags = "; x=1700000001"});
  const Outcome expired = verify(forwarder.seal(first, 2), resolver);
  EXPECT_EQ(expired.result, Result::Pass);
  EXPECT_EQ(expired.oldest_pass, 2U);
  EXPECT_EQ(verify(first, resolver).reason, "message signature 1: it has expired");
  const std::string odd = forwarder.seal(std::string(kMessage), 1, {.message_tags = "; l=x"});
  const Outcome broken = verify(forwarder.seal(odd, 2), resolver);
  EXPECT_EQ(broken.result, Result::Pass);
  EXPECT_EQ(broken.oldest_pass, 2U);
  EXPECT_EQ(verify(odd, resolver).result, Result::Fail);
}

TEST_F(ArcMade, APartOfTheBodyIsNotTrusted) {
  const VerifyOptions trusting{.trusted_sealers = {"own.example"}};
  const std::string whole = forwarder.seal(std::string(kMessage), 1, {.message_tags = "; l=12", .body_length = 12});
  EXPECT_TRUE(verify(whole, resolver, trusting).trusted);
  const Outcome outcome = verify(whole + "Something else.\r\n", resolver, trusting);
  EXPECT_EQ(outcome.result, Result::Pass);
  EXPECT_FALSE(outcome.trusted);
  EXPECT_NE(outcome.reason.find("l="), std::string::npos);
  EXPECT_EQ(verify(replaced(whole, "Some text.", "Some"), resolver, trusting).result, Result::Fail);
}

// Without c=: simple/simple, and what others mean by it.
TEST_F(ArcMade, NoCanonicalizationIsEither) {
  for (const auto header : {dkim::Canonicalization::Simple, dkim::Canonicalization::Relaxed}) {
    const std::string message = forwarder.seal(std::string(kMessage), 1, {.c = "", .header = header});
    EXPECT_EQ(verify(message, resolver).result, Result::Pass) << to_string(header);
    EXPECT_EQ(verify(replaced(message, "Some", "Any"), resolver).result, Result::Fail);
    EXPECT_EQ(verify(replaced(message, "Subject: x", "Subject: y"), resolver).result, Result::Fail);
    EXPECT_EQ(verify(replaced(message, "Subject: x", "Subject:  x"), resolver).result,
              header == dkim::Canonicalization::Simple ? Result::Fail : Result::Pass);
  }
  EXPECT_EQ(verify(forwarder.seal(std::string(kMessage), 1, {.c = "; c=simple/simple"}), resolver).result,
            Result::Fail);
}

TEST_F(ArcMade, AHeaderThatIsTooLargeIsNotChecked) {
  std::string message = forwarder.seal(std::string(kMessage), 1);
  const std::size_t body = message.find("\r\n\r\n") + 2;
  for (int i = 0; i < 1100; ++i) message.insert(body, "X-More: y\r\n");
  const Outcome outcome = verify(message, resolver);
  EXPECT_EQ(outcome.result, Result::Fail);
  EXPECT_NE(outcome.reason.find("too large"), std::string::npos) << outcome.reason;
}

TEST_F(ArcMade, ABodyShorterThanItsLengthFails) {
  const Outcome outcome = verify(forwarder.seal(std::string(kMessage), 1, {.message_tags = "; l=1000"}), resolver);
  EXPECT_EQ(outcome.result, Result::Fail);
  EXPECT_NE(outcome.reason.find("shorter"), std::string::npos) << outcome.reason;
}

TEST_F(ArcMade, ABrokenChainStaysBroken) {
  const std::string once = forwarder.seal(std::string(kMessage), 1);
  EXPECT_EQ(verify(forwarder.seal(once, 2, {.cv = "fail"}), resolver).result, Result::Fail);
  EXPECT_EQ(verify(forwarder.seal(once, 2, {.seal_tags = "; h=from"}), resolver).result, Result::Fail);
  EXPECT_EQ(verify(forwarder.seal(once, 2), resolver).result, Result::Pass);
}

// Many fields, and keys at many names.
TEST_F(ArcMade, BombsAreBounded) {
  std::string fields;
  for (int i = 0; i < 2000; ++i) fields += "ARC-Seal: i=" + std::to_string(i % 60) + "; cv=pass\r\n";
  EXPECT_EQ(verify(fields + std::string(kMessage), resolver).result, Result::Fail);
  std::string message(kMessage);
  for (unsigned i = 1; i <= 50; ++i) {
    const ArcForwarder other("d" + std::to_string(i) + ".example");
    resolver.add_txt(other.key_name(), other.key_record());
    message = other.seal(message, i);
  }
  const Outcome outcome = verify(message, resolver);
  EXPECT_EQ(outcome.result, Result::Fail);
  EXPECT_NE(outcome.reason.find("more than 20 names"), std::string::npos) << outcome.reason;
  EXPECT_EQ(resolver.asked().size(), 20U);
  EXPECT_EQ(verify(message, resolver, {.key_lookups = 50}).result, Result::Pass);
}

}  // namespace
}  // namespace anechoic::auth::arc
