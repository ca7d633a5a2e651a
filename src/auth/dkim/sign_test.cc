// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/sign.h"

#include <gtest/gtest.h>

#include "testing/dkim_check.h"

namespace anechoic::auth::dkim {
namespace {

using anechoic::testing::at_second;

constexpr std::string_view kMessage =
    "Return-Path: <ann@example.org>\r\nReceived: from a by b; now\r\nReceived: from c by a; then\r\n"
    "Authentication-Results: b; spf=pass\r\nARC-Seal: i=1\r\nFrom: Ann <ann@example.org>\r\nTo: bob@example.net\r\n"
    "Subject: Dinner\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\nX-Mine: 1\r\nX-Mine: 2\r\n\r\nHello  Bob \r\n\r\n";

std::shared_ptr<const crypto::PrivateKey> make_key(crypto::KeyType type, unsigned bits = 1024) {
  return std::make_shared<const crypto::PrivateKey>(crypto::PrivateKey::generate(type, bits).value());
}

struct DkimSign : ::testing::Test {
  anechoic::testing::DkimCheck check;
  SigningKey rsa{"example.org", "rsa", make_key(crypto::KeyType::Rsa), {}};
  SigningKey ed{"Example.org", "ed", make_key(crypto::KeyType::Ed25519), {}};
  SignOptions options;

  void SetUp() override {
    check.resolver.add_txt("rsa._domainkey.example.org", "p=" + encode_base64(rsa.key->public_bytes()));
    check.resolver.add_txt("ed._domainkey.example.org", "k=ed25519; p=" + encode_base64(ed.key->public_bytes()));
  }
  anechoic::Result<std::string> sign(std::string_view message, std::vector<SigningKey> keys) {
    const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
    Signer signer(header, std::move(keys), options, check.now);
    for (const char& c : message.substr(header.body_offset())) signer.feed({&c, 1});
    return signer.finish();
  }
};

TEST_F(DkimSign, VerifiesByEachAlgorithmAndCanonicalization) {
  for (const Canonicalization header : {Canonicalization::Simple, Canonicalization::Relaxed}) {
    for (const Canonicalization body : {Canonicalization::Simple, Canonicalization::Relaxed}) {
      options.header = header;
      options.body = body;
      const std::string fields = sign(kMessage, {rsa, ed}).value();
      const auto outcomes = check.verify(fields + std::string(kMessage));
      ASSERT_EQ(outcomes.size(), 2U);
      EXPECT_EQ(outcomes[0].algorithm, "rsa-sha256");
      EXPECT_EQ(outcomes[1].algorithm, "ed25519-sha256");
      for (const Outcome& outcome : outcomes) {
        EXPECT_EQ(outcome.result, Result::Pass) << outcome.reason << fields;
        EXPECT_EQ(outcome.domain, "example.org");
        EXPECT_EQ(outcome.signed_at, check.now);
      }
    }
  }
}

TEST_F(DkimSign, SignsWhatIsThereAndWhatShallNotBeAdded) {
  options.headers = {"From", "Subject", "X-Mine", "X-Not-There"};
  options.oversigned = {"from", "To", "X-Not"};
  const std::string fields = sign(kMessage, {rsa}).value();
  const auto outcome = check.verify(fields + std::string(kMessage)).at(0);
  EXPECT_EQ(outcome.result, Result::Pass);
  EXPECT_EQ(outcome.signed_headers,
            (std::vector<std::string>{"from", "from", "subject", "x-mine", "x-mine", "to", "to", "x-not"}));
  for (const std::string added : {"From: x@y.example", "X-Mine: 0", "To: x", "X-Not: x"}) {
    const Result expected = added.starts_with("X-Mine") ? Result::Pass : Result::Fail;
    EXPECT_EQ(check.verify(fields + added + "\r\n" + std::string(kMessage)).at(0).result, expected) << added;
  }
}

TEST_F(DkimSign, NeverSignsWhatChangesOnTheWay) {
  const auto outcome = check.verify(sign(kMessage, {rsa}).value() + std::string(kMessage)).at(0);
  for (const std::string& name : outcome.signed_headers) {
    EXPECT_NE(name, "received");
    EXPECT_NE(name, "return-path");
    EXPECT_FALSE(name.starts_with("a"));  // Authentication-Results, ARC-Seal
  }
  for (const std::string name :
       {"Received", "return-path", "Authentication-Results", "ARC-Seal", "Bcc", "DKIM-Signature", ""}) {
    options.headers = {"From", name};
    EXPECT_EQ(sign(kMessage, {rsa}).error().code, Errc::Syntax) << name;
  }
}

TEST_F(DkimSign, FoldsToLinesThatAreShort) {
  const auto large = make_key(crypto::KeyType::Rsa, 4096);
  check.resolver.add_txt("large._domainkey.mail.department.example.org", "p=" + encode_base64(large->public_bytes()));
  options.identity = "ann smith; x=y@mail.department.example.org";
  options.expire = std::chrono::hours(24);
  for (const Canonicalization header : {Canonicalization::Simple, Canonicalization::Relaxed}) {
    options.header = header;
    const std::string fields = sign(kMessage, {{"mail.department.example.org", "large", large, {}}}).value();
    std::size_t begin = 0;
    for (std::size_t end = fields.find("\r\n"); end != std::string::npos;
         begin = end + 2, end = fields.find("\r\n", begin))
      EXPECT_LE(end - begin, 78U) << fields.substr(begin, end - begin);
    EXPECT_EQ(begin, fields.size());
    EXPECT_TRUE(fields.starts_with("DKIM-Signature: v=1; a=rsa-sha256;"));
    EXPECT_NE(fields.find("x=1700086400;"), std::string::npos);
    const auto outcome = check.verify(fields + std::string(kMessage)).at(0);
    EXPECT_EQ(outcome.result, Result::Pass) << outcome.reason;
    EXPECT_EQ(outcome.identity, options.identity);
    EXPECT_EQ(outcome.key_bits, 4096U);
  }
}

TEST_F(DkimSign, RefusesWhatNobodyCouldVerify) {
  struct Case {
    std::string message;
    SigningKey key;
    std::string identity;
    Errc code;
  };
  const std::string good(kMessage);
  const Case cases[] = {
      {"To: x\r\n\r\nbody", rsa, "", Errc::Syntax},
      {"From: a@b.example\r\n" + good, rsa, "", Errc::Syntax},
      {good, {"org", "s", rsa.key, {}}, "", Errc::Syntax},
      {good, {"exa mple.org", "s", rsa.key, {}}, "", Errc::Syntax},
      {good, {"example.org", "", rsa.key, {}}, "", Errc::Syntax},
      {good, {"example.org", "a;b", rsa.key, {}}, "", Errc::Syntax},
      {good, rsa, "ann", Errc::Syntax},
      {good, rsa, "ann@example.net", Errc::Syntax},
      {good, rsa, "ann@badexample.org", Errc::Syntax},
  };
  for (const Case& c : cases) {
    options.identity = c.identity;
    const auto fields = sign(c.message, {c.key});
    ASSERT_FALSE(fields) << c.key.domain << c.key.selector << c.identity;
    EXPECT_EQ(fields.error().code, c.code);
  }
}

TEST_F(DkimSign, KeysTakeOverOneAfterTheOther) {
  const SigningKey old{"example.org", "old", rsa.key, at_second(100)};
  const SigningKey next{"EXAMPLE.org", "next", rsa.key, at_second(200)};
  const SigningKey ed_old{"example.org", "ed-old", ed.key, at_second(100)};
  const SigningKey other{"example.net", "other", rsa.key, at_second(150)};
  const auto selectors = [&](std::int64_t second) {
    std::string text;
    for (const SigningKey& key : keys_of({old, next, ed_old, other}, at_second(second))) text += key.selector + " ";
    return text;
  };
  EXPECT_EQ(selectors(99), "");
  EXPECT_EQ(selectors(100), "old ed-old ");
  EXPECT_EQ(selectors(199), "old ed-old other ");
  EXPECT_EQ(selectors(200), "next ed-old other ");
}

TEST_F(DkimSign, AMessageWithoutBodyOrLineEnd) {
  for (const std::string message : {"From: a@example.org\r\n", "From: a@example.org\r\n\r\n",
                                    "From: a@example.org\r\n\r\nx", "From: a@example.org"}) {
    const std::string fields = sign(message, {rsa, ed}).value();
    for (const Outcome& outcome : check.verify(fields + message)) EXPECT_EQ(outcome.result, Result::Pass) << message;
  }
}

}  // namespace
}  // namespace anechoic::auth::dkim
