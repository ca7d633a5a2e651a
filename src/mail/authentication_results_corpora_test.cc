// SPDX-License-Identifier: Apache-2.0
// The fields in messages of another implementation's tests (corpora, auth/lieser-dkim): their file names tell which
// can't be read. Not held where the corpora are absent.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/ascii.h"
#include "mail/authentication_results.h"
#include "mail/header_block.h"

namespace anechoic::mail {
namespace {

struct Counts {
  unsigned fields = 0;
  unsigned strict = 0;
  unsigned lenient = 0;
};

Counts count(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const HeaderBlock header = HeaderBlock::parse_message(bytes);
  Counts counts;
  for (const Field& field : header.fields()) {
    if (!ascii::iequals(field.name, "Authentication-Results")) continue;
    ++counts.fields;
    counts.strict += parse_authentication_results(field.value, Reading::Strict) ? 1U : 0U;
    counts.lenient += parse_authentication_results(field.value, Reading::Lenient) ? 1U : 0U;
  }
  return counts;
}

// Files with fields that don't parse; in all others each does.
const std::map<std::string, Counts> kBroken = {
    {"multiple_arh-newest_no_authserv.eml", {3, 1, 1}},
    {"multiple_arh-newest_parsing_error_01.eml", {3, 2, 3}},  // header.b without its quotes
    {"multiple_arh-newest_parsing_error_02.eml", {3, 1, 1}},  // a slash in the authserv-id
    {"multiple_arh-same_and_different_authserv.eml", {7, 6, 6}},
    {"rfc6376-A.2-arh-valid_relaxed.eml", {1, 0, 1}},  // a semicolon at the end
};

TEST(AuthenticationResultsCorpora, LieserDkim) {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  const auto folder = (given != nullptr ? std::filesystem::path(given)
                                        : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora") /
                      "auth/lieser-dkim/test/data/arh";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "not held: corpora absent (" << folder << ")";
  unsigned files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const Counts counts = count(entry.path());
    const auto broken = kBroken.find(name);
    const Counts expected =
        broken != kBroken.end() ? broken->second : Counts{counts.fields, counts.fields, counts.fields};
    EXPECT_GT(counts.fields, 0U) << name;
    EXPECT_EQ(counts.fields, expected.fields) << name;
    EXPECT_EQ(counts.strict, expected.strict) << name;
    EXPECT_EQ(counts.lenient, expected.lenient) << name;
    ++files;
  }
  EXPECT_EQ(files, 21U);
}

}  // namespace
}  // namespace anechoic::mail
