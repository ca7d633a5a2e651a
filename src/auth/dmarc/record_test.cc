// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/record.h"

#include <gtest/gtest.h>

namespace anechoic::auth::dmarc {
namespace {

// One line a record: "p sp np adkim aspf psd t", "-" for what is not there; "no record"; "not usable".
std::string shown(std::string_view text) {
  const std::optional<Record> record = parse_record(text);
  if (!record) return "no record";
  if (!record->usable) return "not usable";
  const auto word = [](const std::optional<Policy>& policy) {
    return policy ? std::string(to_string(*policy)) : std::string("-");
  };
  std::string out = word(record->p) + " " + word(record->sp) + " " + word(record->np);
  out += record->dkim == Alignment::Strict ? " s" : " r";
  out += record->spf == Alignment::Strict ? " s" : " r";
  out += record->psd == Psd::Yes ? " y" : record->psd == Psd::No ? " n" : " u";
  return out + (record->testing ? " y" : " n");
}

struct Case {
  std::string_view text;
  std::string_view expected;
};

void check(std::initializer_list<Case> cases) {
  for (const Case& one : cases) EXPECT_EQ(shown(one.text), one.expected) << one.text;
}

TEST(DmarcRecord, TheVersionComesFirstAndIsExact) {  // 4.7, 4.8
  check({
      {"v=DMARC1; p=reject", "reject - - r r u n"},
      {"v=DMARC1;p=reject", "reject - - r r u n"},
      {"v = DMARC1 ; p = reject ; ", "reject - - r r u n"},
      {"v\t=\tDMARC1\t;\tp=reject", "reject - - r r u n"},
      {"V=DMARC1; P=reject", "reject - - r r u n"},   // names are ABNF literals: any case
      {" v=DMARC1; p=reject", "reject - - r r u n"},  // RFC 6376 3.2: blanks around a tag
      {"v=dmarc1; p=reject", "no record"},
      {"v=DMARC2; p=reject", "no record"},
      {"v=DMARC1 p=reject", "no record"},
      {"v=DMARC10; p=reject", "no record"},
      {"v=DMARC; p=reject", "no record"},
      {"p=reject; v=DMARC1", "no record"},
      {"; v=DMARC1; p=reject", "no record"},
      {"p=reject", "no record"},
      {"v DMARC1; p=reject", "no record"},
      {"", "no record"},
      {";", "no record"},
      {"v=spf1 -all", "no record"},
  });
}

TEST(DmarcRecord, Tags) {  // 4.7, table 2
  check({
      {"v=DMARC1; p=none", "none - - r r u n"},
      {"v=DMARC1; p=quarantine", "quarantine - - r r u n"},
      {"v=DMARC1; p=QUARANTINE", "quarantine - - r r u n"},
      {"v=DMARC1; p=reject; sp=quarantine; np=none", "reject quarantine none r r u n"},
      {"v=DMARC1; sp=none; rua=mailto:a@b.example; p=reject", "reject none - r r u n"},  // any order
      {"v=DMARC1; p=none; adkim=s; aspf=r", "none - - s r u n"},
      {"v=DMARC1; p=none; adkim=r; aspf=S", "none - - r s u n"},
      {"v=DMARC1; p=none; psd=y", "none - - r r y n"},
      {"v=DMARC1; p=none; psd=n", "none - - r r n n"},
      {"v=DMARC1; p=none; psd=u", "none - - r r u n"},
      {"v=DMARC1; p=reject; t=y", "reject - - r r u y"},
      {"v=DMARC1; p=reject; t=n", "reject - - r r u n"},
      {"v=DMARC1; p=reject; fo=1:d:s; ruf=mailto:a@b.example", "reject - - r r u n"},
      {"v=DMARC1; p=reject;", "reject - - r r u n"},
  });
}

TEST(DmarcRecord, UnknownAndHistoricTagsAreIgnored) {  // 4.7, 9.3
  check({
      {"v=DMARC1; p=reject; pct=0; rf=afrf; ri=3600", "reject - - r r u n"},
      {"v=DMARC1; p=reject; pct=foo", "reject - - r r u n"},
      {"v=DMARC1; p=reject; new=tag", "reject - - r r u n"},
      {"v=DMARC1; new=tag; p=reject", "reject - - r r u n"},
  });
}

TEST(DmarcRecord, SyntaxErrorsBehindTheVersionArePassedOver) {  // 4.8
  check({
      {"v=DMARC1; p=reject; adkim=x; aspf=relaxed; psd=maybe; t=yes", "reject - - r r u n"},
      {"v=DMARC1; p=reject; nonsense; =; a=; =b; ;;", "reject - - r r u n"},
      {"v=DMARC1; p=reject; rua=", "reject - - r r u n"},
      {"v=DMARC1; p=reject; rua=nowhere", "reject - - r r u n"},
      {"v=DMARC1; p=reject; p=none", "reject - - r r u n"},
      {"v=DMARC1; p=reject; adkim=s; adkim=r", "reject - - s r u n"},
      {"v=DMARC1; p=reject; adkim=\xC3\xA9; aspf=s", "reject - - r s u n"},
      {"v=DMARC1; p=reject; a.b=c; d1=e", "reject - - r r u n"},
  });
}

TEST(DmarcRecord, WithoutAValidPolicyTheReportAddressDecides) {  // 4.10.1
  check({
      {"v=DMARC1", "not usable"},
      {"v=DMARC1;", "not usable"},
      {"v=DMARC1; rua=mailto:a@b.example", "none - - r r u n"},
      {"v=DMARC1; p=; rua=mailto:a@b.example", "none - - r r u n"},
      {"v=DMARC1; p=rejecct; rua=mailto:a@b.example", "none - - r r u n"},
      {"v=DMARC1; p=rejecct", "not usable"},
      {"v=DMARC1; p=rejecct; ruf=mailto:a@b.example", "not usable"},
      {"v=DMARC1; p=rejecct; rua=a@b.example", "not usable"},
      {"v=DMARC1; p=rejecct; rua=,mailto:a@b.example!10m,", "none - - r r u n"},
      {"v=DMARC1; p=reject; sp=foo; rua=mailto:a@b.example", "none - - r r u n"},
      {"v=DMARC1; p=reject; sp=foo", "not usable"},
      {"v=DMARC1; p=reject; sp=", "not usable"},
      {"v=DMARC1; p=reject; np=foo; sp=reject; rua=mailto:a@b.example", "none - - r r u n"},
      {"v=DMARC1; p=reject; np=foo; sp=reject", "not usable"},
      {"v=DMARC1; p=bad; adkim=s; psd=n; t=y; rua=mailto:a@b.example", "none - - s r n y"},
  });
}

TEST(DmarcRecord, ReportingUris) {  // 4.6, 4.8
  for (const std::string_view good :
       {"mailto:a@b.example", "MAILTO:a@b.example", "mailto:a@b.example!10m", "https://b.example/report",
        " mailto:a@b.c", "bad,mailto:a@b.example", "mailto:a%2Cb@c.example", "ftp+x.y-1:z"}) {
    EXPECT_TRUE(has_reporting_uri(good)) << good;
  }
  for (const std::string_view bad :
       {"", ",", "a@b.example", "mailto:", "mailto:a", "mailto:@b.example", "mailto:a@", "1x:y", ":a@b", "mailto:a b@c",
        "mailto:<a@b.example>", "mailto:a@b\xC3\xA9", "mailto:a@b!10x", "mailto:a%zz@b", "https:"}) {
    EXPECT_FALSE(has_reporting_uri(bad)) << bad;
  }
}

TEST(DmarcRecord, WhichPolicyAppliesToWhom) {  // 4.7 np, sp; 4.10.1
  struct Row {
    std::string_view text;
    Policy itself;
    Policy subdomain;
    Policy nonexistent;
  };
  for (const Row& row : {
           Row{"v=DMARC1; p=reject", Policy::Reject, Policy::Reject, Policy::Reject},
           Row{"v=DMARC1; p=reject; sp=none", Policy::Reject, Policy::None, Policy::None},
           Row{"v=DMARC1; p=none; np=reject", Policy::None, Policy::None, Policy::Reject},
           Row{"v=DMARC1; p=none; sp=quarantine; np=reject", Policy::None, Policy::Quarantine, Policy::Reject},
           Row{"v=DMARC1; p=reject; sp=quarantine; np=none", Policy::Reject, Policy::Quarantine, Policy::None},
       }) {
    const Record record = parse_record(row.text).value();
    EXPECT_EQ(published_policy(record, Relation::Itself), row.itself) << row.text;
    EXPECT_EQ(published_policy(record, Relation::Subdomain), row.subdomain) << row.text;
    EXPECT_EQ(published_policy(record, Relation::NonexistentSubdomain), row.nonexistent) << row.text;
  }
  EXPECT_EQ(one_level_lower(Policy::Reject), Policy::Quarantine);
  EXPECT_EQ(one_level_lower(Policy::Quarantine), Policy::None);
  EXPECT_EQ(one_level_lower(Policy::None), Policy::None);
}

}  // namespace
}  // namespace anechoic::auth::dmarc
