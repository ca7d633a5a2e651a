// SPDX-License-Identifier: Apache-2.0
// Published sets of DKIM messages, as labelled. Where the labels stand in their programs' tests rather than beside the
// messages, they are written here.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "auth/dkim/canonical_body.h"
#include "auth/dkim/sign.h"
#include "testing/dkim_check.h"

namespace anechoic::auth::dkim {
namespace {

using anechoic::testing::DkimCheck;
using anechoic::testing::sign_tags;
using anechoic::testing::with_crlf;

std::filesystem::path corpora() {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

#define NEED(folder) \
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "not held: corpora absent (" << (folder) << ")"

struct Kept final : BodySink {
  std::string text;
  void write(std::string_view canonical) override { text += canonical; }
};

// Header and body, with the empty line between them.
std::string canonical_message(Canonicalization canonicalization, std::string_view message) {
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
  Kept kept;
  for (const mail::Field& field : header.fields()) append_canonical(kept.text, canonicalization, field);
  kept.text += "\r\n";
  BodyCanonicalizer body(canonicalization, kept);
  body.feed(message.substr(header.body_offset()));
  body.finish();
  return kept.text;
}

TEST(DkimCorpora, FlankerCanonicalForms) {
  const auto folder = corpora() / "auth/flanker-dkim/tests/fixtures/messages/dkim";
  NEED(folder);
  unsigned cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("email.")) continue;
    const std::string message = with_crlf(read(entry.path()));
    const std::string number = name.substr(6);
    EXPECT_EQ(canonical_message(Canonicalization::Simple, message), read(folder / ("simple.expected." + number)))
        << number;
    EXPECT_EQ(canonical_message(Canonicalization::Relaxed, message), read(folder / ("relaxed.expected." + number)))
        << number;
    ++cases;
  }
  EXPECT_EQ(cases, 21U);
}

// Key records that single cases of the set have in place of the usual one.
std::string special_record(const std::string& test, const std::string& usual) {
  const std::string p = usual.substr(usual.find("p="));
  const std::map<std::string, std::string> records{
      {"DKIM key with empty notes tag", "v=DKIM1; n=; " + p},
      {"DKIM key with list of allowed hash algorithms", "v=DKIM1; h=sha256:test; " + p},
      {"DKIM key with wildcard service tag", "v=DKIM1; s=*; " + p},
      {"DKIM key with email service tag", "v=DKIM1; s=email; " + p},
      {"DKIM key with unknown tag", "v=DKIM1; foo=bar; " + p},
      {"Revoked key", "v=DKIM1; p="},
      {"Hash algorithm is not in the allowed list of the DKIM key", "v=DKIM1; h=sha1:test; " + p},
      {"DKIM key with other service tag", "v=DKIM1; s=other; " + p},
  };
  const auto found = records.find(test);
  return found == records.end() ? usual : found->second;
}

TEST(DkimCorpora, Lieser) {
  const auto folder = corpora() / "auth/lieser-dkim";
  NEED(folder);
  const YAML::Node zone = YAML::LoadFile(folder / "dns.json");
  unsigned cases = 0;
  for (const YAML::Node& test : YAML::LoadFile(folder / "labels.json")) {
    const auto name = test["name"].as<std::string>();
    DkimCheck check;
    check.now = anechoic::testing::at_second(1'780'000'000);
    for (const auto& entry : zone) {
      const auto owner = entry.first.as<std::string>();
      const auto record = entry.second.as<std::string>();
      check.resolver.add_txt(owner, owner == "brisbane._domainkey.example.com" ? special_record(name, record) : record);
    }
    std::vector<std::string> found;
    std::string reasons;
    for (const YAML::Node& file : test["files"]) {
      for (const Outcome& outcome : check.verify(with_crlf(read(folder / "test/data" / file.as<std::string>())))) {
        found.emplace_back(outcome.result == Result::Pass ? "SUCCESS" : "PERMFAIL");
        EXPECT_NE(outcome.result, Result::TempError);
        reasons += outcome.reason + "; ";
      }
    }
    // One label stands for all signatures of a message where they are alike.
    auto expected = test["results"].as<std::vector<std::string>>();
    while (expected.size() < found.size()) expected.push_back(expected.front());
    EXPECT_EQ(found, expected) << name << ": " << reasons;
    ++cases;
  }
  EXPECT_EQ(cases, 32U);
}

// Real mail that is in the set without labels, with most of its keys: judged as of when it was sent.
TEST(DkimCorpora, LieserOriginals) {
  const auto folder = corpora() / "auth/lieser-dkim";
  NEED(folder);
  DkimCheck check;
  check.options.clock_skew = std::chrono::years(30);
  for (const auto& entry : YAML::LoadFile(folder / "dns.json"))
    check.resolver.add_txt(entry.first.as<std::string>(), entry.second.as<std::string>());
  std::map<std::string, unsigned> results;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "test/data/original")) {
    for (const Outcome& outcome : check.verify(with_crlf(read(entry.path()))))
      ++results[std::string(to_string(outcome.result)) + " " + outcome.reason];
  }
  EXPECT_EQ(results, (std::map<std::string, unsigned>{
                         {"pass ", 5},
                         {"permerror there is no key at 224i4yxa5dv7c2xz3womw6peuasteono._domainkey.amazonses.com", 1},
                         {"permerror there is no key at fm3._domainkey.messagingengine.com", 2}}));
}

TEST(DkimCorpora, Mailauth) {
  const auto folder = corpora() / "auth/mailauth/test/dkim/ec/fixtures";
  NEED(folder);
  DkimCheck check;
  for (const auto& entry : YAML::LoadFile(folder / "dns.json")) {
    for (const YAML::Node& record : entry.second["TXT"]) {
      std::string text;
      for (const YAML::Node& part : record) text += part.as<std::string>();
      check.resolver.add_txt(entry.first.as<std::string>(), text);
    }
  }
  const auto outcomes = check.verify(with_crlf(read(folder / "signed.eml")));
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].result, Result::Pass) << outcomes[0].reason;
  EXPECT_EQ(outcomes[1].result, Result::Pass) << outcomes[1].reason;
}

constexpr std::string_view kCanonicalizations[] = {"simple/simple", "simple/relaxed", "relaxed/simple",
                                                   "relaxed/relaxed"};

// The cases of dkimpy's test_dkim.py and test_dkim_ed25519.py, by their names there.
struct Dkimpy : ::testing::Test {
  std::filesystem::path folder = corpora() / "auth/dkimpy";
  DkimCheck check;
  std::string message;
  std::optional<crypto::PrivateKey> key;

  void SetUp() override {
    NEED(folder);
    message = with_crlf(read(folder / "test.message"));
    key = crypto::PrivateKey::parse_pem(read(folder / "test.private")).value();
    check.resolver.add_txt("test._domainkey.example.com", read(folder / "test.txt"));
  }
  [[nodiscard]] std::string sign(std::string_view canonicalization, std::string_view headers = "from:to:subject:from",
                                 std::string_view domain = "example.com") const {
    return sign_tags("v=1; a=rsa-sha256; s=test; d=" + std::string(domain) + "; c=" + std::string(canonicalization) +
                         "; h=" + std::string(headers),
                     message, *key);
  }
  [[nodiscard]] Result only(std::string_view signed_message) {
    const auto outcomes = check.verify(signed_message);
    EXPECT_EQ(outcomes.size(), 1U);
    return outcomes.empty() ? Result::None : outcomes.front().result;
  }
};

TEST_F(Dkimpy, TestVerifies) {
  for (const std::string_view c : kCanonicalizations) EXPECT_EQ(only(sign(c)), Result::Pass) << c;
}

TEST_F(Dkimpy, TestImplicitK) {
  DkimCheck other;
  other.resolver.add_txt("test._domainkey.example.com", read(folder / "test2.txt"));
  for (const std::string_view c : kCanonicalizations) EXPECT_EQ(other.verify(sign(c)).at(0).result, Result::Pass) << c;
}

TEST_F(Dkimpy, BadRecords) {
  for (const std::string file : {"badk.txt", "badversion.txt", "test_bad.txt", "test_tlsrpt.txt"}) {
    DkimCheck other;
    other.resolver.add_txt("test._domainkey.example.com", read(folder / file));
    const auto outcome = other.verify(sign("relaxed/relaxed")).at(0);
    EXPECT_EQ(outcome.result, Result::PermError) << file << outcome.reason;
  }
}

TEST_F(Dkimpy, TestAlteredBodyFails) {
  for (const std::string_view c : kCanonicalizations) EXPECT_EQ(only(sign(c) + "foo"), Result::Fail) << c;
}

TEST_F(Dkimpy, TestBadlyEncodedDomainFails) {
  EXPECT_EQ(only(sign("relaxed/relaxed", "from", "example.com\xE9")), Result::PermError);
  EXPECT_EQ(only(with_crlf(read(folder / "test.message.baddomain"))), Result::PermError);
}

TEST_F(Dkimpy, TestDegenerateFolding) {
  check.resolver.add_txt(
      "20120113._domainkey.gmail.com",
      "k=rsa; "
      "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1Kd87/UeJjenpabgbFwh+eBCsSTrqmwIYYvywlbhbqoo2DymndFkbjOVIPIldNs/"
      "m40KF+yzMn1skyoxcTUGCQs8g3FgD2Ap3ZB5DekAo5wMmk4wimDO+U8QzI3SD07y2+07wlNWwIt8svnxgdxGkVbbhzY8i+"
      "RQ9DpSVpPbF7ykQxtKXkv/"
      "ahW3KjViiAH+ghvvIhkx4xYSIc9oSwVmAl5OctMEeWUwg8Istjqz8BZeTWbf41fbNhte7Y+YqZOwq1Sd0DbvYAD9NOZK9vlfuac0598HY+"
      "vtSBczUiKERHv1yRbcaQtZFh5wtiRrN04BLUTD21MycBX5jYchHjPY/wIDAQAB");
  EXPECT_EQ(only(with_crlf(read(folder / "test2.message"))), Result::Pass);
}

TEST_F(Dkimpy, TestExtraHeaders) {
  message = with_crlf(read(folder / "message.mbox"));
  std::string names;
  for (const mail::Field& field : mail::HeaderBlock::parse_exact(message).fields())
    names += std::string(field.name) + ":";
  for (const std::string_view c : kCanonicalizations)
    EXPECT_EQ(check.verify(sign(c, names + "from")).at(0).result, Result::Pass) << c;
}

TEST_F(Dkimpy, TestMultipleFromFails) {
  const std::string hostile = "From: \"Resident Evil\" <sales@spammer.com>\r\n";
  for (const std::string_view c : kCanonicalizations) {
    const std::string good = sign(c, "from:to:subject:from");
    std::string at_end = good;
    at_end.insert(at_end.find("\r\n\r\n") + 2, hostile);
    std::string unknown = good;
    unknown.insert(unknown.find("\r\n\r\n") + 2, "X-Foo: bar\r\n");
    EXPECT_EQ(only(unknown), Result::Pass);
    EXPECT_EQ(only(at_end), Result::Fail);
    EXPECT_EQ(only(hostile + good), Result::Fail);
  }
}

TEST_F(Dkimpy, TestNoFromFails) {
  const std::string none = with_crlf(read(folder / "test_nofrom.message"));
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(none);
  Signer signer(header, {}, {}, check.now);
  EXPECT_FALSE(signer.finish());
}

TEST_F(Dkimpy, TestDkimSignatureCanonicalization) {
  message = "From: mbp@canonical.com\r\nTo: scottk@example.com\r\nSubject: this is my\r\n    test message\r\n";
  for (const std::string_view c : {"relaxed/relaxed", "simple/relaxed"}) {
    // Only b= is folded again.
    std::string folded = sign(c);
    const std::size_t b = folded.find("; b=") + 4;
    for (const std::size_t at : {80U, 41U, 20U, 0U}) folded.insert(b + at, at == 41 ? "\r\n\t" : "\r\n  ");
    EXPECT_EQ(only(folded), Result::Pass) << c;
  }
}

TEST_F(Dkimpy, TestVerifyThirdParty) {
  check.resolver.add_txt("sed._domainkey.test.ex", read(folder / "eximtest.dns"));
  EXPECT_EQ(only(with_crlf(read(folder / "ed25519test2.msg"))), Result::Pass);
}

TEST_F(Dkimpy, TestRfc8032PreviousVerifies) {
  check.resolver.add_txt("brisbane._domainkey.football.example.com",
                         "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  check.resolver.add_txt("test._domainkey.football.example.com", read(folder / "test.txt"));
  const auto outcomes = check.verify(with_crlf(read(folder / "rfc6376.signed.msg")));
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].result, Result::Pass) << outcomes[0].reason;
  EXPECT_EQ(outcomes[1].result, Result::Pass) << outcomes[1].reason;
  EXPECT_EQ(only(with_crlf(read(folder / "rfc6376.signed.rsa.msg"))), Result::Pass);
  // The same b= below other tags.
  EXPECT_EQ(only(with_crlf(read(folder / "rfc6376.signed.no_t.msg"))), Result::Fail);
}

// A header in another charset than UTF-8.
TEST_F(Dkimpy, TestNonUtf8) {
  message = with_crlf(read(folder / "rfc6376.w1258.msg"));
  for (const std::string_view c : kCanonicalizations) EXPECT_EQ(only(sign(c)), Result::Pass) << c;
}

TEST_F(Dkimpy, KeysInBothForms) {
  for (const std::string bits : {"1024", "2048"}) {
    key = crypto::PrivateKey::parse_pem(read(folder / (bits + "_testkey.key"))).value();
    for (const std::string form : {"_testkey_wo_markers.pub.txt", "_testkey_wo_markers.pub.rsa.txt"}) {
      DkimCheck other;
      other.resolver.add_txt("test._domainkey.example.com", read(folder / (bits + form)));
      const auto outcome = other.verify(sign("relaxed/relaxed")).at(0);
      EXPECT_EQ(outcome.result, Result::Pass) << bits << form << outcome.reason;
      EXPECT_EQ(std::to_string(outcome.key_bits), bits);
    }
  }
  EXPECT_EQ(crypto::PrivateKey::parse_pem(read(folder / "2048_testkey_PKCS8.key")).value().public_bytes().size(), 294U);
}

}  // namespace
}  // namespace anechoic::auth::dkim
