// SPDX-License-Identifier: Apache-2.0
// What Exim, Mail::SRS and PostSRSd make of the same addresses, keys and days (corpora, srs-batv). Not held where the
// corpora are absent.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/ascii.h"
#include "mail/date.h"
#include "mail/tags/batv.h"
#include "mail/tags/classic_srs.h"
#include "testing/tag_keys.h"

namespace anechoic::mail::tags {
namespace {

using anechoic::testing::tag_key;
using anechoic::testing::tag_ring;

std::filesystem::path corpus(std::string_view name) {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  return (given != nullptr ? std::filesystem::path(given)
                           : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora") /
         "srs-batv" / name;
}

// The lines of a table, taken apart at tabs; those that begin with # are left out.
std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& file) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> row(1);
    for (const char c : line) {
      if (c == '\t')
        row.emplace_back();
      else
        row.back() += c;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(CorporaVectors, EximPrvs) {
  const auto file = corpus("exim-generated/prvs.tsv");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "not held: corpora absent (" << file << ")";
  const auto rows = rows_of(file);
  ASSERT_GE(rows.size(), 120U);
  std::size_t refused = 0;
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 5U);
    if (row[4].starts_with("Failed: ")) {  // Exim takes keys of 64 octets at most
      ++refused;
      EXPECT_GT(row[1].size(), 64U);
      continue;
    }
    const auto now = parse_date(row[0] + " +0000");
    ASSERT_TRUE(now) << row[0];
    const unsigned id = static_cast<unsigned>(row[2].front() - '0');
    const Day expiry = std::chrono::floor<std::chrono::days>(*now) + std::chrono::days{7};  // Exim's lifetime
    EXPECT_EQ("prvs=" + batv_tag(crypto::Secret(row[1]), id, expiry, row[3]) + "=" + row[3], row[4]) << row[0];

    const KeyRing keys = tag_ring(tag_key(id, row[1]));
    const Batv batv(keys, {});
    const auto at = row[4].rfind('@');
    const std::string local = row[4].substr(0, at);
    const std::string domain = row[4].substr(at + 1);
    for (int later = 0; later <= 7; ++later) {
      const BatvReading reading = batv.verify(local, domain, *now + std::chrono::days{later});
      EXPECT_EQ(reading.state, TagState::Good) << row[4];
      EXPECT_EQ(reading.local + "@" + domain, row[3]);
      EXPECT_EQ(reading.key, id);
    }
    EXPECT_EQ(batv.verify(local, domain, *now + std::chrono::days{8}).state, TagState::Expired);
    EXPECT_EQ(batv.verify(local, domain + "x", *now).state, TagState::BadMac);

    // What we write for it is what Exim writes for the address in lower case.
    const Batv week(keys, {.lifetime_days = 7});
    const auto split = row[3].rfind('@');
    const auto tagged = week.tag({Mailbox{row[3].substr(0, split), ascii::lower(row[3].substr(split + 1))}}, *now);
    ASSERT_TRUE(tagged);
    if (ascii::lower(row[3]) == row[3]) EXPECT_EQ(to_string(*tagged), row[4]);
  }
  EXPECT_LT(2 * refused, rows.size());
}

TEST(CorporaVectors, MailSrs) {
  const auto file = corpus("mail-srs-generated/srs.tsv");
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "not held: corpora absent (" << file << ")";
  const auto rows = rows_of(file);
  ASSERT_GE(rows.size(), 36U);
  for (const auto& row : rows) {
    ASSERT_EQ(row.size(), 7U);
    const WallTime now{std::chrono::seconds{std::stoll(row[0])}};
    std::vector<crypto::Secret> secrets;
    secrets.emplace_back(row[1]);
    const ClassicSrs srs(std::move(secrets));
    const auto forward =
        row[2] == "Mail::SRS::Shortcut" ? srs.forward_shortcut(row[3], row[4], now) : srs.forward(row[3], row[4], now);
    EXPECT_EQ(forward, row[5]) << row[2] << " " << row[3];
    EXPECT_EQ(srs.reverse(row[5], now), row[6]) << row[2] << " " << row[3];
  }
}

TEST(CorporaVectors, PostSrsd) {
  const auto folder = corpus("postsrsd/fuzz/seeds/srs");
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "not held: corpora absent (" << folder << ")";
  std::vector<crypto::Secret> secrets;
  secrets.emplace_back("tops3cr3t");
  const ClassicSrs srs(std::move(secrets));
  const WallTime now{std::chrono::seconds{1'577'836'860}};
  EXPECT_EQ(srs.forward("test@otherdomain.com", "example.com", now), "SRS0=vmyz=2W=otherdomain.com=test@example.com");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto answer = srs.reverse(text, now);
    if (entry.path().filename() == "valid")
      EXPECT_EQ(answer, "test@otherdomain.com");
    else
      EXPECT_FALSE(answer) << entry.path();
  }
}

}  // namespace
}  // namespace anechoic::mail::tags
