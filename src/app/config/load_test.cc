// SPDX-License-Identifier: Apache-2.0
#include "app/config/load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/config/document.h"
#include "app/config/table.h"

namespace anechoic::config {
namespace {

const std::string kHere = std::string(ANECHOIC_SOURCE_DIR) + "/src/app/config/testdata/";

std::string slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string lines(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += to_string(problem) + '\n';
  return text;
}

constexpr std::string_view kSmall = R"(
hostname = "mx.example.org"
[backend.main]
to = "smtp://127.0.0.1:10025"
[domain."Example.ORG"]
)";

// Each testdata/NAME.toml has its errors, or else its warnings, in NAME.expect.
TEST(Load, ReportsEverythingThatIsWrong) {
  unsigned cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kHere)) {
    if (entry.path().extension() != ".toml") continue;
    ++cases;
    const std::string name = entry.path().filename();
    const LoadResult loaded = load_text(slurp(entry.path()), name);
    const std::string got = loaded ? "good\n" + lines(loaded->warnings) : lines(loaded.error());
    EXPECT_EQ(got, slurp(kHere + entry.path().stem().string() + ".expect")) << name;
  }
  EXPECT_GE(cases, 8U);
}

TEST(Load, FillsInTheDefaults) {
  const LoadResult loaded = load_text(kSmall, "small");
  ASSERT_TRUE(loaded) << lines(loaded.error());
  const Settings& s = loaded->settings;
  EXPECT_EQ(s.hostname, "mx.example.org");
  EXPECT_EQ(s.inbound.options.session.hostname, "mx.example.org");
  EXPECT_EQ(s.inbound.listen.size(), 2U);
  EXPECT_EQ(s.inbound.options.session.message_size, 50ULL << 20);
  EXPECT_EQ(s.inbound.options.timeouts.command, std::chrono::minutes(5));
  EXPECT_EQ(s.inbound.options.spool.directory, "/var/lib/anechoic/spool");
  ASSERT_EQ(s.backends.size(), 1U);
  EXPECT_EQ(s.backends[0].timeouts.data_done, std::chrono::minutes(5));
  EXPECT_EQ(s.backends[0].pool, 20U);
  ASSERT_EQ(s.domains.size(), 1U);
  EXPECT_EQ(s.domains[0].name, "example.org");
  EXPECT_EQ(s.domains[0].backend, "main");  // the only one there is
  const judge::Policy& policy = loaded->ruleset->domains.at("example.org");
  EXPECT_EQ(policy.group, 0U);
  EXPECT_FALSE(policy.has_source);
  EXPECT_EQ(loaded->ruleset->null_sender_per_minute, 60U);
}

TEST(Load, GivesEachBackendItsGroup) {
  const LoadResult loaded = load_text(R"(
hostname = "mx.example.org"
soft_bounce = true
[backend.zulu]
to = ["smtp://[2001:db8::1]:26", "smtp://mail.example.org"]
tls = "verified"
identity = "xforward"
[backend.alpha]
to = "lmtp:///run/dovecot/lmtp"
[domain."a.example"]
backend = "alpha"
recipients = ["people"]
[domain."z.example"]
backend = "zulu"
catch_all = true
[recipients.people]
file = "/etc/people"
canary = "Postmaster@A.example"
mode = 550
[relay.backup]
networks = ["192.0.2.0/28", "2001:db8:1::/48"]
unknown_recipient = 451
hops = 2
)",
                                      "groups");
  ASSERT_TRUE(loaded) << lines(loaded.error());
  const Settings& s = loaded->settings;
  const judge::Ruleset& r = *loaded->ruleset;
  EXPECT_EQ(s.backends.at(r.domains.at("a.example").group).name, "alpha");
  EXPECT_EQ(s.backends.at(r.domains.at("z.example").group).name, "zulu");
  EXPECT_TRUE(r.domains.at("a.example").has_source);
  EXPECT_TRUE(r.domains.at("z.example").catch_all);
  EXPECT_TRUE(r.soft_bounce);
  const Backend& zulu = *s.backend("zulu");
  ASSERT_EQ(zulu.to.size(), 2U);
  EXPECT_EQ(zulu.to[0].host, "2001:db8::1");
  EXPECT_EQ(zulu.to[0].port, 26);
  EXPECT_EQ(zulu.to[1].host, "mail.example.org");
  EXPECT_EQ(zulu.to[1].port, 25);
  EXPECT_TRUE(zulu.verify);
  EXPECT_TRUE(zulu.xforward);
  EXPECT_EQ(s.backend("alpha")->to[0].path, "/run/dovecot/lmtp");
  EXPECT_EQ(s.source("people")->mode, judge::RecipientMode::Reject550);
  EXPECT_EQ(s.source("people")->canary, "Postmaster@a.example");
  ASSERT_EQ(r.relays.size(), 1U);
  EXPECT_EQ(r.relays[0].unknown_recipient, 451);
  EXPECT_EQ(r.relays[0].hops, 2U);
  EXPECT_EQ(r.relays[0].networks.size(), 2U);
}

TEST(Load, SenderChecksAndTheirDns) {
  const LoadResult plain = load_text(kSmall, "small");
  ASSERT_TRUE(plain) << lines(plain.error());
  EXPECT_TRUE(plain->settings.auth.checks);
  EXPECT_EQ(plain->settings.inbound.options.authserv_id, "mx.example.org");
  EXPECT_TRUE(plain->settings.inbound.options.authentication_results);
  EXPECT_EQ(plain->ruleset->domains.at("example.org").modes, judge::SenderModes{}) << "observe";

  const LoadResult loaded = load_text(std::string(kSmall) + R"(
spf = "observe"
own_domain = "enforce"
[domain."other.example"]
[auth]
spf = "enforce"
dmarc = "enforce"
authserv_id = "results.example.org"
trusted_sealers = ["Lists.Example"]
[dns]
servers = ["127.0.0.1:5353", "[::1]:53"]
time = "3s"
[dns.stub."internal.example"]
servers = "192.0.2.53:53"
)",
                                      "auth");
  ASSERT_TRUE(loaded) << lines(loaded.error());
  const Settings& s = loaded->settings;
  const judge::SenderModes own = loaded->ruleset->domains.at("example.org").modes;
  EXPECT_EQ(own.spf, judge::Mode::Observe);
  EXPECT_EQ(own.dmarc, judge::Mode::Enforce);
  EXPECT_EQ(own.own_domain, judge::Mode::Enforce);
  EXPECT_EQ(own.notify_never, judge::Mode::Observe);
  EXPECT_EQ(loaded->ruleset->domains.at("other.example").modes.spf, judge::Mode::Enforce);
  EXPECT_EQ(s.inbound.options.authserv_id, "results.example.org");
  EXPECT_EQ(s.inbound.options.own_names,
            (std::vector<std::string>{"results.example.org", "mx.example.org", "example.org", "other.example"}));
  EXPECT_EQ(s.auth.trusted_sealers, std::vector<std::string>{"lists.example"});
  ASSERT_EQ(s.dns.servers.size(), 2U);
  EXPECT_EQ(s.dns.time, std::chrono::seconds(3));
  ASSERT_EQ(s.dns.stubs.size(), 1U);
  EXPECT_EQ(s.dns.stubs[0].zone, "internal.example");
  EXPECT_EQ(s.dns.stubs[0].servers.at(0).port, 53);
}

TEST(Load, SaysWhenThereIsNoFile) {
  const LoadResult loaded = load_file("/proc/nonsense.toml");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().at(0).text.find("No such file"), std::string::npos);
  const LoadResult folder = load_file("/proc");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().at(0).text, "is a folder; name a file in it");
}

TEST(Load, TellsWhatAReloadChanges) {
  const LoadResult before = load_text(kSmall, "before");
  const LoadResult after = load_text(std::string(kSmall) +
                                         "catch_all = true\n[inbound]\nmessage_size = \"50M\"\nlisten = "
                                         "\"127.0.0.1:2525\"\n[domain.\"other.example\"]\n",
                                     "after");
  ASSERT_TRUE(before) << lines(before.error());
  ASSERT_TRUE(after) << lines(after.error());
  const Changes changes = compare(*before, *after);
  const std::vector<std::string> live{R"(domain."example.org".catch_all)",      R"(domain."other.example".backend)",
                                      R"(domain."other.example".catch_all)",    R"(domain."other.example".dmarc)",
                                      R"(domain."other.example".notify_never)", R"(domain."other.example".own_domain)",
                                      R"(domain."other.example".recipients)",   R"(domain."other.example".spf)"};
  EXPECT_EQ(changes.live, live);
  EXPECT_EQ(changes.restart, std::vector<std::string>{"inbound.listen"});
  EXPECT_TRUE(compare(*before, *before).live.empty());
}

TEST(Table, EveryRowIsWellFormed) {
  for (const Table& table : tables()) {
    EXPECT_TRUE(table.doc.ends_with('.')) << table.name;
    for (const Setting& setting : table.settings) {
      EXPECT_TRUE(setting.doc.ends_with('.')) << table.name << ' ' << setting.key;
      EXPECT_EQ(setting.kind == Kind::Choice, !setting.choices.empty()) << setting.key;
      EXPECT_EQ(std::ranges::count(table.settings, setting.key, &Setting::key), 1) << setting.key;
      EXPECT_NE(setting.store, nullptr) << setting.key;
    }
  }
}

TEST(Document, TheExampleIsAGoodConfiguration) {
  const LoadResult loaded = load_text(example(), "example");
  ASSERT_TRUE(loaded) << lines(loaded.error());
  EXPECT_EQ(lines(loaded->warnings), "");
}

// Every line that is commented out is a setting that may be switched on as it stands.
TEST(Document, TheCommentedDefaultsAreGoodToo) {
  std::istringstream in(example());
  std::string text;
  for (std::string line; std::getline(in, line);) {
    const bool off = line.starts_with('#') && !line.starts_with("# ");
    text += (off ? line.substr(1) : line) + '\n';
  }
  text.replace(text.find("networks = []"), 13, "networks = [\"192.0.2.1\"]");
  const LoadResult loaded = load_text(text, "example");
  ASSERT_TRUE(loaded) << lines(loaded.error());
}

TEST(Document, TheCommittedOnesAreUpToDate) {
  const std::string root = ANECHOIC_SOURCE_DIR;
  EXPECT_EQ(slurp(root + "/etc/anechoic.toml.example"), example()) << "run: anechoic config example";
  EXPECT_EQ(slurp(root + "/docs/man/anechoic.toml.5"), manual_page()) << "run: anechoic config man";
}

}  // namespace
}  // namespace anechoic::config
