// SPDX-License-Identifier: Apache-2.0
// An inspector with both guards over fakes, for the tests of the room.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inspect/rate_guard.h"
#include "inspect/recipient_guard.h"
#include "inspect/transaction.h"
#include "testing/fake_clock.h"
#include "testing/inspect_fakes.h"
#include "testing/policy_script.h"

namespace anechoic::inspect {

using judge::Action;
using judge::Existence;
using judge::RecipientMode;
using testing::to_line;

inline RecipientAnswer known(Existence existence, RecipientMode mode = RecipientMode::Reject550) {
  return {judge::Fact<judge::RecipientStatus>::known({.existence = existence, .source = "people", .mode = mode}), {}};
}

inline mail::ForwardPath to(const std::string& address) {
  return {mail::parse_mailbox(address, mail::Utf8::Forbidden).value()};
}

inline smtp::RelayedRecipient relayed(const std::string& address, smtp::Reply reply, bool by_backend = true) {
  return {.path = to(address), .reply = std::move(reply), .relayed = by_backend};
}

inline const smtp::Reply kOk{250, {2, 1, 5}, "Ok"};

class InspectFixture : public ::testing::Test {
 protected:
  InspectFixture() {
    ruleset->hostname = "mx.example.org";
    ruleset->domains["example.org"] = {.domain = "example.org", .has_source = true};
    ruleset->null_sender_per_minute = 3;
    std::vector<std::unique_ptr<Guard>> guards;
    guards.push_back(std::make_unique<RecipientGuard>(recipients));
    guards.push_back(std::make_unique<RateGuard>(rates, clock));
    inspector.emplace(InspectorOptions{}, std::move(guards), journal, clock);
  }

  Session session() {
    return {*inspector,
            ruleset,
            SessionId{7},
            {.address = ip::parse_address("198.51.100.7").value(),
             .port = 4711,
             .name = "client.example",
             .protocol = "ESMTP"}};
  }
  std::unique_ptr<Transaction> begin(Session& in, const std::string& sender = "s@elsewhere.example") {
    std::unique_ptr<Transaction> transaction = in.begin();
    mail::ReversePath path;
    if (!sender.empty()) {
      path.mailbox = to(sender).mailbox;
    }
    EXPECT_TRUE(transaction->mail(path).accepted());
    return transaction;
  }
  static std::string rcpt(Transaction& transaction, const std::string& address) {
    std::string line = "no answer";
    transaction.rcpt(to(address), [&line](const judge::Verdict& verdict) { line = to_line(verdict); });
    return line;
  }

  // What end() answers at once.
  static judge::Verdict end(Transaction& transaction, std::string_view message = "") {
    std::optional<judge::Verdict> heard;
    transaction.end(message, [&heard](judge::Verdict verdict) { heard = std::move(verdict); });
    EXPECT_TRUE(heard.has_value());
    return heard.value_or(judge::Verdict::accept({"nothing was heard", {}}));
  }

  std::shared_ptr<judge::Ruleset> ruleset = std::make_shared<judge::Ruleset>();
  testing::FakeClock clock;
  testing::KeptJournal journal;
  testing::ScriptedRecipients recipients;
  testing::MinuteRates rates;
  std::optional<Inspector> inspector;
};

}  // namespace anechoic::inspect
