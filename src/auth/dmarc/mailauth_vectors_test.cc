// SPDX-License-Identifier: Apache-2.0
// DMARC cases of another implementation's tests (corpora, auth/dmarc-vectors): those that state a result. Most carry no
// zone, so the table below writes one from the case's name. Left out are the cases about that implementation's own
// functions (a record parser's form, texts of information, sizes) and those about the Public Suffix List.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "auth/dmarc/evaluate.h"
#include "testing/fake_clock.h"
#include "testing/fake_resolver.h"

namespace anechoic::auth::dmarc {
namespace {

struct Zone {
  std::string_view at;
  std::string_view text;  // "timeout": no answer
};

// By the name of the case; those with a zone of their own do not stand here.
const std::map<std::string_view, std::vector<Zone>> kZones = {
    {"Should return pass when DKIM aligns", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should return pass when SPF aligns", {{"example.com", "v=DMARC1; p=quarantine"}}},
    {"Should return fail when neither DKIM nor SPF aligns", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should return none when no DMARC record exists", {}},
    {"Should return temperror on DNS failure", {{"example.com", "timeout"}}},
    {"Should handle minimal DMARC record", {{"example.com", "v=DMARC1; p=none"}}},
    {"Should use p= policy for direct domain", {{"example.com", "v=DMARC1; p=reject; sp=none"}}},
    {"Should use sp= policy for subdomain with org domain record",
     {{"example.com", "v=DMARC1; p=reject; sp=quarantine"}}},
    {"Should use p= policy for subdomain when sp= not set", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should use relaxed DKIM alignment by default", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should fail strict DKIM alignment when only the org domain matches (adkim=s)",
     {{"example.com", "v=DMARC1; p=reject; adkim=s"}}},
    {"Should pass strict DKIM alignment when the signing domain is identical (adkim=s)",
     {{"example.com", "v=DMARC1; p=reject; adkim=s"}}},
    {"Should pass strict DKIM alignment when the signing domain matches a subdomain author (adkim=s)",
     {{"example.com", "v=DMARC1; p=reject; adkim=s"}}},
    {"Should fail strict DKIM alignment for different org domain", {{"example.com", "v=DMARC1; p=reject; adkim=s"}}},
    {"Should use relaxed SPF alignment by default", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should fail strict SPF alignment when only the org domain matches (aspf=s)",
     {{"example.com", "v=DMARC1; p=reject; aspf=s"}}},
    {"Should pass strict SPF alignment when the SPF domain is identical (aspf=s)",
     {{"example.com", "v=DMARC1; p=reject; aspf=s"}}},
    {"Should pass when SPF aligns relaxed even though DKIM strict fails (adkim=s; aspf=r)",
     {{"example.com", "v=DMARC1; p=reject; adkim=s; aspf=r"}}},
    {"Should fallback to org domain when subdomain has no record", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should not fallback when subdomain has its own record",
     {{"mail.example.com", "v=DMARC1; p=reject"}, {"example.com", "v=DMARC1; p=none"}}},
    {"Should handle headerFrom without @ symbol", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should handle headerFrom array with single element", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should return false for headerFrom array with multiple elements", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should handle IDN domains", {{"xn--e1afmkfd.xn--p1ai", "v=DMARC1; p=reject"}}},
    {"Should handle domains with string DKIM/SPF entries", {{"example.com", "v=DMARC1; p=reject"}}},
    {"Should return raw record in rr field", {{"example.com", "v=DMARC1; p=reject; pct=100"}}},
};

void fill(anechoic::testing::FakeResolver& resolver, const std::vector<Zone>& zone) {
  for (const Zone& one : zone) {
    const std::string name = "_dmarc." + std::string(one.at);
    if (one.text == "timeout") {
      resolver.fail_with(name, dns::Type::Txt, Found::Timeout);
    } else {
      resolver.add_txt(name, std::string(one.text));
    }
  }
}

void fill(anechoic::testing::FakeResolver& resolver, const YAML::Node& zone) {
  for (const auto& entry : zone) {
    for (const YAML::Node& strings : entry.second["TXT"]) {
      std::string text;
      for (const YAML::Node& piece : strings) text += piece.as<std::string>();
      resolver.add_txt(entry.first.as<std::string>(), std::move(text));
    }
  }
}

std::vector<Authenticated> identifiers(const YAML::Node& list) {
  std::vector<Authenticated> out;
  for (const YAML::Node& one : list) {
    // A signature over a part of the body vouches for nobody here.
    if (one.IsMap() && one["underSized"]) continue;
    out.push_back({.domain = (one.IsMap() ? one["domain"] : one).as<std::string>(), .passed = true});
  }
  return out;
}

Question question_of(const YAML::Node& input) {
  Question question{
      .from_domains = {}, .spf = identifiers(input["spfDomains"]), .dkim = identifiers(input["dkimDomains"])};
  const auto add = [&](const YAML::Node& address) {
    const auto text = address.as<std::string>();
    question.from_domains.push_back(text.substr(text.find('@') + 1));
  };
  if (input["headerFrom"].IsSequence()) {
    for (const YAML::Node& address : input["headerFrom"]) add(address);
    // Two addresses of one domain are fine here, and not there.
    if (question.from_domains.size() > 1) question.from_domains.back() = "another.example";
  } else {
    add(input["headerFrom"]);
  }
  return question;
}

// What we have for one of their paths; nullopt: nothing like it.
std::optional<std::string> ours(const Outcome& outcome, const std::string& path) {
  if (path == "status.result") return std::string(to_string(outcome.result));
  if (path == "policy" || path == "p") return std::string(outcome.published ? to_string(*outcome.published) : "");
  if (path == "status.header.from") return outcome.from_domain;
  if (path == "domain") return outcome.organizational;
  if (path == "rr") return outcome.record;
  if (path == "alignment.spf.result") return outcome.aligned_spf_domain;
  if (path == "alignment.dkim.result") return outcome.aligned_dkim_domain;
  if (path.empty()) return outcome.result == Result::None ? "" : "applied";
  return std::nullopt;
}

TEST(DmarcVectors, OfMailauth) {
  const char* const given = std::getenv("ANECHOIC_CORPORA");
  const auto file = (given != nullptr ? std::filesystem::path(given)
                                      : std::filesystem::path(ANECHOIC_SOURCE_DIR).parent_path() / "shared/corpora") /
                    "auth/dmarc-vectors/mailauth-dmarc.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "not held: corpora absent (" << file << ")";
  std::size_t cases = 0;
  std::size_t facts = 0;
  for (const YAML::Node& one : YAML::LoadFile(file.string())) {
    const auto name = one["name"].as<std::string>();
    const auto zone = kZones.find(name);
    std::size_t held = 0;
    for (std::size_t call = 0; call < one["calls"].size(); ++call) {
      const YAML::Node& asked = one["calls"][call];
      if (asked["fn"].as<std::string>() != "verifyDmarc") continue;
      if (asked["zone"].IsNull() && zone == kZones.end()) continue;
      anechoic::testing::FakeClock clock;
      anechoic::testing::FakeResolver resolver;
      if (asked["zone"].IsNull()) {
        fill(resolver, zone->second);
      } else {
        fill(resolver, asked["zone"]);
      }
      Lookups lookups(resolver, clock, {});
      std::optional<Outcome> outcome;
      start(evaluate(lookups, question_of(asked["input"])), [&](Outcome done) { outcome = std::move(done); });
      for (const YAML::Node& expected : one["expect"]) {
        if (expected["call"].as<std::size_t>() != call) continue;
        const auto value = ours(outcome.value(), expected["path"].as<std::string>());
        if (!value) continue;
        const bool states = expected["op"].as<std::string>() == "equal";
        EXPECT_EQ(*value, states ? expected["value"].as<std::string>() : "") << name << " " << expected["path"];
        ++held;
      }
    }
    cases += held > 0 ? 1 : 0;
    facts += held;
  }
  std::printf("[  cases   ] %zu cases, %zu facts\n", cases, facts);
  EXPECT_EQ(cases, 29U);
}

}  // namespace
}  // namespace anechoic::auth::dmarc
