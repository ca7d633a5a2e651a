// SPDX-License-Identifier: Apache-2.0
// The small parts that the daemon is assembled from: alarms, counted journal, the lines for mail servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/alarms.h"
#include "app/config/load.h"
#include "app/counting_journal.h"
#include "app/mta_lines.h"
#include "judge/verdict/reasons.h"
#include "testing/fake_clock.h"

namespace anechoic::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
namespace reasons = judge::reasons;

struct World {
  testing::FakeClock clock;
  std::vector<std::string> lines;
  observe::Log log{observe::LogFormat::Text, observe::Level::Info, clock,
                   [this](std::string_view line) { lines.emplace_back(line); }};
  observe::Metrics metrics{{.actions = {"accept", "reject", "defer"},
                            .reasons = {"clean", "unknown-recipient", "backend-refuses-us", "recipient-source-down"}}};
  Alarms alarms{log, metrics.gateway(), clock};
};

TEST(Alarms, AreToldOncePerMinuteAndCountedEachTime) {
  World world;
  for (int i = 0; i < 5; ++i) world.alarms.raise(reasons::kBackendAboutUs, "smtp://a", "554 go away");
  EXPECT_THAT(world.lines, SizeIs(1));
  EXPECT_THAT(world.metrics.text(), HasSubstr("anechoic_alarms_total{reason=\"backend-refuses-us\"} 5\n"));
  world.alarms.raise(reasons::kBackendAboutUs, "smtp://a", "554 other words");
  EXPECT_THAT(world.lines, SizeIs(2));
  world.clock.advance(std::chrono::minutes(2));
  world.alarms.raise(reasons::kBackendAboutUs, "smtp://a", "554 other words");
  EXPECT_THAT(world.lines, SizeIs(3));
  EXPECT_THAT(world.alarms.active(), ElementsAre("backend-refuses-us smtp://a: 554 other words"));
}

TEST(Alarms, EndWhenTheyAreOverOrNotHeardAnyMore) {
  World world;
  world.alarms.raise(reasons::kSourceDown, "people", "gone");
  world.alarms.raise(reasons::kBackendAboutUs, "smtp://a", "no");
  world.clock.advance(std::chrono::hours(1));
  EXPECT_THAT(world.alarms.active(), ElementsAre("recipient-source-down people: gone"));
  world.alarms.over(reasons::kSourceDown, "people", "back");
  EXPECT_THAT(world.alarms.active(), IsEmpty());
}

TEST(Alarms, AreOverOnceAndOnlyIfTheyWereRaised) {
  World world;
  world.alarms.over(reasons::kSourceDown, "people", "back");
  EXPECT_THAT(world.lines, IsEmpty());
  world.alarms.raise(reasons::kSourceDown, "people", "gone");
  for (int i = 0; i < 2; ++i) world.alarms.over(reasons::kSourceDown, "people", "back");
  EXPECT_THAT(world.lines, SizeIs(2));
}

TEST(Alarms, EscapeWhatABackendSaid) {
  World world;
  world.alarms.raise(reasons::kBackendAboutUs, "smtp://a", "554 \x1b[2J\nforged");
  EXPECT_THAT(world.alarms.active(), ElementsAre("backend-refuses-us smtp://a: 554 \\x1b[2J\\nforged"));
  EXPECT_THAT(world.lines.at(0), Not(HasSubstr("\n")));
}

class Kept final : public inspect::Journal {
 public:
  void append(inspect::JournalRow row) override { rows.push_back(std::move(row)); }
  std::vector<inspect::JournalRow> rows;
};

TEST(CountingJournal, CountsAndPassesOn) {
  World world;
  Kept kept;
  CountingJournal journal(world.metrics.gateway(), world.log, &kept);
  inspect::JournalRow row;
  row.id = "x";
  row.action = judge::Action::Reject;
  row.reasons = {{reasons::kUnknownRecipient, ""}};
  row.recipients = {{"<a@x>", "250 ok", reasons::kClean, true}, {"<b@x>", "550 no", reasons::kUnknownRecipient, false}};
  row.refused_by_reason = {{reasons::kUnknownRecipient, 90}};
  row.octets = 100;
  journal.append(row);
  ASSERT_THAT(kept.rows, SizeIs(1));
  const std::string text = world.metrics.text();
  EXPECT_THAT(text, HasSubstr("anechoic_transactions_total{action=\"reject\",reason=\"unknown-recipient\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_rcpt_total{reason=\"unknown-recipient\"} 90\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_rcpt_total{reason=\"clean\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_received_bytes_total 100\n"));
}

TEST(CountingJournal, CountsWithoutAJournalToo) {
  World world;
  CountingJournal journal(world.metrics.gateway(), world.log, nullptr);
  journal.append({});
  EXPECT_THAT(world.metrics.text(), HasSubstr("anechoic_transactions_total{action=\"accept\",reason=\"other\"} 1\n"));
}

config::Settings settings_of(std::string_view backend) {
  const auto loaded = config::load_text("hostname = \"mx.example.org\"\n[backend.main]\n" + std::string(backend) +
                                            "\n[domain.\"example.org\"]\ncatch_all = true\n",
                                        "test");
  EXPECT_TRUE(loaded);
  return loaded ? loaded->settings : config::Settings{};
}

TEST(MtaLines, FollowTheSettings) {
  const config::Settings here = settings_of("to = \"smtp://127.0.0.1:10025\"\nidentity = \"xforward\"");
  EXPECT_THAT(postfix_lines(here), HasSubstr("127.0.0.1:10025 inet n - y - - smtpd\n"));
  EXPECT_THAT(postfix_lines(here), HasSubstr("smtpd_authorized_xforward_hosts=127.0.0.1\n"));
  EXPECT_THAT(postfix_lines(here), HasSubstr("message_size_limit = 52428800\n"));
  EXPECT_THAT(exim_lines(here), HasSubstr("{$received_port}{10025}"));
  EXPECT_THAT(exim_lines(here), HasSubstr("identity = \"none\""));
  EXPECT_THAT(may_still_bounce(here), HasSubstr("catch_all"));

  const config::Settings there = settings_of("to = [\"smtp://[2001:db8::1]:26\", \"smtp://192.0.2.1:26\"]");
  EXPECT_THAT(postfix_lines(there), HasSubstr("[2001:db8::1]:26 inet"));
  EXPECT_THAT(postfix_lines(there), Not(HasSubstr("xforward")));
  EXPECT_THAT(exim_lines(there), HasSubstr("<; 192.0.2.1.26 ; 2001:db8::1.26"));

  const config::Settings lmtp = settings_of("to = \"lmtp:///run/dovecot/lmtp\"");
  EXPECT_EQ(postfix_lines(lmtp), "");
  EXPECT_EQ(exim_lines(lmtp), "");
  EXPECT_THAT(may_still_bounce(lmtp), HasSubstr("LMTP"));
}

}  // namespace
}  // namespace anechoic::app
