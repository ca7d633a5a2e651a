// SPDX-License-Identifier: Apache-2.0
// One SPF check over a zone that stands in the test.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>

#include "auth/spf/check.h"
#include "testing/fake_clock.h"
#include "testing/zone_text.h"

namespace anechoic::testing {

// `sender` is "local@domain".
inline auth::spf::Question ask_for(std::string_view sender, std::string_view client,
                                   std::string_view helo = "helo.example") {
  const std::size_t at = sender.rfind('@');
  return {.client = ip::parse_address(client).value(),
          .helo = std::string(helo),
          .local = std::string(sender.substr(0, at)),
          .domain = std::string(sender.substr(at + 1)),
          .now = WallTime(std::chrono::seconds(1'800'000'000))};
}

// Held-back answers are given until it has ended.
inline auth::spf::Outcome check(ZoneText& resolver, auth::spf::Question question, auth::spf::Options options = {},
                                auth::LookupBudget budget = {}) {
  const FakeClock clock;
  auth::Lookups lookups(resolver, clock, budget);
  std::optional<auth::spf::Outcome> outcome;
  start(auth::spf::check_host(lookups, std::move(question), std::move(options)),
        [&](auth::spf::Outcome done) { outcome = std::move(done); });
  while (resolver.answer_next()) {
  }
  EXPECT_TRUE(outcome.has_value()) << "not ended";
  return outcome.value_or(auth::spf::Outcome{});
}

struct SpfCase {
  std::string_view sender;
  std::string_view client;
  auth::spf::Result result;
};

// The same at once and later; errors and only errors are explained, and only a fail has the domain's words.
inline void expect_all(std::string_view zone, std::initializer_list<SpfCase> cases) {
  for (const SpfCase& one : cases) {
    for (const bool later : {false, true}) {
      using auth::spf::Result;
      ZoneText resolver(zone);
      if (later) resolver.answer_later();
      const auth::spf::Outcome outcome = check(resolver, ask_for(one.sender, one.client));
      EXPECT_EQ(to_string(outcome.result), to_string(one.result))
          << one.sender << " from " << one.client << ": " << outcome.problem << " " << outcome.term;
      const bool explained =
          outcome.result == Result::None || outcome.result == Result::TempError || outcome.result == Result::PermError;
      EXPECT_EQ(outcome.problem.empty(), !explained) << one.sender;
      EXPECT_EQ(outcome.explanation.empty(), outcome.result != Result::Fail) << one.sender;
    }
  }
}

}  // namespace anechoic::testing
