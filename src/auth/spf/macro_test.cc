// SPDX-License-Identifier: Apache-2.0
#include "auth/spf/macro.h"

#include <gtest/gtest.h>

namespace anechoic::auth::spf {
namespace {

MacroValues example(std::string_view client = "192.0.2.3") {
  return {.local = "strong-bad",
          .sender_domain = "email.example.com",
          .domain = "email.example.com",
          .client = ip::parse_address(client).value(),
          .validated = "mx.example.org",
          .helo = "helo.example.net",
          .receiver = "mx.example.edu",
          .now = WallTime(std::chrono::seconds(1'800'000'000))};
}

struct Expansion {
  std::string_view text;
  std::string_view result;
};

// RFC 7208 7.4, and then what it leaves out.
TEST(SpfMacro, Expands) {
  const Expansion cases[] = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{o}", "email.example.com"},
      {"%{d}", "email.example.com"},
      {"%{d4}", "email.example.com"},
      {"%{d3}", "email.example.com"},
      {"%{d2}", "example.com"},
      {"%{d1}", "com"},
      {"%{dr}", "com.example.email"},
      {"%{d2r}", "example.email"},
      {"%{l}", "strong-bad"},
      {"%{l-}", "strong.bad"},
      {"%{lr}", "strong-bad"},
      {"%{lr-}", "bad.strong"},
      {"%{l1r-}", "strong"},
      {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
      {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
      {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
      {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
      {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
      {"%{h} %{p} %{p2}", "helo.example.net mx.example.org example.org"},
      {"%{c} %{r} %{t}", "192.0.2.3 mx.example.edu 1800000000"},
      {"%{i}", "192.0.2.3"},
      {"100%% %-%_.", "100% %20 ."},
      {"", ""},
      // Any value may be split, at any of several delimiters; empty parts are parts.
      {"%{dr-}", "email.example.com"},
      {"%{l99999999999999999999}", "strong-bad"},
      {"%{L}%{S2r-}", "strong-badbad%40email.example.com.strong"},
  };
  for (const Expansion& one : cases) {
    EXPECT_TRUE(check_macro_string(one.text, MacroUse::Explanation)) << one.text;
    EXPECT_EQ(expand(one.text, example(), 1000), one.result) << one.text;
  }
}

TEST(SpfMacro, ExpandsAddressesOfIpv6) {
  const MacroValues values = example("2001:DB8::CB01");
  EXPECT_EQ(expand("%{ir}.%{v}._spf.%{d2}", values, 1000),
            "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com");
  EXPECT_EQ(expand("%{c}", values, 1000), "2001:db8::cb01");
  EXPECT_EQ(expand("%{i4}", values, 1000), "C.B.0.1");
  EXPECT_EQ(expand("%{c} %{v}", example("::ffff:192.0.2.3"), 1000), "192.0.2.3 in-addr");
}

TEST(SpfMacro, SplitsValuesAtAnyDelimiter) {
  MacroValues values = example();
  values.local = "a.b-c+d,e/f_g=h";
  for (const Expansion& one : {Expansion{"%{lr.-+,/_=}", "h.g.f.e.d.c.b.a"},
                               {"%{l1r}", "a"},
                               {"%{l2/}", "a.b-c+d,e.f_g=h"},
                               {"%{l+}", "a.b-c.d,e/f_g=h"}}) {
    EXPECT_EQ(expand(one.text, values, 1000), one.result) << one.text;
  }
  values.local = "..a--b";
  EXPECT_EQ(expand("%{lr-}", values, 1000), "b....a");
  EXPECT_EQ(expand("%{l2.}", values, 1000), ".a--b");
}

TEST(SpfMacro, NamesWhatIsNotKnownUnknown) {
  MacroValues values = example();
  values.validated = {};
  values.receiver = {};
  EXPECT_EQ(expand("%{p} %{r}", values, 100), "unknown unknown");
}

TEST(SpfMacro, EscapesForUrlsWhatIsNotUnreserved) {
  MacroValues values = example();
  values.local = "~a&b=c-d_e.f \xC3\xA4/%";
  EXPECT_EQ(expand("%{L}", values, 100), "~a%26b%3Dc-d_e.f%20%C3%A4%2F%25");
}

TEST(SpfMacro, IsCheckedBeforeItIsUsed) {
  for (const std::string_view text : {"%{d}", "%{D2r-+}", "a%%b%_c%-", "%{ir}.%{v}", "x", "", "%{l127}", "%{dR}"}) {
    EXPECT_TRUE(check_macro_string(text, MacroUse::Term)) << text;
  }
  for (const std::string_view text :
       {"%",      "%a",   "a%",   "%{",   "%{}",  "%{d",  "%{x}", "%{d0}",    "%{d2",     "%{d;}", "%{2d}",
        "%{dr2}", "%{c}", "%{r}", "%{t}", "%{C}", "%(d)", "a b",  "\xC3\xA4", "%{d}\x01", "%{d }", "a\tb"}) {
    EXPECT_FALSE(check_macro_string(text, MacroUse::Term)) << text;
  }
  EXPECT_FALSE(check_macro_string(std::string_view("\0", 1), MacroUse::Term));
  for (const std::string_view text : {"%{c} %{R} %{t}", "a b", " "}) {
    EXPECT_TRUE(check_macro_string(text, MacroUse::Explanation)) << text;
  }
  for (const std::string_view text : {"a\tb", "a\nb", "\x7F", "\xEF\xBB\xBF text", "%{x}", "50 %"}) {
    EXPECT_FALSE(check_macro_string(text, MacroUse::Explanation)) << text;
  }
}

// domain-end of the grammar: 7.1.
TEST(SpfMacro, DomainsEndInATopLevelNameOrAMacro) {
  for (const std::string_view text :
       {"example.com", "example.com.", "a..com", "%{d}", "a.%{d2}", "%{d}.com", "foo.b-c", "foo.1-2", "foo.xn--p1ai",
        "foo:bar/baz.com", ".com", "%%", "x%-", "a.c0m", "a.0m", "_spf.%{h}"}) {
    EXPECT_TRUE(check_domain_spec(text)) << text;
  }
  for (const std::string_view text : {"", "com", "com.", "a.123", "a.-com", "a.com-", "a.com/24", "a.c_m", "%{d}com",
                                      "a.com..", ".", "a.b:80", "192.0.2.1", "%{d}.", "a b.com", "%{c}.com"}) {
    EXPECT_FALSE(check_domain_spec(text)) << text;
  }
}

TEST(SpfMacro, KnowsWhetherItNeedsTheValidatedName) {
  for (const std::string_view text : {"%{p}", "a%%%{P2r}", "%{d}.%{p-}"})
    EXPECT_TRUE(uses_validated_name(text)) << text;
  for (const std::string_view text : {"", "p", "%%{p}", "%{d}p", "%{d}.%_p"})
    EXPECT_FALSE(uses_validated_name(text)) << text;
}

TEST(SpfMacro, NamesLoseLabelsOnTheLeft) {
  EXPECT_EQ(target_name("a.%{d}.", example()), "a.email.example.com");
  const std::string label(62, 'x');
  const std::string four = label + '.' + label + '.' + label + '.' + label;  // 251 octets
  EXPECT_EQ(target_name("a." + four, example()), "a." + four);               // 253
  EXPECT_EQ(target_name("ab." + four, example()), four);
  EXPECT_EQ(target_name("c.ab." + four, example()), four);
  EXPECT_EQ(target_name("c.a." + four, example()), "a." + four);
  EXPECT_EQ(target_name(std::string(300, 'x'), example()), "");
}

TEST(SpfMacro, ExpansionsAreBounded) {
  std::string bomb;
  for (int i = 0; i < 10'000; ++i) bomb += "%{s}.";
  EXPECT_EQ(expand(bomb, example(), 500).size(), 500U);
  EXPECT_EQ(expand("%{s}%{s}", example(), 5), "stron");
  bomb += "%{d}";
  const std::string name = target_name(bomb, example());
  EXPECT_LE(name.size(), kMaxTargetName);
  EXPECT_TRUE(name.ends_with(".strong-bad@email.example.com.email.example.com"));
  EXPECT_GT(name.size(), kMaxTargetName - 40);
}

}  // namespace
}  // namespace anechoic::auth::spf
