// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/zone_file.h"

#include <gtest/gtest.h>

#include <ranges>

#include "wire/dns/zone_rdata.h"

namespace anechoic::dns {
namespace {

using namespace std::string_literals;
using Outcome = Zone::Outcome;

Name name(std::string_view text) {
  return Name::parse(text).value();
}

Zone zone_of(std::string_view text) {
  auto file = parse_zone_file(text);
  EXPECT_TRUE(file) << file.error().detail;
  return file ? std::move(file->zone) : Zone();
}

// Records as text, joined by '|'; or the outcome.
std::string shown(const Zone& zone, std::string_view of, Type type) {
  const auto look = zone.look(name(of), type);
  switch (look.outcome) {
    case Outcome::NoRecords:
      return "(no records)";
    case Outcome::NoSuchName:
      return "(no such name)";
    case Outcome::ServFail:
      return "(servfail)";
    case Outcome::Timeout:
      return "(timeout)";
    case Outcome::Records:
      break;
  }
  std::string out;
  for (const Rdata& record : look.records) {
    if (!out.empty()) out += '|';
    if (const auto* address = std::get_if<ip::Address>(&record)) out += ip::to_string(*address);
    if (const auto* to = std::get_if<Name>(&record)) out += to->to_string();
    if (const auto* mx = std::get_if<Mx>(&record))
      out += std::to_string(mx->preference) + " " + mx->exchange.to_string();
    if (const auto* txt = std::get_if<Txt>(&record)) out += txt->text;
  }
  return out;
}

// After RFC 1035 5.3, with what came later.
constexpr std::string_view kExample = R"zone($ORIGIN Example.org.   ; the zone
$TTL 1h30m
@   IN  SOA     ns  Action\.domains (
                                 20         ; SERIAL
                                 7200       ; REFRESH
                                 10m        ; RETRY
                                 3600000    ; EXPIRE
                                 60)        ; MINIMUM

        NS      ns
        NS      ns.other.test.
        MX      10      mail
        in 300 mx 20    mail2.other.test.
        600 IN TXT  "v=spf1 " "a -all"
ns      A       192.0.2.1
        AAAA    2001:db8::1
mail    CNAME   ns
nomx    MX      0 .
1       PTR     ns
txt     TXT     plain "two words; (no comment)" ( "a \"quoted\" \\ \065\000"
                  ) ; the end
old     SPF     "v=spf1 -all"
generic TYPE16  \# 4 03 61 6263
        A       \# 4 C0000202
unknown TYPE731 \# 6 abcdef 012345
$ORIGIN sub
x       A       192.0.2.3
x.example.com.  CLASS1 A 192.0.2.4
)zone";

TEST(ZoneFile, IsRead) {
  const auto file = parse_zone_file(kExample);
  ASSERT_TRUE(file) << file.error().detail;
  const Zone& zone = file->zone;
  EXPECT_EQ(shown(zone, "example.org", Type::Ns), "ns.example.org|ns.other.test");
  EXPECT_EQ(shown(zone, "example.org", Type::Mx), "10 mail.example.org|20 mail2.other.test");
  EXPECT_EQ(shown(zone, "example.org", Type::Txt), "v=spf1 a -all");
  EXPECT_EQ(shown(zone, "example.org", Type::Soa), "(no records)");
  EXPECT_EQ(shown(zone, "mail.example.org", Type::A), "192.0.2.1");
  EXPECT_EQ(shown(zone, "mail.example.org", Type::Aaaa), "2001:db8::1");
  EXPECT_EQ(shown(zone, "nomx.example.org", Type::Mx), "0 .");
  EXPECT_EQ(shown(zone, "1.example.org", Type::Ptr), "ns.example.org");
  EXPECT_EQ(shown(zone, "txt.example.org", Type::Txt), "plaintwo words; (no comment)a \"quoted\" \\ A\0"s);
  EXPECT_EQ(shown(zone, "old.example.org", Type::Txt), "(no records)");
  EXPECT_EQ(shown(zone, "generic.example.org", Type::Txt), "abc");
  EXPECT_EQ(shown(zone, "generic.example.org", Type::A), "192.0.2.2");
  EXPECT_EQ(shown(zone, "unknown.example.org", Type::A), "(no records)");
  EXPECT_EQ(shown(zone, "x.sub.example.org", Type::A), "192.0.2.3");
  EXPECT_EQ(shown(zone, "x.example.com", Type::A), "192.0.2.4");
  EXPECT_EQ(zone.look(name("ns.example.org"), Type::A).ttl, std::chrono::seconds(5400));
  EXPECT_EQ(zone.look(name("example.org"), Type::Mx).ttl, std::chrono::seconds(300));
  EXPECT_EQ(zone.look(name("example.org"), Type::Txt).ttl, std::chrono::seconds(600));
  EXPECT_EQ(file->skipped, 2U);
  ASSERT_EQ(file->notes.size(), 2U);
  EXPECT_TRUE(file->notes[0].starts_with("line 22: type spf")) << file->notes[0];
}

TEST(ZoneFile, ReadsTheSameWithCrlf) {
  std::string crlf = "\xef\xbb\xbf";
  for (const char c : kExample) crlf += c == '\n' ? "\r\n"s : std::string(1, c);
  const Zone zone = zone_of(crlf);
  EXPECT_EQ(zone.records(), zone_of(kExample).records());
  EXPECT_EQ(shown(zone, "txt.example.org", Type::Txt), "plaintwo words; (no comment)a \"quoted\" \\ A\0"s);
}

TEST(ZoneFile, NeedsNoOriginAndNoTtl) {
  const Zone zone = zone_of("example.org TXT one\n*.example.org. 60 TXT two\nmail.example.org A 192.0.2.1");
  EXPECT_EQ(shown(zone, "example.org", Type::Txt), "one");
  EXPECT_EQ(shown(zone, "x.y.example.org", Type::Txt), "two");
  EXPECT_EQ(zone.look(name("example.org"), Type::Txt).ttl, std::chrono::hours(1));
  EXPECT_EQ(zone.look(name("mail.example.org"), Type::A).ttl, std::chrono::seconds(60));  // the last one said
  EXPECT_EQ(zone_of("").records(), 0U);
  EXPECT_EQ(zone_of("\n ; nothing\n\n").records(), 0U);
}

TEST(ZoneFile, FailsNamesByComment) {
  const Zone zone = zone_of(
      "; anechoic: timeout slow.example.org\n"
      "$ORIGIN example.org. ;; Anechoic: SERVFAIL @ mx\n"
      "@ TXT text ; anechoic:servfail *.bad\n"
      " ( TXT two\n ; anechoic: timeout in\n )\n"
      "; an ordinary comment\n");
  EXPECT_EQ(shown(zone, "slow.example.org", Type::A), "(timeout)");
  EXPECT_EQ(shown(zone, "slow.example.org", Type::Txt), "(timeout)");
  EXPECT_EQ(shown(zone, "example.org", Type::Mx), "(servfail)");
  EXPECT_EQ(shown(zone, "example.org", Type::Txt), "text|two");
  EXPECT_EQ(shown(zone, "a.bad.example.org", Type::Txt), "(servfail)");
  EXPECT_EQ(shown(zone, "in.example.org", Type::Txt), "(timeout)");
}

TEST(ZoneFile, EscapesInNamesAreTheNames) {
  const Zone zone = zone_of(
      "$ORIGIN example.\n"
      R"(a\.b A 192.0.2.1)"
      "\n"
      R"(c\. A 192.0.2.2)"
      "\n"
      R"(d\\. A 192.0.2.3)"
      "\n"
      R"(\@ A 192.0.2.4)"
      "\n"
      R"(in A 192.0.2.5)"
      "\n"
      R"(\032\; A 192.0.2.6)");
  EXPECT_EQ(shown(zone, R"(a\.b.example)", Type::A), "192.0.2.1");
  EXPECT_EQ(shown(zone, R"(c\..example)", Type::A), "192.0.2.2");
  EXPECT_EQ(shown(zone, R"(d\\)", Type::A), "192.0.2.3");
  EXPECT_EQ(shown(zone, R"(\@.example)", Type::A), "192.0.2.4");
  EXPECT_EQ(shown(zone, "in.example", Type::A), "192.0.2.5");
  EXPECT_EQ(shown(zone, R"(\032\;.example)", Type::A), "192.0.2.6");
}

TEST(ZoneFile, ErrorsNameTheLineAndSayWhatToDo) {
  struct Case {
    std::string_view text;
    std::string_view starts;
  };
  const Case cases[] = {
      {"$INCLUDE other.zone", "line 1: $INCLUDE is not followed"},
      {"\n$GENERATE 1-9 a A 192.0.2.1", "line 2: there is no such directive"},
      {"$ORIGIN", "line 1: $ORIGIN is followed by"},
      {"$TTL soon", "line 1: $TTL is followed by"},
      {"\n\n A 192.0.2.1", "line 3: the first record has no name"},
      {"a", "line 1: a record is"},
      {"a 60 IN", "line 1: a record is"},
      {"a v=spf1", "line 1: a record is"},
      {"a \"A\" 192.0.2.1", "line 1: a record is"},
      {"a 60 70 A 192.0.2.1", "line 1: a record is"},
      {"a 5x A 192.0.2.1", "line 1: a time is"},
      {"a 4294967295 A 192.0.2.1", "line 1: a time is"},
      {"a CH TXT x", "line 1: only records of class IN"},
      {"a A", "line 1: an A record has"},
      {"a A 192.0.2.256", "line 1: an A record has"},
      {"a A 2001:db8::1", "line 1: an A record has"},
      {"a A 192.0.2.1 192.0.2.2", "line 1: an A record has"},
      {"a AAAA 192.0.2.1", "line 1: an AAAA record has"},
      {"a MX mail.example", "line 1: an MX record has"},
      {"a MX 65536 mail.example", "line 1: an MX record has"},
      {"a CNAME", "line 1: such a record has one name"},
      {"a CNAME b c", "line 1: such a record has one name"},
      {"a CNAME b\na CNAME c", "line 2: a second CNAME"},
      {"a TXT", "line 1: a TXT record has"},
      {"a SPF", "line 1: the record has no data"},
      {"a TXT \\400", "line 1: a bad escape"},
      {"a TXT \\4", "line 1: a bad escape"},
      {"a TXT x\\", "line 1: the line ends in a backslash"},
      {"a TXT \"x", "line 1: a string's closing"},
      {"a TXT \"x\n\"", "line 1: a string's closing"},
      {"a TXT (\n\nx", "line 1: '(' is never closed"},
      {"a TXT x\nb TXT )", "line 2: ')' without '('"},
      {"a..b TXT x", "line 1: domain name with an empty label"},
      {"a SOA b c 1 2 3 4", "line 1: a SOA record has"},
      {"a SOA b c one 2 3 4 5", "line 1: a SOA record has"},
      {"a TXT \\# 2 61", "line 1: the hexadecimal digits"},
      {"a TXT \\# x", "line 1: behind \\# stand"},
      {"a A \\# 3 010203", "line 1: A record of a bad size"},
      {"; anechoic: explode a", "line 1: behind 'anechoic:' stands"},
      {"\n; anechoic: timeout", "line 2: behind 'anechoic:' stands"},
      {"; anechoic: timeout a SRV", "line 1: the directive's type"},
  };
  for (const Case& c : cases) {
    const auto file = parse_zone_file(c.text);
    ASSERT_FALSE(file) << c.text;
    EXPECT_TRUE(file.error().detail.starts_with(c.starts)) << c.text << "\n" << file.error().detail;
  }
}

TEST(ZoneFile, TakesLongStringsAndSaysSo) {
  const auto file = parse_zone_file("a TXT " + std::string(300, 'x') + "\nb TXT " + std::string(255, 'x'));
  ASSERT_TRUE(file);
  EXPECT_EQ(shown(file->zone, "a", Type::Txt), std::string(300, 'x'));
  ASSERT_EQ(file->notes.size(), 1U);
  EXPECT_TRUE(file->notes[0].starts_with("line 1: a string of 300 octets")) << file->notes[0];
}

TEST(ZoneFile, BoundsItsNotes) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "a SPF x\n";
  const auto file = parse_zone_file(text);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->skipped, 100U);
  EXPECT_EQ(file->notes.size(), ZoneFile::kMostNotes);
}

TEST(ZoneFile, HoldsManyRecords) {
  std::string text = "$ORIGIN example.org.\n";
  for (int i = 0; i < 20'000; ++i) {
    text +=
        "host" + std::to_string(i) + ".r" + std::to_string(i % 100) + " A 192.0.2." + std::to_string(i % 256) + "\n";
  }
  const auto began = std::chrono::steady_clock::now();
  const Zone zone = zone_of(text);
  EXPECT_EQ(zone.records(), 20'000U);
  EXPECT_EQ(shown(zone, "host19999.r99.example.org", Type::A), "192.0.2.31");
  EXPECT_EQ(shown(zone, "host19999.r98.example.org", Type::A), "(no such name)");
  // Without optimisation and with sanitizers: it is a matter of the order, not of the figure.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));
}

TEST(ZoneTtl, HasUnits) {
  EXPECT_EQ(parse_ttl("0").value(), std::chrono::seconds(0));
  EXPECT_EQ(parse_ttl("2147483647").value(), std::chrono::seconds(2147483647));
  EXPECT_EQ(parse_ttl("1h30m").value(), std::chrono::seconds(5400));
  EXPECT_EQ(parse_ttl("1W2D3H4M5S").value(), std::chrono::seconds(788645));
  for (const auto* text : {"", "h", "1h30", "1y", "-1", "2147483648", "99999w", "1.5h"})
    EXPECT_FALSE(parse_ttl(text)) << text;
}

}  // namespace
}  // namespace anechoic::dns
