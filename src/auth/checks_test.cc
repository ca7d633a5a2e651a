// SPDX-License-Identifier: Apache-2.0
#include "auth/checks.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth {
namespace {

// RFC 8463 A.3: two signatures of football.example.com, rsa-sha256 and ed25519-sha256.
constexpr std::string_view kEd25519Key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
constexpr std::string_view kRsaKey =
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi"
    "0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3Q"
    "IDAQAB";
constexpr std::string_view kMessage =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game.  Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n";

struct ChecksTest : ::testing::Test {
  anechoic::testing::FakeClock clock;
  anechoic::testing::FakeResolver resolver;
  crypto::PublicKeys keys;
  std::optional<spf::Outcome> spf;
  std::optional<Evidence> evidence;

  void SetUp() override {
    resolver.add_txt("brisbane._domainkey.football.example.com", std::string(kEd25519Key));
    resolver.add_txt("test._domainkey.football.example.com", std::string(kRsaKey));
    resolver.add_txt("football.example.com", "v=spf1 ip4:192.0.2.1 -all");
    resolver.add_txt("_dmarc.football.example.com", "v=DMARC1; p=reject");
  }
  [[nodiscard]] Checks make() { return {{resolver, clock, keys}, {}}; }
  static Envelope envelope(std::string_view client, std::string_view path) {
    mail::ReversePath reverse;
    if (!path.empty()) reverse.mailbox = mail::parse_mailbox(path, mail::Utf8::Forbidden).value();
    return {ip::parse_address(client).value(), "mx.football.example.com", reverse};
  }
  void run(Checks& checks, std::string_view client, std::string_view path, std::string_view message) {
    checks.envelope(envelope(client, path), [this](const spf::Outcome& outcome) { spf = outcome; });
    if (!message.empty()) checks.message(message);
    checks.finish([this](const Evidence& found) { evidence = found; });
  }
};

TEST_F(ChecksTest, EverythingPasses) {
  Checks checks = make();
  run(checks, "192.0.2.1", "joe@football.example.com", kMessage);
  ASSERT_TRUE(spf && evidence);
  EXPECT_EQ(spf->result, spf::Result::Pass);
  ASSERT_EQ(evidence->dkim->size(), 2U);
  for (const dkim::Outcome& signature : *evidence->dkim) {
    EXPECT_EQ(signature.result, dkim::Result::Pass) << signature.algorithm << ": " << signature.reason;
  }
  EXPECT_EQ(evidence->dmarc->result, dmarc::Result::Pass);
  EXPECT_EQ(evidence->arc->result, arc::Result::None);
  EXPECT_TRUE(evidence->is_proved("joe@football.example.com"));
}

TEST_F(ChecksTest, PiecesDoNotMatter) {
  Checks checks = make();
  checks.envelope(envelope("192.0.2.9", "joe@football.example.com"), {});
  for (const char& octet : kMessage) checks.message({&octet, 1});
  checks.finish([this](const Evidence& found) { evidence = found; });
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->spf->result, spf::Result::Fail);
  EXPECT_EQ(evidence->dkim->at(0).result, dkim::Result::Pass);
  EXPECT_EQ(evidence->dkim->at(1).result, dkim::Result::Pass);
  EXPECT_TRUE(evidence->dmarc->dkim_aligned);
  EXPECT_FALSE(evidence->dmarc->spf_aligned);
}

// Else a field whose name looks odd would hide all behind it, also a second From.
TEST_F(ChecksTest, FieldsWithOddNamesEndNoHeader) {
  for (const std::string_view odd : {"1x: y\r\n", "_x: y\r\n", "(x): y\r\n", "=?x?=: y\r\n"}) {
    Checks good = make();
    run(good, "192.0.2.9", "joe@football.example.com", std::string(odd) + std::string(kMessage));
    EXPECT_EQ(evidence->dkim->size(), 2U) << odd;
    EXPECT_TRUE(evidence->is_proved("joe@football.example.com")) << odd;
    Checks hiding = make();
    run(hiding, "192.0.2.1", "joe@football.example.com",
        "From: joe@football.example.com\r\n" + std::string(odd) + "From: ceo@bank.test\r\n\r\nhi\r\n");
    EXPECT_NE(evidence->dmarc->result, dmarc::Result::Pass) << odd;
    EXPECT_FALSE(evidence->is_proved("ceo@bank.test")) << odd;
    EXPECT_EQ(evidence->not_proved.size(), 1U) << odd;
  }
}

TEST_F(ChecksTest, AnswersMayComeInAnyOrder) {
  resolver.answer_later();
  Checks checks = make();
  run(checks, "192.0.2.1", "joe@football.example.com", kMessage);
  EXPECT_FALSE(spf || evidence);
  for (int i = 0; i < 100 && resolver.open() > 0; ++i) resolver.answer_next();
  ASSERT_TRUE(spf && evidence);
  EXPECT_EQ(evidence->dmarc->result, dmarc::Result::Pass);
}

TEST_F(ChecksTest, AnOutageIsUnknownNotNo) {
  for (const char* name : {"brisbane._domainkey.football.example.com", "test._domainkey.football.example.com",
                           "football.example.com", "_dmarc.football.example.com", "mx.football.example.com"}) {
    resolver.fail_with(name, dns::Type::Txt, Found::Timeout);
  }
  Checks checks = make();
  run(checks, "192.0.2.1", "joe@football.example.com", kMessage);
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->spf->result, spf::Result::TempError);
  EXPECT_EQ(evidence->dkim->at(0).result, dkim::Result::TempError);
  EXPECT_EQ(evidence->dmarc->result, dmarc::Result::TempError);
  EXPECT_TRUE(evidence->proved.empty());
  ASSERT_FALSE(evidence->not_proved.empty());
  for (const NotProved& one : evidence->not_proved) EXPECT_EQ(one.value, Unproved::Unknown) << one.because;
}

TEST_F(ChecksTest, WithoutAMessageItIsSpfAlone) {
  Checks checks = make();
  run(checks, "192.0.2.1", "joe@football.example.com", "");
  ASSERT_TRUE(evidence);
  EXPECT_FALSE(evidence->dkim || evidence->arc || evidence->dmarc);
  EXPECT_TRUE(evidence->is_proved("joe@football.example.com"));
}

TEST_F(ChecksTest, WithoutAnEnvelopeItIsTheMessageAlone) {
  Checks checks = make();
  checks.message(kMessage);
  checks.finish([this](const Evidence& found) { evidence = found; });
  ASSERT_TRUE(evidence);
  EXPECT_FALSE(evidence->spf);
  EXPECT_TRUE(evidence->is_proved("joe@football.example.com"));
}

TEST_F(ChecksTest, NobodyIsToldOnceItIsGone) {
  resolver.answer_later();
  {
    Checks checks = make();
    run(checks, "192.0.2.1", "joe@football.example.com", kMessage);
  }
  for (int i = 0; i < 100 && resolver.open() > 0; ++i) resolver.answer_next();
  EXPECT_FALSE(spf || evidence);
}

TEST_F(ChecksTest, AHeaderWithoutEndIsNotChecked) {
  std::string message(kMessage.substr(0, kMessage.find("From:")));
  while (message.size() < 300'000) message += "X-Filler: " + std::string(900, 'x') + "\r\n";
  Checks checks = make();
  run(checks, "192.0.2.1", "joe@football.example.com", message + "\r\nbody\r\n");
  ASSERT_TRUE(evidence);
  ASSERT_EQ(evidence->dkim->size(), 2U);
  EXPECT_EQ(evidence->dkim->front().result, dkim::Result::PermError);
  // Who knows which From stands behind the bound.
  Checks begun = make();
  run(begun, "192.0.2.1", "joe@football.example.com", "From: joe@football.example.com\r\n" + message + "\r\nbody\r\n");
  EXPECT_EQ(evidence->spf->result, spf::Result::Pass);
  EXPECT_EQ(evidence->dmarc->result, dmarc::Result::PermError);
}

}  // namespace
}  // namespace anechoic::auth
