// SPDX-License-Identifier: Apache-2.0
#include "outside/store/stored_sender.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "outside/store/stored_row.h"

namespace anechoic::store {
namespace {

auth::Evidence evidence() {
  auth::Evidence found;
  found.spf.emplace();
  found.spf->result = auth::spf::Result::Fail;
  found.spf->domain = "elsewhere.example";
  found.spf->term = "-all";
  found.spf->term_domain = "_spf.elsewhere.example";
  found.dkim.emplace(1);
  found.dkim->front().result = auth::dkim::Result::Pass;
  found.dkim->front().domain = "example.com";
  found.dkim->front().selector = "s1";
  found.dkim->front().algorithm = "rsa-sha256";
  found.dmarc.emplace();
  found.dmarc->result = auth::dmarc::Result::Fail;
  found.dmarc->from_domain = "author.example";
  found.dmarc->policy = auth::dmarc::Policy::Reject;
  found.arc.emplace();
  found.proved = {{"a@example.com", auth::Place::From, auth::By::Dkim, "example.com"}};
  found.not_proved = {
      {"b@elsewhere.example", auth::Place::ReversePath, auth::Unproved::No, "spf fail"},
      {"c@late.example", auth::Place::ReplyTo, auth::Unproved::Unknown, "timeout"},
  };
  return found;
}

TEST(StoredSender, KeepsWhatWasFound) {
  const StoredSender sender = stored(evidence());
  const std::vector<StoredSender::Check> checks{
      {"spf", "fail", "elsewhere.example", "by -all, in the record of _spf.elsewhere.example"},
      {"dkim", "pass", "example.com", "selector s1, rsa-sha256"},
      {"dmarc", "fail", "author.example", "policy reject"},
      {"arc", "none", "", ""}};
  EXPECT_EQ(sender.checks, checks);
  EXPECT_EQ(sender.proved, (std::vector<StoredSender::Proved>{{"a@example.com", "from", "dkim", "example.com"}}));
  ASSERT_EQ(sender.not_proved.size(), 2U);
  EXPECT_EQ(sender.not_proved[1].value, "unknown");
  EXPECT_EQ(decode_sender(encode_sender(sender)), sender);
  EXPECT_TRUE(stored({}).checks.empty());
}

TEST(StoredSender, IsBounded) {
  auth::Evidence many;
  many.dkim.emplace(1000);
  for (auto& signature : *many.dkim) signature.reason = std::string(5000, 'x');
  many.proved.resize(1000);
  many.not_proved.resize(1000);
  EXPECT_LT(encode_sender(stored(many)).dump().size(), 20'000U);
  EXPECT_GT(octets_of(many), 5'000'000U);
}

TEST(StoredSender, StandsInARowsDetails) {
  inspect::JournalRow row;
  StoredRow read;
  decode_details(encode_details(row), read);
  EXPECT_FALSE(read.sender.has_value());
  row.sender = std::make_shared<auth::Evidence>(evidence());
  decode_details(encode_details(row), read);
  ASSERT_TRUE(read.sender.has_value());
  EXPECT_EQ(*read.sender, stored(evidence()));
  for (const char* odd :
       {R"({"sender":1})", R"({"sender":{"checks":{}}})", R"({"sender":{"checks":[1,[],["spf"]]}})"}) {
    StoredRow other;
    decode_details(odd, other);
    if (other.sender) EXPECT_LE(other.sender->checks.size(), 3U);
  }
}

}  // namespace
}  // namespace anechoic::store
