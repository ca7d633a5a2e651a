// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "judge/verdict/reasons.h"
#include "testing/policy_script.h"

namespace anechoic::judge {
namespace {

using testing::PolicyStep;

std::vector<std::string> scripts() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(ANECHOIC_SOURCE_DIR "/src/judge/verdict/testdata")) {
    if (entry.path().extension() == ".policy") {
      files.push_back(entry.path().string());
    }
  }
  std::ranges::sort(files);
  return files;
}

Stage stage_of(PolicyStep::Kind kind) {
  switch (kind) {
    case PolicyStep::Kind::Connect:
      return Stage::Connect;
    case PolicyStep::Kind::Helo:
      return Stage::Helo;
    case PolicyStep::Kind::Rcpt:
      return Stage::Rcpt;
    case PolicyStep::Kind::Headers:
      return Stage::Headers;
    case PolicyStep::Kind::End:
      return Stage::End;
    case PolicyStep::Kind::Client:
    case PolicyStep::Kind::Mail:
      break;
  }
  return Stage::Mail;
}

// As the inspector sums them up.
SenderModes agreed(const Facts& before, const Facts& recipient, const Ruleset& ruleset) {
  const mail::Mailbox& mailbox = recipient.recipient.value().mailbox;
  const Policy* policy = ruleset.policy_of(mailbox.domain);
  const SenderModes own = policy == nullptr || mail::is_role_account(mailbox) ? SenderModes{} : policy->modes;
  return before.accepted_recipients == 0 ? own : common(before.modes, own);
}

class PolicyScripts : public ::testing::TestWithParam<std::string> {};

TEST_P(PolicyScripts, DecideAsWritten) {
  const testing::PolicyScript script = testing::PolicyScriptReader::read(GetParam());
  Facts facts;
  for (const PolicyStep& step : script.steps) {
    SCOPED_TRACE(GetParam() + ":" + std::to_string(step.line));
    if (step.kind == PolicyStep::Kind::Client) {
      facts = {};
      facts.client =
          Fact<Client>::known({.address = ip::parse_address(step.argument).value(), .name = {}, .protocol = {}});
      continue;
    }
    if (step.kind == PolicyStep::Kind::Mail) {
      facts.reverse_path = Fact<mail::ReversePath>::known(testing::reverse_path_of(step));
      facts.accepted_recipients = 0;
      facts.modes = {};
      EXPECT_TRUE(decide(Stage::Mail, facts, script.ruleset).accepted());
      continue;
    }
    Facts at_step = step.facts;
    at_step.client = facts.client;
    at_step.reverse_path = facts.reverse_path;
    at_step.accepted_recipients = facts.accepted_recipients;
    at_step.modes = facts.modes;
    if (step.kind == PolicyStep::Kind::Rcpt) {
      at_step.recipient = Fact<mail::ForwardPath>::known(testing::forward_path_of(step));
    }
    const Verdict verdict = decide(stage_of(step.kind), at_step, script.ruleset);
    EXPECT_EQ(testing::to_line(verdict), step.expected);
    if (step.kind == PolicyStep::Kind::Rcpt && verdict.accepted()) {
      facts.modes = agreed(facts, at_step, script.ruleset);
      ++facts.accepted_recipients;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Testdata, PolicyScripts, ::testing::ValuesIn(scripts()),
                         [](const auto& tested) { return std::filesystem::path(tested.param).stem().string(); });

TEST(Decide, AcceptsAnySubsetOfFacts) {
  const Ruleset empty;
  for (const Stage stage : {Stage::Connect, Stage::Helo, Stage::Mail, Stage::Rcpt, Stage::Headers, Stage::End}) {
    const Verdict verdict = decide(stage, Facts{}, empty);
    EXPECT_TRUE(verdict.accepted());
    EXPECT_EQ(verdict.reasons().front().name, reasons::kClean);
    EXPECT_EQ(verdict.reply().code, 0);
  }
}

// The whole product of what a source may say, modes and senders: whatever the facts, decide() answers by the rules that
// hold for all of them.
TEST(Decide, InvariantsOverAllFacts) {
  Ruleset ruleset;
  ruleset.domains["example.org"] = {.domain = "example.org"};
  ruleset.domains["all.example"] = {.domain = "all.example", .catch_all = true};
  for (const char* address : {"user@example.org", "postmaster@example.org", "a%b@example.org", "user@all.example",
                              "a%b@all.example", "user@foreign.example", "a!b@foreign.example"}) {
    for (int state = 0; state < 5; ++state) {
      for (const RecipientMode mode : {RecipientMode::Observe, RecipientMode::Defer450, RecipientMode::Reject550}) {
        for (const unsigned before : {0U, 1U}) {
          for (const bool null_sender : {true, false}) {
            Facts facts;
            facts.reverse_path = Fact<mail::ReversePath>::known(
                null_sender ? mail::ReversePath{} : mail::ReversePath{mail::Mailbox{"s", "elsewhere.example"}});
            facts.recipient =
                Fact<mail::ForwardPath>::known({mail::parse_mailbox(address, mail::Utf8::Forbidden).value()});
            facts.accepted_recipients = before;
            facts.down_mode = mode;
            if (state == 3) {
              facts.recipient_status = Fact<RecipientStatus>::unknown("down");
            } else if (state < 3) {
              facts.recipient_status = Fact<RecipientStatus>::known(
                  {.existence = static_cast<Existence>(state), .source = "people", .mode = mode});
            }
            const Verdict verdict = decide(Stage::Rcpt, facts, ruleset);
            const std::string_view text = address;
            SCOPED_TRACE(std::string(text) + " state " + std::to_string(state) + ": " + testing::to_line(verdict));
            EXPECT_EQ(verdict.accepted(), verdict.reply().code == 0);
            if (text.ends_with("foreign.example")) {
              EXPECT_EQ(verdict.reply().code, 554);
            }
            if (text.starts_with("a%b")) {
              EXPECT_FALSE(verdict.accepted());
            }
            if (text.starts_with("postmaster") && !(null_sender && before > 0)) {
              EXPECT_TRUE(verdict.accepted());
            }
            if (state == 3) {  // the unknown is never a "no"
              EXPECT_NE(verdict.reasons().front().name, reasons::kUnknownRecipient);
            }
            if (null_sender && before > 0) {
              EXPECT_FALSE(verdict.accepted());
            }
            for (const std::string_view inner : {"people", "down"}) {  // no inner name in what a stranger reads
              EXPECT_EQ(verdict.reply().text.find(inner), std::string::npos);
            }
          }
        }
      }
    }
  }
}

TEST(Verdict, ActionFollowsFromTheReply) {
  EXPECT_EQ(Verdict::refuse({550, {5, 1, 1}, "no"}, {reasons::kUnknownRecipient, ""}).action(), Action::Reject);
  EXPECT_EQ(Verdict::refuse({450, {4, 1, 1}, "no"}, {reasons::kUnknownRecipient, ""}).action(), Action::Defer);
  EXPECT_EQ(Verdict::refuse({421, {4, 3, 2}, "no"}, {reasons::kShutdown, ""}).action(), Action::Defer);
  Verdict verdict = Verdict::accept({reasons::kClean, ""});
  verdict.because({reasons::kCatchAll, "also"});
  ASSERT_EQ(verdict.reasons().size(), 2U);
  EXPECT_EQ(verdict.reasons()[1].name, reasons::kCatchAll);
}

}  // namespace
}  // namespace anechoic::judge
