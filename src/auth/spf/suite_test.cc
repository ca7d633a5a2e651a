// SPDX-License-Identifier: Apache-2.0
// The published test suites of RFC 7208 and RFC 4408: results and explanations. Not held where the corpora are absent.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "auth/spf/check.h"
#include "auth/spf/target.h"
#include "testing/fake_clock.h"

namespace anechoic::auth::spf {
namespace {

std::optional<dns::Name> name_of(std::string text) {
  if (text.ends_with('.')) text.pop_back();
  return query_name(text);
}

// Answers from a scenario's `zonedata`. As the suites say: records of type SPF stand for TXT ones where a name has no
// TXT entry, and TIMEOUT is the answer to every question that no record answers.
class SuiteResolver final : public Resolver {
 public:
  explicit SuiteResolver(const YAML::Node& zonedata) {
    for (const auto& entry : zonedata) {
      const auto name = name_of(entry.first.as<std::string>());
      if (!name) continue;
      Zone& zone = names_[*name];
      for (const YAML::Node& record : entry.second) add(zone, record);
      if (!zone.has_txt) zone.records[dns::Type::Txt] = zone.spf;
    }
  }

  void resolve(const auth::Question& question, SteadyTime /*deadline*/, Callback callback) override {
    callback(std::make_shared<const Answer>(look(question)));
  }

 private:
  struct Zone {
    std::map<dns::Type, std::vector<dns::Rdata>> records;
    std::vector<dns::Rdata> spf;
    std::optional<dns::Name> alias;
    bool has_txt = false;
    bool times_out = false;
    bool loops = false;
  };

  static std::string text_of(const YAML::Node& value) {
    std::string text;
    if (value.IsSequence()) {
      for (const YAML::Node& piece : value) text += piece.as<std::string>();
    } else {
      text = value.as<std::string>();
    }
    return text;
  }

  static void add(Zone& zone, const YAML::Node& record) {
    if (record.IsScalar()) {
      zone.times_out = zone.times_out || record.as<std::string>() == "TIMEOUT";
      return;
    }
    const auto type = record.begin()->first.as<std::string>();
    const YAML::Node value = record.begin()->second;
    if (type == "TIMEOUT") {
      zone.times_out = true;
    } else if (type == "CNAMELOOP") {
      zone.loops = true;
    } else if (type == "SPF") {
      zone.spf.emplace_back(dns::Txt{text_of(value)});
    } else if (type == "TXT") {
      zone.has_txt = true;
      if (text_of(value) != "NONE") zone.records[dns::Type::Txt].emplace_back(dns::Txt{text_of(value)});
    } else if (type == "MX") {
      const auto exchange = name_of(value[1].as<std::string>()).value_or(dns::Name());
      zone.records[dns::Type::Mx].emplace_back(dns::Mx{value[0].as<std::uint16_t>(), exchange});
    } else if (type == "PTR") {
      zone.records[dns::Type::Ptr].emplace_back(name_of(value.as<std::string>()).value());
    } else if (type == "CNAME") {
      zone.alias = name_of(value.as<std::string>());
    } else {
      const auto kind = type == "A" ? dns::Type::A : dns::Type::Aaaa;
      zone.records[kind].emplace_back(ip::parse_address(value.as<std::string>()).value());
    }
  }

  [[nodiscard]] Answer look(const auth::Question& question) const {
    dns::Name name = question.name;
    for (int hops = 0; hops < 8; ++hops) {
      const auto found = names_.find(name);
      if (found == names_.end()) return {.found = Found::NoSuchName, .records = {}};
      const Zone& zone = found->second;
      const auto records = zone.records.find(question.type);
      if (records != zone.records.end() && !records->second.empty()) {
        return {.found = Found::Records, .records = records->second};
      }
      if (zone.times_out) return {.found = Found::Timeout, .records = {}};
      if (zone.loops) break;
      if (!zone.alias) return {.found = Found::NoRecords, .records = {}};
      name = *zone.alias;
    }
    return {.found = Found::TemporaryFailure, .records = {}, .detail = "CNAME loop"};
  }

  std::map<dns::Name, Zone> names_;
};

Outcome check(const YAML::Node& test, Resolver& resolver) {
  Question question;
  question.client = ip::parse_address(test["host"].as<std::string>()).value();
  question.helo = test["helo"].as<std::string>();
  const auto sender = test["mailfrom"].as<std::string>();
  const std::size_t at = sender.rfind('@');
  if (sender.empty()) {
    question.domain = question.helo;
  } else if (at == std::string::npos) {
    question.domain = sender;
  } else {
    question.local = sender.substr(0, at);
    question.domain = sender.substr(at + 1);
  }
  const anechoic::testing::FakeClock clock;
  Lookups lookups(resolver, clock, {});
  std::optional<Outcome> outcome;
  start(check_host(lookups, question, {}), [&](Outcome done) { outcome = std::move(done); });
  return outcome.value();
}

bool agrees(const YAML::Node& expected, std::string_view result) {
  if (!expected.IsSequence()) return expected.as<std::string>() == result;
  return std::ranges::any_of(expected, [&](const YAML::Node& one) { return one.as<std::string>() == result; });
}

// The names of the cases that do not come out as listed; how many there are in all.
std::set<std::string> differences(const std::filesystem::path& file, std::size_t& count) {
  std::set<std::string> different;
  for (const YAML::Node& scenario : YAML::LoadAllFromFile(file.string())) {
    SuiteResolver resolver(scenario["zonedata"]);
    for (const auto& entry : scenario["tests"]) {
      const auto name = entry.first.as<std::string>();
      const YAML::Node test = entry.second;
      ++count;
      const Outcome outcome = check(test, resolver);
      const YAML::Node explanation = test["explanation"];
      const bool explained =
          outcome.result != Result::Fail || !explanation || explanation.as<std::string>() == outcome.explanation;
      if (agrees(test["result"], to_string(outcome.result)) && explained) continue;
      different.insert(name);
      std::printf("%s: %s %s (%s)\n", name.c_str(), std::string(to_string(outcome.result)).c_str(),
                  outcome.explanation.c_str(), outcome.problem.c_str());
    }
  }
  return different;
}

struct Suite {
  std::string_view file;
  std::size_t cases;
  std::set<std::string> argued;  // see docs/accuracy.md
};

TEST(SpfSuites, ResultsAndExplanationsAreAsListed) {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  const auto corpora = given != nullptr ? std::filesystem::path(given)
                                        : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora";
  const Suite suites[] = {
      {"auth/pyspf/test/rfc7208-tests.yml", 203, {}},
      {"auth/pyspf/test/rfc4408-tests.yml", 191, {}},
      {"auth/albertito-spf/testdata/rfc7208-tests.yml", 203, {}},
      {"auth/albertito-spf/testdata/rfc4408-tests.yml", 191, {}},
  };
  for (const Suite& suite : suites) {
    const auto file = corpora / suite.file;
    if (!std::filesystem::exists(file)) GTEST_SKIP() << "not held: corpora absent (" << file << ")";
    std::size_t count = 0;
    EXPECT_EQ(differences(file, count), suite.argued) << suite.file;
    EXPECT_EQ(count, suite.cases) << suite.file;
  }
}

}  // namespace
}  // namespace anechoic::auth::spf
