// SPDX-License-Identifier: Apache-2.0
#include "auth/authentication_results.h"

#include <gtest/gtest.h>

namespace anechoic::auth {
namespace {

Evidence whole() {
  Evidence evidence;
  evidence.spf.emplace();
  evidence.spf->result = spf::Result::SoftFail;
  evidence.spf->domain = "bounce.example.net";
  evidence.spf->explanation = "not for headers";
  evidence.helo.emplace();
  evidence.helo->result = spf::Result::TempError;
  evidence.helo->identity = spf::Identity::Helo;
  evidence.helo->domain = "mx.example.net";
  evidence.helo->problem = "no answer";
  evidence.dkim.emplace();
  dkim::Outcome& signature = evidence.dkim->emplace_back();
  signature.result = dkim::Result::Fail;
  signature.reason = "the body was changed";
  signature.domain = "example.net";
  signature.selector = "2026-11";
  signature.algorithm = "rsa-sha256";
  signature.signature_head = "a/b+CdEf";
  evidence.dmarc.emplace();
  evidence.dmarc->result = dmarc::Result::Fail;
  evidence.dmarc->from_domain = "example.com";
  evidence.dmarc->published = dmarc::Policy::Reject;
  evidence.dmarc->policy = dmarc::Policy::Quarantine;
  evidence.dmarc->reason = "nothing that passed is aligned with example.com";
  evidence.arc.emplace();
  evidence.arc->result = arc::Result::Pass;
  evidence.arc->oldest_pass = 2;
  return evidence;
}

TEST(AuthenticationResultsField, TellsAllThatWasAsked) {
  EXPECT_EQ(write_results(whole(), "mx.example.org"),
            "Authentication-Results: mx.example.org;\r\n"
            "\tspf=softfail smtp.mailfrom=bounce.example.net;\r\n"
            "\tspf=temperror reason=\"no answer\" smtp.helo=mx.example.net;\r\n"
            "\tdkim=fail reason=\"the body was changed\" header.d=example.net\r\n"
            "\theader.s=2026-11 header.a=rsa-sha256 header.b=\"a/b+CdEf\";\r\n"
            "\tdmarc=fail reason=\"nothing that passed is aligned with example.com\"\r\n"
            "\theader.from=example.com policy.dmarc=quarantine;\r\n"
            "\tarc=pass header.oldest-pass=2\r\n");
}

TEST(AuthenticationResultsField, WhatWasNotAskedIsNotThere) {
  EXPECT_EQ(write_results({}, "mx.example.org"), "Authentication-Results: mx.example.org; none\r\n");
  Evidence unsigned_message;
  unsigned_message.dkim.emplace();
  EXPECT_EQ(write_results(unsigned_message, "mx.example.org"),
            "Authentication-Results: mx.example.org;\r\n\tdkim=none\r\n");
}

TEST(AuthenticationResultsField, ThePolicyStandsBesideAFailOnly) {
  Evidence evidence = whole();
  for (const dmarc::Result result : {dmarc::Result::None, dmarc::Result::Pass, dmarc::Result::TempError}) {
    evidence.dmarc->result = result;
    EXPECT_FALSE(write_results(evidence, "x").contains("policy.dmarc"));
  }
}

TEST(AuthenticationResultsField, AChainThatCouldNotBeCheckedIsLeftOut) {
  Evidence evidence = whole();
  evidence.arc->result = arc::Result::TempError;
  EXPECT_FALSE(write_results(evidence, "x").contains("\tarc="));
}

TEST(AuthenticationResultsField, APartialBodyIsTold) {
  Evidence evidence = whole();
  evidence.dkim->front().result = dkim::Result::Pass;
  evidence.dkim->front().reason.clear();
  evidence.dkim->front().partial_body = true;
  EXPECT_TRUE(write_results(evidence, "x").contains("dkim=pass reason=\"l= covers only a part of the body\""));
}

TEST(AuthenticationResultsField, HostileTextStaysInItsPlace) {
  Evidence evidence = whole();
  const std::string evil = "x\r\nBcc: y@example.com\r\n\r\n; dmarc=pass header.from=bank.example \"\xFF";
  evidence.spf->domain = evidence.helo->problem = evil;
  evidence.dkim->front().domain = evidence.dkim->front().reason = evidence.dkim->front().selector = evil;
  evidence.dmarc->from_domain = evidence.dmarc->reason = evil;
  evidence.dkim->resize(10'000, evidence.dkim->front());
  const std::string field = write_results(evidence, "mx.example.org");
  const auto parsed = mail::parse_authentication_results(field.substr(field.find(':') + 1), mail::Reading::Strict);
  ASSERT_TRUE(parsed) << field;
  EXPECT_EQ(parsed->results.size(), 2 + kMostSignatures + 2);
  EXPECT_EQ(parsed->results[parsed->results.size() - 2].method, "dmarc");
  EXPECT_EQ(parsed->results[parsed->results.size() - 2].result, "fail");
  EXPECT_FALSE(field.contains("\r\nBcc"));
  EXPECT_LT(field.size(), 64U * 1024U);
}

}  // namespace
}  // namespace anechoic::auth
