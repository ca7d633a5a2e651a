// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/verify.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "testing/dkim_check.h"

namespace anechoic::auth::dkim {
namespace {

using anechoic::testing::sign_tags;

constexpr std::string_view kMessage =
    "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: Dinner\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700\r\n"
    "\r\nHello  Bob \r\n\r\nsee you\r\n\r\n";

std::string read(const std::string& name) {
  std::ifstream in(std::string(ANECHOIC_SOURCE_DIR) + "/src/auth/dkim/testdata/" + name, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return anechoic::testing::with_crlf(text.str());
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

const crypto::PrivateKey& rsa_key() {
  static const crypto::PrivateKey kKey = crypto::PrivateKey::generate(crypto::KeyType::Rsa, 1024).value();
  return kKey;
}
const crypto::PrivateKey& ed_key() {
  static const crypto::PrivateKey kKey = crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value();
  return kKey;
}
std::string record_of(const crypto::PrivateKey& key, std::string_view tags = "") {
  return "v=DKIM1; k=" + std::string(key.type() == crypto::KeyType::Rsa ? "rsa" : "ed25519") + "; " +
         std::string(tags) + "p=" + encode_base64(key.public_bytes());
}

struct DkimVerify : ::testing::Test {
  anechoic::testing::DkimCheck check;

  void SetUp() override {
    check.resolver.add_txt("rsa._domainkey.example.org", record_of(rsa_key()));
    check.resolver.add_txt("ed._domainkey.example.org", record_of(ed_key()));
  }
  Outcome only(std::string_view message) {
    auto outcomes = check.verify(message);
    EXPECT_EQ(outcomes.size(), 1U);
    return outcomes.empty() ? Outcome{} : outcomes.front();
  }
  Outcome of_tags(std::string_view tags) { return only(sign_tags(tags, kMessage, rsa_key())); }
};

constexpr std::string_view kGood = "v=1; a=rsa-sha256; d=example.org; s=rsa; h=from:to:subject";

TEST_F(DkimVerify, Rfc6376Sample) {
  check.resolver.add_txt("brisbane._domainkey.example.com",
                         "v=DKIM1; "
                         "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/"
                         "zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/"
                         "NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB");
  const std::string message = read("rfc6376-a.2.eml");
  const Outcome outcome = only(message);
  EXPECT_EQ(outcome.result, Result::Pass) << outcome.reason;
  EXPECT_EQ(outcome.reason, "");
  EXPECT_EQ(outcome.domain, "example.com");
  EXPECT_EQ(outcome.selector, "brisbane");
  EXPECT_EQ(outcome.algorithm, "rsa-sha256");
  EXPECT_EQ(outcome.identity, "joe@football.example.com");
  EXPECT_EQ(outcome.signature_head, "AuUoFEfD");
  EXPECT_EQ(outcome.signed_headers,
            (std::vector<std::string>{"received", "from", "to", "subject", "date", "message-id"}));
  EXPECT_EQ(outcome.key_bits, 1024U);
  EXPECT_TRUE(outcome.vouches());
  EXPECT_EQ(only(replaced(message, "hungry", "angry")).reason, "the body was changed after it was signed");
  EXPECT_EQ(only(replaced(message, "Is dinner", "is dinner")).result, Result::Fail);
}

TEST_F(DkimVerify, Rfc8463Sample) {
  check.resolver.add_txt("brisbane._domainkey.football.example.com",
                         "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  check.resolver.add_txt("test._domainkey.football.example.com",
                         "v=DKIM1; k=rsa; "
                         "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/"
                         "J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
                         "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
  const auto outcomes = check.verify(read("rfc8463-a.3.eml"));
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].result, Result::Pass) << outcomes[0].reason;
  EXPECT_EQ(outcomes[0].algorithm, "ed25519-sha256");
  EXPECT_EQ(outcomes[0].key_bits, 256U);
  EXPECT_EQ(outcomes[0].signed_at, anechoic::testing::at_second(1528637909));
  EXPECT_EQ(outcomes[1].result, Result::Pass) << outcomes[1].reason;
}

TEST_F(DkimVerify, AMessageWithoutSignatureHasNoOutcome) {
  EXPECT_TRUE(check.verify(kMessage).empty());
  EXPECT_TRUE(check.verify("").empty());
}

TEST_F(DkimVerify, TellsRightTagsFromWrongOnes) {
  struct Case {
    std::string tags;
    Result result;
    std::string reason;  // part of it
  };
  const std::string good(kGood);
  const Case cases[] = {
      {good, Result::Pass, ""},
      {good + "; c=relaxed", Result::Pass, ""},
      {good + "; c=simple/relaxed", Result::Pass, ""},
      {good + "; c=relaxed/simple", Result::Pass, ""},
      {good + "; c=relaxed/relaxed; q=dns/txt; unknown=tag; i=", Result::PermError, "i= is no address"},
      {good + "; c=relaxed/relaxed; q=dns/txt; unknown=tag", Result::Pass, ""},
      {good + "; c=nofws", Result::PermError, "canonicalization"},
      {good + "; c=simple/", Result::PermError, "canonicalization"},
      {good + "; q=http:dns/txt", Result::Pass, ""},
      {good + "; q=http", Result::PermError, "q="},
      {good + "; i=ann@example.org", Result::Pass, ""},
      {good + "; i=ann@Sub.Example.org", Result::Pass, ""},
      {good + "; i==41nn=20x@example.org", Result::Pass, ""},
      {good + "; i=@badexample.org", Result::PermError, "within d="},
      {good + "; i=ann@org", Result::PermError, "i="},
      {good + "; i=ann", Result::PermError, "i="},
      {good + "; t=1600000000; x=1800000000", Result::Pass, ""},
      {good + "; t=1600000000; x=1600000000", Result::PermError, "x="},
      {good + "; x=1600000000", Result::Policy, "expired"},
      {good + "; x=1699999800", Result::Pass, ""},  // within the skew
      {good + "; x=1699999600", Result::Policy, "expired"},
      {good + "; t=1700000200", Result::Pass, ""},
      {good + "; t=1700000400", Result::Policy, "future"},
      {good + "; t=tomorrow", Result::PermError, "t="},
      {good + "; t=1234567890123", Result::PermError, "t="},
      {good + "; l=9", Result::Pass, ""},
      {good + "; l=x", Result::PermError, "l="},
      {good + "; l=-1", Result::PermError, "l="},
      {good + "; l=9999", Result::Fail, "shorter"},
      {good + "; l=99999999999999999999999999999999", Result::Fail, "shorter"},
      {good + "; d=example.org", Result::PermError, "twice"},
      {good + ";; l=1", Result::PermError, "semicolon"},
      {"a=rsa-sha256; d=example.org; s=rsa; h=from", Result::PermError, "v= is missing"},
      {"v=2; a=rsa-sha256; d=example.org; s=rsa; h=from", Result::PermError, "version"},
      {"v=1; d=example.org; s=rsa; h=from", Result::PermError, "a= is missing"},
      {"v=1; a=rsa-sha1; d=example.org; s=rsa; h=from", Result::PermError, "rsa-sha1"},
      {"v=1; a=rsa-sha512; d=example.org; s=rsa; h=from", Result::PermError, "not known"},
      {"v=1; a=rsa-sha256; s=rsa; h=from", Result::PermError, "d= is missing"},
      {"v=1; a=rsa-sha256; d=; s=rsa; h=from", Result::PermError, "d= is empty"},
      {"v=1; a=rsa-sha256; d=org; s=rsa; h=from", Result::PermError, "no domain"},
      {"v=1; a=rsa-sha256; d=example.org(.x.com; s=rsa; h=from", Result::PermError, "no domain"},
      {"v=1; a=rsa-sha256; d=example..org; s=rsa; h=from", Result::PermError, "no domain"},
      {"v=1; a=rsa-sha256; d=example.org..; s=rsa; h=from", Result::PermError, "no domain"},
      {"v=1; a=rsa-sha256; d=Example.ORG; s=RSA; h=From", Result::Pass, ""},
      {"v=1; a=rsa-sha256; d=example.org; h=from", Result::PermError, "s= is missing"},
      {"v=1; a=rsa-sha256; d=example.org; s=a b; h=from", Result::PermError, "selector"},
      {"v=1; a=rsa-sha256; d=example.org; s=rsa", Result::PermError, "h= is missing"},
      {"v=1; a=rsa-sha256; d=example.org; s=rsa; h=to:subject", Result::PermError, "From is not signed"},
      {"v=1; a=rsa-sha256; d=example.org; s=rsa; h=from::to", Result::PermError, "field names"},
      {"v=1; a=rsa-sha256; d=example.org; s=rsa; h=from : no-such : from : \r\n to", Result::Pass, ""},
      {"v=1; a=ed25519-sha256; d=example.org; s=rsa; h=from", Result::PermError, "another algorithm"},
      {"v=1; a=rsa-sha256; d=example.org; s=none; h=from", Result::PermError,
       "there is no key at none._domainkey.example.org"},
      {good + "; bh=AAAA", Result::PermError, "bh="},
      {good + "; bh=!", Result::PermError, "bh="},
      {good + "; bh=", Result::PermError, "bh= is empty"},
      {good + "; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=", Result::Fail, "body was changed"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = of_tags(c.tags);
    EXPECT_EQ(to_string(outcome.result), to_string(c.result)) << c.tags << ": " << outcome.reason;
    EXPECT_NE(outcome.reason.find(c.reason), std::string::npos) << c.tags << ": " << outcome.reason;
    EXPECT_EQ(outcome.reason.empty(), c.result == Result::Pass);
  }
}

TEST_F(DkimVerify, KeysHaveTheirSay) {
  struct Case {
    std::vector<std::string> records;
    Result result;
    std::string reason;
  };
  const std::string p = "p=" + encode_base64(rsa_key().public_bytes());
  const std::string other = record_of(crypto::PrivateKey::generate(crypto::KeyType::Rsa, 1024).value());
  const std::string small =
      "p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALe3vC692yshWwvWygYqkum0JhMw2TIUWUZoE6OYyUMdzilyqL04UK2/"
      "aDafarwLeVDH4bjuBwd25lbmiZtfakcCAwEAAQ==";
  const Case cases[] = {
      {{p}, Result::Pass, ""},
      {{"v=DKIM1; " + p}, Result::Pass, ""},
      {{"v=DKIM1; k=rsa; h=sha1:sha256; s=*; t=y:x; n=a note; g=; x=y; " + p + ";"}, Result::Pass, ""},
      {{"s=email; " + p}, Result::Pass, ""},
      {{"s=other : email; " + p}, Result::Pass, ""},
      {{"s=other; " + p}, Result::PermError, "not for mail"},
      {{"h=sha1; " + p}, Result::PermError, "not for SHA-256"},
      {{"k=ed25519; " + p}, Result::PermError, "another algorithm"},
      {{"k=ed25519-sha256; " + p}, Result::PermError, "unknown kind"},
      {{p + "; v=DKIM1"}, Result::PermError, "not its first"},
      {{"v=DKIM2; " + p}, Result::PermError, "not of version DKIM1"},
      {{"v=DKIM1; k=rsa"}, Result::PermError, "p= is missing"},
      {{"v=DKIM1; p="}, Result::PermError, "revoked"},
      {{"v=DKIM1; p=!"}, Result::PermError, "p= is no base64"},
      {{"v=DKIM1; p=AAAA"}, Result::PermError, "can't be used"},
      {{"hello"}, Result::PermError, "is no key"},
      {{small}, Result::Policy, "512 bits"},
      {{other}, Result::Fail, "a signed header field was changed"},
      {{other, p}, Result::Pass, ""},
      {{"v=spf1 -all", "v=DKIM1; p=", p}, Result::Pass, ""},
      {{"v=DKIM1; p=", other}, Result::Fail, ""},
      {{other, other, other, other, p}, Result::Fail, ""},  // no more than four are tried
      {{"", "", "", "", "", p}, Result::Pass, ""},          // what is no key does not count
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    const std::string selector = "case" + std::to_string(i);
    for (const std::string& record : cases[i].records)
      check.resolver.add_txt(selector + "._domainkey.example.org", record);
    const Outcome outcome = of_tags("v=1; a=rsa-sha256; d=example.org; h=from; s=" + selector);
    EXPECT_EQ(to_string(outcome.result), to_string(cases[i].result)) << cases[i].records[0] << ": " << outcome.reason;
    EXPECT_NE(outcome.reason.find(cases[i].reason), std::string::npos) << outcome.reason;
    EXPECT_EQ(outcome.testing, i == 2);
  }
}

TEST_F(DkimVerify, AStrictKeyForbidsSubdomains) {
  check.resolver.add_txt("strict._domainkey.example.org", record_of(rsa_key(), "t=s; "));
  const std::string tags = "v=1; a=rsa-sha256; d=example.org; s=strict; h=from";
  EXPECT_EQ(of_tags(tags).result, Result::Pass);
  EXPECT_EQ(of_tags(tags + "; i=x@EXAMPLE.org").result, Result::Pass);
  EXPECT_EQ(of_tags(tags + "; i=x@sub.example.org").result, Result::PermError);
}

TEST_F(DkimVerify, BothFormsOfEd25519) {
  const std::string spki =
      std::string("\x30\x2A\x30\x05\x06\x03\x2B\x65\x70\x03\x21\x00", 12) + ed_key().public_bytes();
  check.resolver.add_txt("spki._domainkey.example.org", "k=ed25519; p=" + encode_base64(spki));
  for (const std::string selector : {"ed", "spki"}) {
    const std::string tags = "v=1; a=ed25519-sha256; d=example.org; h=from:to; s=" + selector;
    EXPECT_EQ(only(sign_tags(tags, kMessage, ed_key())).result, Result::Pass);
    EXPECT_EQ(only(sign_tags(tags, kMessage, crypto::PrivateKey::generate(crypto::KeyType::Ed25519).value())).result,
              Result::Fail);
  }
}

TEST_F(DkimVerify, ForgivesWhatTheCanonicalizationForgives) {
  struct Case {
    std::string_view what;
    std::string_view with;
    std::string passing;  // of simple/simple, simple/relaxed, relaxed/simple, relaxed/relaxed
  };
  const Case cases[] = {
      {"Subject: Dinner", "SUBJECT :  Dinner \t", "--++"},
      {"Subject: Dinner", "Subject: \r\n Dinner", "--++"},
      {"Subject: Dinner", "Subject: Din ner", "----"},
      {"Hello  Bob ", "Hello \t Bob", "-+-+"},
      {"Hello  Bob ", "HelloBob", "----"},
      {"you\r\n\r\n", "you\r\n\r\n\r\n\r\n", "++++"},
      {"you\r\n\r\n", "you", "++++"},
      {"\r\n\r\nHello", "\r\n\r\n\r\nHello", "----"},
      {"Date: Fri", "Date: Sat", "++++"},  // not signed
      {"To: bob", "To: eve@example.net\r\nTo: bob", "policy"},
      {"To: bob", "Cc: eve@example.net\r\nTo: bob", "++++"},
      {"To: bob@example.net\r\n", "", "----"},
  };
  const std::string_view kinds[] = {"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"};
  for (const Case& c : cases) {
    std::string passing;
    for (const std::string_view kind : kinds) {
      const std::string message = sign_tags(std::string(kGood) + "; c=" + std::string(kind), kMessage, rsa_key());
      const Outcome outcome = only(replaced(message, c.what, c.with));
      passing += outcome.result == Result::Pass ? '+' : '-';
      if (c.passing == "policy")
        EXPECT_EQ(outcome.result, Result::Policy);
      else if (outcome.result != Result::Pass)
        EXPECT_EQ(outcome.result, Result::Fail);
    }
    if (c.passing != "policy") EXPECT_EQ(passing, c.passing) << c.with;
  }
}

TEST_F(DkimVerify, TakesListedFieldsFromTheBottom) {
  const std::string two = "X-A: one\r\nX-A: two\r\n" + std::string(kMessage);
  const std::string tags = "v=1; a=rsa-sha256; d=example.org; s=rsa; h=from:x-a";
  const std::string one_signed = sign_tags(tags, two, rsa_key());
  EXPECT_EQ(only(one_signed).result, Result::Pass);
  EXPECT_EQ(only(replaced(one_signed, "X-A: one", "X-A: changed")).result, Result::Pass);
  EXPECT_EQ(only(replaced(one_signed, "X-A: two", "X-A: changed")).result, Result::Fail);
  const std::string all_signed = sign_tags(tags + ":x-a:x-a", two, rsa_key());
  EXPECT_EQ(only(all_signed).result, Result::Pass);
  EXPECT_EQ(only(replaced(all_signed, "X-A: one", "X-A: three\r\nX-A: one")).result, Result::Fail);
  // The signature's own field is not among those that DKIM-Signature in h= means.
  const std::string nested = sign_tags(std::string(kGood) + ":dkim-signature", one_signed, rsa_key());
  const auto outcomes = check.verify(nested);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].result, Result::Pass);
  EXPECT_EQ(outcomes[1].result, Result::Pass);
}

TEST_F(DkimVerify, FieldsHaveAnyNameThatMayBe) {
  const std::string odd = "X-Copyright(C): 2002\r\n1st: x\r\n\"quoted\": y\r\n" + std::string(kMessage);
  EXPECT_EQ(only(sign_tags(std::string(kGood) + ":x-copyright(c)", odd, rsa_key())).result, Result::Pass);
  const std::string message = sign_tags(kGood, kMessage, rsa_key());
  EXPECT_EQ(only(replaced(message, "From: Ann", "X[1]: y\r\nFrom: Ann")).result, Result::Pass);
  // What is no field ends the header, and so changes the body.
  for (const std::string_view line : {"\x0B, eve@evil.example", "\xC2\xA0, eve@evil.example", "no colon", ": no name"})
    EXPECT_EQ(only(replaced(message, "To: bob", std::string(line) + "\r\nTo: bob")).result, Result::Fail) << line;
}

TEST_F(DkimVerify, ASecondFieldThatIsShownIsNotAccepted) {
  const std::string message =
      sign_tags("v=1; a=rsa-sha256; d=example.org; s=rsa; h=from:subject:x-mine", kMessage, rsa_key());
  for (const std::string field : {"From: eve@example.com", "FROM : x", "subject: Win"}) {
    const Outcome outcome = only(field + "\r\n" + message);
    EXPECT_EQ(outcome.result, Result::Policy) << field;
    EXPECT_NE(outcome.reason.find("not signed"), std::string::npos);
  }
  EXPECT_EQ(only("X-Other: x\r\nReceived: y\r\nTo: z\r\n" + message).result, Result::Pass);
}

TEST_F(DkimVerify, TellsWhichFieldWasChangedWhereItCan) {
  const std::string tags =
      std::string(kGood) + "; z=From:Ann=20<ann@example.org>|To:bob@example.net|\r\n Subject:=20Dinner|Date:Fri";
  const std::string message = sign_tags(tags, kMessage, rsa_key());
  EXPECT_EQ(only(message).result, Result::Pass);
  EXPECT_EQ(only(replaced(message, "Subject: Dinner", "Subject: Lunch")).reason,
            "Subject was changed after it was signed");
  EXPECT_EQ(only(replaced(replaced(message, "Subject: D", "Subject: d"), "To: bob", "To: rob")).reason,
            "To, Subject was changed after it was signed");
}

TEST_F(DkimVerify, APartOfTheBodyProvesNoAddress) {
  const std::string tags = std::string(kGood) + "; c=relaxed/relaxed; l=";
  const Outcome whole = of_tags(tags + "22");
  EXPECT_EQ(whole.result, Result::Pass) << whole.reason;
  EXPECT_FALSE(whole.partial_body);
  const std::string message = sign_tags(tags + "5", kMessage, rsa_key());
  const Outcome part = only(message + "an advertisement\r\n");
  EXPECT_EQ(part.result, Result::Pass);
  EXPECT_TRUE(part.partial_body);
  EXPECT_FALSE(part.vouches());
  EXPECT_EQ(only(replaced(message, "Hello", "Hallo")).result, Result::Fail);
}

TEST_F(DkimVerify, SeveralSignaturesEachForItself) {
  std::string message = sign_tags(kGood, kMessage, rsa_key());
  message = sign_tags("v=1; a=ed25519-sha256; d=example.org; s=ed; h=from", message, ed_key());
  message = sign_tags("v=1; a=rsa-sha256; d=example.org; s=none; h=from", message, rsa_key());
  message = "DKIM-Signature: nonsense\r\n" + sign_tags(kGood, message, rsa_key());
  for (const std::size_t piece : {1U, 1000U}) {
    const auto outcomes = check.verify(message, piece);
    ASSERT_EQ(outcomes.size(), 5U);
    EXPECT_EQ(outcomes[0].result, Result::PermError);
    EXPECT_EQ(outcomes[1].result, Result::Pass);
    EXPECT_EQ(outcomes[2].result, Result::PermError);
    EXPECT_EQ(outcomes[3].result, Result::Pass);
    EXPECT_EQ(outcomes[4].result, Result::Pass);
    EXPECT_EQ(check.asked, 3U);  // the same key once
  }
}

TEST_F(DkimVerify, DnsTroubleIsTemporary) {
  std::string message = sign_tags(kGood, kMessage, rsa_key());
  message = sign_tags("v=1; a=ed25519-sha256; d=example.org; s=ed; h=from", message, ed_key());
  for (const Found trouble : {Found::TemporaryFailure, Found::Timeout}) {
    check.resolver.fail_with("rsa._domainkey.example.org", dns::Type::Txt, trouble);
    const auto outcomes = check.verify(message);
    EXPECT_EQ(outcomes.at(0).result, Result::Pass);
    EXPECT_EQ(outcomes.at(1).result, Result::TempError);
    EXPECT_NE(outcomes.at(1).reason.find("rsa._domainkey.example.org"), std::string::npos);
  }
  for (const Found none : {Found::NoRecords, Found::NoSuchName}) {
    check.resolver.fail_with("rsa._domainkey.example.org", dns::Type::Txt, none);
    EXPECT_EQ(check.verify(message).at(1).result, Result::PermError);
  }
}

TEST_F(DkimVerify, AnswersMayComeLater) {
  check.resolver.answer_later();
  const std::string message =
      sign_tags("v=1; a=ed25519-sha256; d=example.org; s=ed; h=from", sign_tags(kGood, kMessage, rsa_key()), ed_key());
  const auto outcomes = check.verify(message);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].result, Result::Pass);
  EXPECT_EQ(outcomes[1].result, Result::Pass);
}

// What strangers may cost.
TEST_F(DkimVerify, TenThousandSignatures) {
  std::string message;
  const std::string one =
      "DKIM-Signature: v=1; a=rsa-sha256; d=d.example; s=s; h=from; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; "
      "b=AA==\r\n";
  for (int i = 0; i < 10'000; ++i) message += one;
  message += kMessage;
  const auto begin = std::chrono::steady_clock::now();
  const auto outcomes = check.verify(message);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_EQ(outcomes.size(), mail::HeaderBlock::kMaxFields);
  EXPECT_EQ(outcomes[0].result, Result::PermError);
  EXPECT_EQ(outcomes[9].result, Result::PermError);
  EXPECT_EQ(outcomes[10].result, Result::Policy);
  EXPECT_EQ(outcomes[999].result, Result::Policy);
  EXPECT_EQ(check.asked, 0U);
}

TEST_F(DkimVerify, ManySignaturesThatDiffer) {
  std::string message(kMessage);
  for (int i = 0; i < 30; ++i) {
    check.resolver.add_txt("s" + std::to_string(i) + "._domainkey.example.org", record_of(rsa_key()));
    message =
        sign_tags("v=1; a=rsa-sha256; d=example.org; h=from; s=s" + std::to_string(i) + "; l=" + std::to_string(i / 2),
                  message, rsa_key());
  }
  const auto outcomes = check.verify(message);
  ASSERT_EQ(outcomes.size(), 30U);
  EXPECT_EQ(check.asked, 10U);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(outcomes[i].result, i < 10 ? Result::Pass : Result::Policy) << i;
}

TEST_F(DkimVerify, TenThousandNamesAndFields) {
  std::string names = "from";
  for (int i = 0; i < 10'000; ++i) names += ":x";
  EXPECT_EQ(of_tags("v=1; a=rsa-sha256; d=example.org; s=rsa; h=" + names).result, Result::PermError);

  std::string most = "from";
  for (std::size_t i = 1; i < Signature::kMostHeaders; ++i) most += ":x";
  std::string message(kMessage);
  for (int i = 0; i < 900; ++i) message = "X: y\r\n" + message;
  const std::string signed_once = sign_tags("v=1; a=rsa-sha256; d=example.org; s=rsa; h=" + most, message, rsa_key());
  std::string signed_often;
  for (int i = 0; i < 10; ++i) signed_often += signed_once.substr(0, signed_once.find("X: y"));
  signed_often += message;
  const auto begin = std::chrono::steady_clock::now();
  for (const Outcome& outcome : check.verify(signed_often)) EXPECT_EQ(outcome.result, Result::Pass) << outcome.reason;
  EXPECT_LT(std::chrono::steady_clock::now() - begin,
            std::chrono::seconds(5));  // 10 x 1000 x 914, without optimisation

  for (int i = 0; i < 10'000; ++i) message = "X: y\r\n" + message;
  const Outcome outcome = only(signed_once.substr(0, signed_once.find("X: y")) + message);
  EXPECT_EQ(outcome.result, Result::PermError);
  EXPECT_NE(outcome.reason.find("too large"), std::string::npos);
}

TEST_F(DkimVerify, TextOfStrangersIsPrintableAndBounded) {
  const Outcome outcome =
      only("DKIM-Signature: v=1; a=\xFF" + std::string(5000, 'x') +
           "; d=example.org; s=rsa; i=\xC3\xA4\"\x7F@example.org; b=\"\xFF\xFE\r\n" + std::string(kMessage));
  EXPECT_EQ(outcome.result, Result::PermError);
  for (const std::string& text : {outcome.reason, outcome.algorithm, outcome.identity, outcome.signature_head}) {
    EXPECT_LE(text.size(), 400U);
    for (const char c : text) EXPECT_TRUE(c >= 32 && c < 127) << static_cast<int>(c);
  }
}

}  // namespace
}  // namespace anechoic::auth::dkim
