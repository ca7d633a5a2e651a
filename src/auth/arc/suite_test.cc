// SPDX-License-Identifier: Apache-2.0
// The published test suite of ARC validation. Not held where the corpora are absent.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "auth/arc/verify.h"
#include "base/ascii.h"
#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth::arc {
namespace {

std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

Outcome verify(const std::string& message, Resolver& resolver) {
  const mail::HeaderBlock header = mail::HeaderBlock::parse_exact(message);
  dkim::BodyDigests digests;
  Verification check(header, digests, {});
  digests.feed(std::string_view(message).substr(header.body_offset()));
  digests.finish();
  const anechoic::testing::FakeClock clock;
  Lookups lookups(resolver, clock, {});
  crypto::PublicKeys keys;
  std::optional<Outcome> outcome;
  start(check.finish(lookups, keys, clock.wall()), [&](Outcome done) { outcome = std::move(done); });
  return outcome.value();
}

TEST(ArcSuite, ChainsAreAsListed) {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  const auto corpora = given != nullptr ? std::filesystem::path(given)
                                        : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora";
  const auto file = corpora / "auth/arc-test-suite/tests/arc-draft-validation-tests.yml";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "not held: corpora absent (" << file << ")";
  std::size_t count = 0;
  std::set<std::string> different;
  for (const YAML::Node& scenario : YAML::LoadAllFromFile(file.string())) {
    if (!scenario["tests"]) continue;
    anechoic::testing::FakeResolver resolver;
    for (const auto& record : scenario["txt-records"]) {
      auto text = record.second.as<std::string>();
      std::erase(text, '\n');
      resolver.add_txt(record.first.as<std::string>(), text);
    }
    for (const auto& entry : scenario["tests"]) {
      ++count;
      const Outcome outcome = verify(with_crlf(entry.second["message"].as<std::string>()), resolver);
      // An empty cv: the newest seal says that the chain is broken already, and so do we (5.2 step 2).
      const YAML::Node state = entry.second["cv"];
      const std::string expected = state.IsNull() ? "" : ascii::lower(state.as<std::string>());
      if (to_string(outcome.result) == (expected.empty() ? "fail" : expected)) continue;
      different.insert(entry.first.as<std::string>());
      std::printf("%s: %s (%s)\n", entry.first.as<std::string>().c_str(),
                  std::string(to_string(outcome.result)).c_str(), outcome.reason.c_str());
    }
  }
  EXPECT_EQ(different, std::set<std::string>());
  EXPECT_EQ(count, 175U);  // 171 and four whose name stands twice, of which others read one
}

}  // namespace
}  // namespace anechoic::auth::arc
