// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace anechoic::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Labels labels() {
  return {.actions = {"accept", "reject"}, .reasons = {"clean", "unknown-recipient"}};
}

TEST(Metrics, WritesTheTextFormat) {
  Metrics metrics(labels());
  metrics.gateway().connections.add();
  metrics.gateway().transactions.add("accept", "clean");
  metrics.gateway().transactions.add("reject", "unknown-recipient", 2);
  metrics.gateway().recipients.add("unknown-recipient", {}, 3);
  metrics.backend("main").acquired.add();
  metrics.backend("main").rcpt_time.observe(std::chrono::milliseconds(2));
  metrics.count_reload(false);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# TYPE anechoic_connections_total counter\nanechoic_connections_total 1\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_transactions_total{action=\"accept\",reason=\"clean\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_transactions_total{action=\"reject\",reason=\"unknown-recipient\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_rcpt_total{reason=\"unknown-recipient\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_backend_rcpt_seconds_bucket{backend=\"main\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_backend_rcpt_seconds_bucket{backend=\"main\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_reloads_total{result=\"bad\"} 1\n"));
}

TEST(Metrics, WordsOutsideTheSetCountAsOther) {
  Metrics metrics(labels());
  metrics.gateway().recipients.add("made up\"} 1");
  metrics.gateway().transactions.add("accept", "nonsense");
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("anechoic_rcpt_total{reason=\"other\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_transactions_total{action=\"accept\",reason=\"other\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("made up")));
}

TEST(Metrics, HandlesWithoutARegistryDoNothing) {
  const GatewayMetrics none;
  none.connections.add();
  none.sessions.set(3);
  none.transactions.add("accept", "clean");
  none.transaction_time.observe(std::chrono::seconds(1));
  EXPECT_EQ(none.sessions.value(), 0);
}

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics(labels());
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics] {
        const Counted one(metrics.gateway().sessions);
        for (int n = 0; n < 1000; ++n) metrics.gateway().recipients.add("clean");
        metrics.backend("b").acquired.add();
      });
    }
  }
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("anechoic_rcpt_total{reason=\"clean\"} 4000\n"));
  EXPECT_THAT(text, HasSubstr("anechoic_backend_acquired_total{backend=\"b\"} 4\n"));
  EXPECT_EQ(metrics.gateway().sessions.value(), 0);
}

}  // namespace
}  // namespace anechoic::observe
