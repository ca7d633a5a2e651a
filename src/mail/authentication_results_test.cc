// SPDX-License-Identifier: Apache-2.0
#include "mail/authentication_results.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/ascii.h"
#include "mail/header_block.h"

namespace anechoic::mail {
namespace {

using Results = std::vector<AuthenticationResults::Result>;

// "id/version: method=result reason=[x] type.name=[value]; ..." or the error's name.
std::string shown(std::string_view value, Reading reading = Reading::Strict) {
  const auto parsed = parse_authentication_results(value, reading);
  if (!parsed) return parsed.error().code == Errc::Limit ? "limit" : "syntax";
  std::string out = "[" + parsed->authserv_id + "]/" + std::to_string(parsed->version) + ":";
  for (const auto& result : parsed->results) {
    out += " " + result.method;
    if (result.version != 1) out += "/" + std::to_string(result.version);
    out += "=" + result.result;
    if (!result.reason.empty()) out += " reason=[" + result.reason + "]";
    for (const auto& property : result.properties) {
      out += " " + property.type + "." + property.name + "=[" + property.value + "]";
    }
    out += ";";
  }
  return out;
}

struct Case {
  std::string_view value;
  std::string_view expected;
};

TEST(AuthenticationResults, ExamplesOfRfc8601) {  // appendix B
  for (const Case& one : {
           Case{" example.org 1; none", "[example.org]/1:"},
           Case{" example.com;\r\n          spf=pass smtp.mailfrom=example.net",
                "[example.com]/1: spf=pass smtp.mailfrom=[example.net];"},
           Case{" example.com;\r\n          auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
                "          spf=pass smtp.mailfrom=example.net",
                "[example.com]/1: auth=pass smtp.auth=[sender@example.net]; spf=pass smtp.mailfrom=[example.net];"},
           Case{" example.com; iprev=pass\r\n          policy.iprev=192.0.2.200",
                "[example.com]/1: iprev=pass policy.iprev=[192.0.2.200];"},
           Case{" example.com;\r\n          dkim=pass (good signature) header.d=example.com",
                "[example.com]/1: dkim=pass header.d=[example.com];"},
           Case{" example.com;\r\n      dkim=pass reason=\"good signature\"\r\n"
                "        header.i=@mail-router.example.net;\r\n      dkim=fail reason=\"bad signature\"\r\n"
                "        header.i=@newyork.example.com",
                "[example.com]/1: dkim=pass reason=[good signature] header.i=[@mail-router.example.net]; "
                "dkim=fail reason=[bad signature] header.i=[@newyork.example.com];"},
           Case{" foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait for it) "
                "fail\r\n"
                "      policy (A dot can go here) . (like that) expired\r\n"
                "      (this surprised me) = (as I wasn't expecting it) 1362471462",
                "[foo.example.net]/1: dkim=fail policy.expired=[1362471462];"},
           // 2.7.4, 2.7.6, 2.4
           Case{"c.example; auth=pass smtp.auth=client@c.example smtp.mailfrom=bob@b.example",
                "[c.example]/1: auth=pass smtp.auth=[client@c.example] smtp.mailfrom=[bob@b.example];"},
           Case{"example.com;\r\n          foo=pass bar.baz=blob (2 of 3 tests OK)",
                "[example.com]/1: foo=pass bar.baz=[blob];"},
           Case{"example.com; dkim=policy policy.dkim-rules=unsigned-subject",
                "[example.com]/1: dkim=policy policy.dkim-rules=[unsigned-subject];"},
           // RFC 6008 4: several signatures told apart
           Case{"mail-router.example.net;\r\n dkim=pass (good signature) header.d=newyork.example.com\r\n"
                "  header.b=oINEO8hg;\r\n dkim=fail (bad signature) header.d=newyork.example.com\r\n header.b=EToRSuvU",
                "[mail-router.example.net]/1: dkim=pass header.d=[newyork.example.com] header.b=[oINEO8hg]; "
                "dkim=fail header.d=[newyork.example.com] header.b=[EToRSuvU];"},
       }) {
    EXPECT_EQ(shown(one.value), one.expected) << one.value;
    EXPECT_EQ(shown(one.value, Reading::Lenient), one.expected) << one.value;
  }
}

TEST(AuthenticationResults, Grammar) {  // 2.2
  for (const Case& one : {
           Case{"example.com;none", "[example.com]/1:"},
           Case{"(c) example.com (c) ; (c) none (c)", "[example.com]/1:"},
           Case{"example.com; NONE", "[example.com]/1:"},
           Case{"example.com; none=pass", "[example.com]/1: none=pass;"},
           Case{"\"example.com\"; none", "[example.com]/1:"},
           Case{"\"a \\\"b\\\\ c\"; none", "[a \"b\\ c]/1:"},
           Case{"m\xC3\xBC.example; none", "[m\xC3\xBC.example]/1:"},
           Case{"example.com 2; future syntax (", "[example.com]/2:"},
           Case{"example.com 01; none", "[example.com]/1:"},
           Case{"example.com; SPF=PASS SMTP.MailFrom=Example.NET",
                "[example.com]/1: spf=pass smtp.mailfrom=[Example.NET];"},
           Case{"example.com; dkim/2=pass", "[example.com]/1: dkim/2=pass;"},
           Case{"example.com;dkim=pass(x)header.d=a.b", "[example.com]/1: dkim=pass header.d=[a.b];"},
           Case{"example.com; dkim=fail reason=word header.b=\"a/b+c=\"",
                "[example.com]/1: dkim=fail reason=[word] header.b=[a/b+c=];"},
           Case{"example.com; dkim=pass reason.x=y", "[example.com]/1: dkim=pass reason.x=[y];"},
           Case{"example.com; spf=pass smtp.mailfrom=a+b=c/d@example.net",
                "[example.com]/1: spf=pass smtp.mailfrom=[a+b=c/d@example.net];"},
           Case{"example.com; spf=pass smtp.mailfrom=\"a b\"@example.net",
                "[example.com]/1: spf=pass smtp.mailfrom=[a b@example.net];"},
           Case{"example.com; x=y a.b=\"fold\r\n ed\" (nested (comment \\) ) )", "[example.com]/1: x=y a.b=[fold ed];"},
           // Not in the grammar.
           Case{"", "syntax"},
           Case{"   ", "syntax"},
           Case{"; none", "syntax"},
           Case{"\"\"; none", "syntax"},
           Case{"example.com", "syntax"},
           Case{"example.com;", "syntax"},
           Case{"example.com none", "syntax"},
           Case{"example.com; none; spf=pass", "syntax"},
           Case{"example.com; spf", "syntax"},
           Case{"example.com; spf=", "syntax"},
           Case{"example.com; =pass", "syntax"},
           Case{"example.com; spf=pass smtp.mailfrom", "syntax"},
           Case{"example.com; spf=pass smtp.=x", "syntax"},
           Case{"example.com; spf=pass smtp.mailfrom=", "syntax"},
           Case{"example.com; spf=pass reason=", "syntax"},
           Case{"example.com; spf=pass smtp.mailfrom=a@", "syntax"},
           Case{"example.com; spf=pass smtp.helo=x reason=late", "syntax"},
           Case{"example.com; dkim=pass header.b=a/b", "syntax"},
           Case{"example.com; spf=pass smtp.remote-ip=2001:db8::1", "syntax"},
           Case{"example.com; spf=pass;", "syntax"},
           Case{"example.com; spf-=pass", "syntax"},
           Case{"example.com; x_y=pass", "syntax"},
           Case{"example.com (unclosed; none", "syntax"},
           Case{"\"unclosed; none", "syntax"},
           Case{"example.com; x=y a.b=\"unclosed", "syntax"},
           Case{"example.com; x=y a.b=\"unclosed\\", "syntax"},
           Case{"example.com 99999999999999999999; none", "syntax"},
           Case{"example.com; dkim/x=pass", "syntax"},
           Case{"i=1; example.com; none", "syntax"},
       }) {
    EXPECT_EQ(shown(one.value), one.expected) << one.value;
  }
}

TEST(AuthenticationResults, LenientReadingTakesWhatServersReallyWrite) {
  for (const Case& one : {
           Case{"example.com; dkim=pass header.b=a/b+c==", "[example.com]/1: dkim=pass header.b=[a/b+c==];"},
           Case{"example.com; spf=pass smtp.remote-ip=2001:db8::1 (x)",
                "[example.com]/1: spf=pass smtp.remote-ip=[2001:db8::1];"},
           Case{"example.com; spf=none smtp.mailfrom=;", "[example.com]/1: spf=none smtp.mailfrom=[];"},
           Case{"example.com; spf=pass smtp.mailfrom=<>;", "[example.com]/1: spf=pass smtp.mailfrom=[<>];"},
           Case{"example.com; x_y=pass", "[example.com]/1: x_y=pass;"},
           Case{"example.com; none;", "[example.com]/1:"},
           Case{"example.com;", "syntax"},
           Case{"example.com; dkim=pass header.b=\"a", "syntax"},
       }) {
    EXPECT_EQ(shown(one.value, Reading::Lenient), one.expected) << one.value;
  }
}

TEST(AuthenticationResults, ReadingIsBounded) {
  std::string many = "example.com";
  for (std::size_t i = 0; i <= AuthenticationResults::kMostResults; ++i) many += "; a=b";
  EXPECT_EQ(shown(many), "limit");
  EXPECT_EQ(shown(std::string(1'000'000, '(') + "x; none"), "syntax");
  EXPECT_EQ(shown(std::string(500'000, '(') + std::string(500'000, ')') + "x; none"), "[x]/1:");
}

TEST(AuthenticationResultsWrite, Folds) {
  EXPECT_EQ(write_authentication_results({.authserv_id = "mx.example.com"}),
            "Authentication-Results: mx.example.com; none\r\n");
  EXPECT_EQ(write_authentication_results(
                {.authserv_id = "mx.example.com",
                 .results = {{.method = "spf", .result = "pass", .properties = {{"smtp", "mailfrom", "example.net"}}},
                             {.method = "dkim",
                              .result = "fail",
                              .reason = "the body was changed",
                              .properties = {{"header", "d", "example.net"},
                                             {"header", "s", "2026-11"},
                                             {"header", "a", "rsa-sha256"},
                                             {"header", "b", "a/b+c="},
                                             {"header", "i", "@example.net"},
                                             {"header", "empty", ""}}}}}),
            "Authentication-Results: mx.example.com;\r\n"
            "\tspf=pass smtp.mailfrom=example.net;\r\n"
            "\tdkim=fail reason=\"the body was changed\" header.d=example.net\r\n"
            "\theader.s=2026-11 header.a=rsa-sha256 header.b=\"a/b+c=\"\r\n"
            "\theader.i=@example.net\r\n");
}

// What is written is one field, of lines within bounds, ASCII, and parses.
void expect_sound(const std::string& field) {
  EXPECT_TRUE(field.ends_with("\r\n"));
  EXPECT_TRUE(
      std::ranges::all_of(field, [](char c) { return ascii::is_printable(c) || c == '\t' || c == '\r' || c == '\n'; }));
  const std::string message = field + "\r\n";
  const HeaderBlock block = HeaderBlock::parse(message);
  ASSERT_EQ(block.fields().size(), 1U) << field;
  EXPECT_EQ(block.fields()[0].name, "Authentication-Results");
  EXPECT_EQ(block.fields()[0].raw, field);
  EXPECT_TRUE(parse_authentication_results(block.fields()[0].value, Reading::Strict)) << field;
  std::size_t line = 0;
  for (const char c : field) {
    line = c == '\n' ? 0 : line + 1;
    EXPECT_LE(line, 998U);
  }
}

TEST(AuthenticationResultsWrite, NothingCanBeInjected) {
  for (const std::string& evil :
       {std::string("a\r\nBcc: victim@example.com"), std::string("a\nX: y"), std::string("a\r\n\r\nbody"),
        std::string("a; dkim=pass"), std::string("a\" header.d=\"b"), std::string("\\\""), std::string("a(b"),
        std::string("a)b"), std::string("a\0b", 3), std::string("\x7F\x01\x1F"), std::string("\xC3\xA9\xFF"),
        std::string(100'000, 'x'), std::string(100'000, '"'), std::string("   "), std::string("=?utf-8?q?x?=")}) {
    AuthenticationResults results{
        .authserv_id = evil,
        .results = {{.method = evil,
                     .result = evil,
                     .reason = evil,
                     .properties = {{evil, evil, evil}, {"smtp", "mailfrom", evil + "@" + evil}}}}};
    const std::string field = write_authentication_results(results);
    expect_sound(field);
    const auto read = parse_authentication_results(field.substr(field.find(':') + 1), Reading::Strict);
    ASSERT_TRUE(read) << field;
    EXPECT_EQ(read->results.size(), 1U) << field;
    EXPECT_LE(read->results[0].properties.size(), 2U) << field;
  }
}

TEST(AuthenticationResultsWrite, IsBounded) {
  AuthenticationResults results{.authserv_id = "mx.example.com"};
  for (int i = 0; i < 10'000; ++i) results.results.push_back({.method = "dkim", .result = "fail"});
  const std::string field = write_authentication_results(results);
  EXPECT_LT(field.size(), 1000U);
  expect_sound(field);
}

TEST(AuthenticationResultsWrite, ReadsBackAsItWas) {
  const AuthenticationResults results{
      .authserv_id = "mx example",
      .results = {{.method = "auth",
                   .version = 2,
                   .result = "pass",
                   .reason = "a \"quoted\" \\ reason",
                   .properties = {{"smtp", "auth", "a b@example.com"}, {"smtp", "mailfrom", "bob@b.example"}}},
                  {.method = "dkim", .result = "pass", .properties = {{"header", "i", "@example.com"}}}}};
  const std::string field = write_authentication_results(results);
  expect_sound(field);
  EXPECT_EQ(parse_authentication_results(field.substr(field.find(':') + 1), Reading::Strict).value(), results);
}

const std::vector<std::string> kNames = {"mail.example.com", "mx1",
                                         "b\xC3\xBC"
                                         "cher.example",
                                         "xn--bcher-kva.example"};

TEST(AuthenticationResultsOurs, WhatClaimsToBeOurs) {  // 5
  for (const std::string_view ours : {
           "mail.example.com; none",
           "MAIL.Example.COM; none",
           "mail.example.com.; none",
           "example.com; spf=pass",           // parent
           "a.b.mail.example.com; spf=pass",  // below
           "mx1; none",
           "mx1 1; none",
           "  (c) mail.example.com (c) 1 ; none",
           "(a(b)) \"mail.example.com\"; none",
           "\"mail.ex\\ample.com\"; none",
           "\r\n mail.example.com\r\n ; none",
           "B\xC3\x9C"
           "CHER.example; none",
           "x.xn--bcher-kva.example; none",
           // A careless reader would see our name.
           "(mail.example.com) foreign.example; none",
           "foreign.example (mail.example.com); none",
           "(mail.example.com; dkim=pass) foreign.example; none",
           "\"x mail.example.com\"; none",
           "mail.example.com/foo; none",
           // Broken, with our name anywhere.
           "mail.example.com",
           "mail.example.com dkim=pass",
           "; mail.example.com; dkim=pass",
           "foreign.example mail.example.com; dkim=pass",
           "(mail.example.com; dkim=pass",
           "\"mail.example.com; dkim=pass",
           "=?utf-8?q?mail.example.com?=; dkim=pass",
           "mail.example.com@foreign.example; dkim=pass",
           "foreign.example,mail.example.com; dkim=pass",
           // Nobody knows how to read these.
           "foreign.example 2; dkim=pass",
           "foreign.example (c) 7 (c)",
       }) {
    EXPECT_TRUE(claims_to_be_ours(ours, kNames)) << ours;
  }
  for (const std::string_view foreign : {
           "foreign.example; dkim=pass header.d=mail.example.com",
           "notmail.example.com.evil; none",
           "badexample.com; none",
           "mail2.example.com; none",  // a sibling
           "mx10; none",
           "foreign.example 1; none",
           "foreign.example; dkim=pass (by mail.example.com)",
           "foreign.example; dkim=pass header.b=a/b smtp.remote-ip=2001:db8::1;",
           "foreign.example; broken",
           "",
           ";",
           ".; none",
       }) {
    EXPECT_FALSE(claims_to_be_ours(foreign, kNames)) << foreign;
  }
  EXPECT_FALSE(claims_to_be_ours("foreign.example; none", {}));
}

}  // namespace
}  // namespace anechoic::mail
