// SPDX-License-Identifier: Apache-2.0
#include "auth/dkim/body_digests.h"

#include <gtest/gtest.h>

#include "auth/dkim/canonical_body.h"
#include "auth/dkim/naive_body.h"
#include "crypto/digest.h"

namespace anechoic::auth::dkim {
namespace {

constexpr auto kSimple = Canonicalization::Simple;
constexpr auto kRelaxed = Canonicalization::Relaxed;

struct Kept final : BodySink {
  std::string text;
  void write(std::string_view canonical) override { text += canonical; }
};

std::string canonical(Canonicalization canonicalization, std::string_view body, std::size_t piece) {
  Kept kept;
  BodyCanonicalizer canonicalizer(canonicalization, kept);
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) canonicalizer.feed(body.substr(0, piece));
  canonicalizer.finish();
  return kept.text;
}

std::string sha256(std::string_view bytes) {
  crypto::Sha256 digest;
  digest.update(bytes);
  return digest.finish();
}

TEST(CanonicalBody, IsAsTheRfcSays) {
  struct Case {
    std::string_view body;
    std::string_view simple;
    std::string_view relaxed;
  };
  const Case cases[] = {
      {"", "\r\n", ""},
      {"\r\n", "\r\n", ""},
      {"\r\n\r\n\r\n", "\r\n", ""},
      {" ", " \r\n", " \r\n"},
      {" \t\r\n \r\n", " \t\r\n \r\n", ""},
      {" C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n", " C\r\nD E\r\n"},  // RFC 6376 3.4.5
      {"a", "a\r\n", "a\r\n"},
      {"a\r\n", "a\r\n", "a\r\n"},
      {"a \t", "a \t\r\n", "a \r\n"},
      {"a\r\n\t\t", "a\r\n\t\t\r\n", "a\r\n \r\n"},
      {"\r\na", "\r\na\r\n", "\r\na\r\n"},
      {"\r\n\r\na\r\n\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n"},
      {"a\r\n \r\nb\r\n \r\n", "a\r\n \r\nb\r\n \r\n", "a\r\n\r\nb\r\n"},
      {"\ta\tb  c", "\ta\tb  c\r\n", " a b c\r\n"},
      {"a b c", "a b c\r\n", "a b c\r\n"},
      // Not line ends: octets like others.
      {"a \rb", "a \rb\r\n", "a \rb\r\n"},
      {"a  \r", "a  \r\r\n", "a \r\r\n"},
      {"a \n", "a \n\r\n", "a \n\r\n"},
      {"a\r\r\n", "a\r\r\n", "a\r\r\n"},
      {"a \r\r\n", "a \r\r\n", "a \r\r\n"},
      {"\r", "\r\r\n", "\r\r\n"},
      {"\n", "\n\r\n", "\n\r\n"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(naive_body(kSimple, c.body), c.simple);
    EXPECT_EQ(naive_body(kRelaxed, c.body), c.relaxed);
    for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
      EXPECT_EQ(canonical(kSimple, c.body, piece), c.simple) << piece << " " << c.body;
      EXPECT_EQ(canonical(kRelaxed, c.body, piece), c.relaxed) << piece << " " << c.body;
    }
  }
}

// Long enough for the blocks, with a change at each place of a block.
TEST(CanonicalBody, AgreesWithTheNaiveOne) {
  for (std::size_t at = 0; at < 200; ++at) {
    for (const std::string_view change : {"\t", "  ", " \r\n", "\t\r\n\r\n", " \r", "\r\n", " "}) {
      std::string body(200, 'x');
      for (std::size_t i = 5; i < body.size(); i += 6) body[i] = ' ';
      body.insert(at, change);
      for (const std::size_t piece : {64U, 65U, 1000U}) {
        EXPECT_EQ(canonical(kRelaxed, body, piece), naive_body(kRelaxed, body)) << at << piece;
        EXPECT_EQ(canonical(kSimple, body, piece), naive_body(kSimple, body)) << at << piece;
      }
    }
  }
}

TEST(BodyDigests, MakesAllInOnePass) {
  const std::string body = "first  line \r\nsecond\r\n\r\n" + std::string(1000, 'x') + "\r\n\r\n\r\n";
  for (const std::size_t piece : {1U, 7U, 5000U}) {
    BodyDigests digests;
    struct Wish {
      Canonicalization canonicalization;
      std::optional<std::uint64_t> limit;
    };
    const Wish wishes[] = {{kSimple, std::nullopt}, {kRelaxed, std::nullopt}, {kRelaxed, 10}, {kRelaxed, 0},
                           {kSimple, 10},           {kSimple, 1000},          {kSimple, 11},  {kSimple, 1U << 30U}};
    for (std::size_t i = 0; i < std::size(wishes); ++i) {
      EXPECT_EQ(digests.want(wishes[i].canonicalization, wishes[i].limit), i);
      EXPECT_EQ(digests.want(wishes[i].canonicalization, wishes[i].limit), i);
    }
    for (std::size_t at = 0; at < body.size(); at += piece) digests.feed(std::string_view(body).substr(at, piece));
    digests.finish();
    for (std::size_t i = 0; i < std::size(wishes); ++i) {
      const std::string whole = naive_body(wishes[i].canonicalization, body);
      const auto limit = static_cast<std::size_t>(wishes[i].limit.value_or(whole.size()));
      EXPECT_EQ(digests.digest(i), sha256(std::string_view(whole).substr(0, limit))) << i;
      EXPECT_EQ(digests.length(wishes[i].canonicalization), whole.size());
    }
  }
}

TEST(BodyDigests, OfAnEmptyBody) {
  BodyDigests digests;
  const std::size_t simple = digests.want(kSimple, std::nullopt).value();
  const std::size_t relaxed = digests.want(kRelaxed, std::nullopt).value();
  const std::size_t none = digests.want(kSimple, 0).value();
  digests.finish();
  EXPECT_EQ(digests.digest(simple), sha256("\r\n"));  // RFC 6376 3.4.3 gives this digest,
  EXPECT_EQ(digests.digest(relaxed), sha256(""));     // 3.4.4 this one
  EXPECT_EQ(digests.digest(none), sha256(""));
  EXPECT_EQ(digests.length(kSimple), 2U);
  EXPECT_EQ(digests.length(kRelaxed), 0U);
}

TEST(BodyDigests, HasABound) {
  BodyDigests digests;
  for (std::size_t i = 0; i < BodyDigests::kMost; ++i) EXPECT_EQ(digests.want(kSimple, i), i);
  EXPECT_EQ(digests.want(kSimple, BodyDigests::kMost), std::nullopt);
  EXPECT_EQ(digests.want(kSimple, 5), 5U);
  digests.feed("some body");
  digests.finish();
  EXPECT_EQ(digests.digest(5), sha256("some "));
}

}  // namespace
}  // namespace anechoic::auth::dkim
