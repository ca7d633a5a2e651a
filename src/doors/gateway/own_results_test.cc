// SPDX-License-Identifier: Apache-2.0
#include "doors/gateway/own_results.h"

#include <gtest/gtest.h>

namespace anechoic::gateway {
namespace {

// What is left of the message; the same however it is fed.
std::string left_of(const std::string& message) {
  const std::vector<std::string> names{"mx.example.org"};
  std::string first;
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{4096}, message.size() + 1}) {
    OwnResults finder(names);
    for (std::size_t at = 0; at < message.size(); at += step) finder.feed(std::string_view(message).substr(at, step));
    finder.finish();
    std::string left = message;
    const auto ranges = finder.take();
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) left.erase(range->offset, range->length);
    if (first.empty()) first = left;
    EXPECT_EQ(left, first) << "in steps of " << step;
  }
  return first;
}

TEST(OwnResults, AreLeftOutAndOthersStay) {
  EXPECT_EQ(left_of("Received: by x\r\n"
                    "Authentication-Results: mx.example.org;\r\n spf=pass smtp.mailfrom=a.example\r\n"
                    "AUTHENTICATION-RESULTS : mx.Example.ORG; dmarc=pass\r\n"
                    "Authentication-Results: mx.elsewhere.example; spf=pass\r\n"
                    "X-Authentication-Results: mx.example.org; spf=pass\r\n"
                    "authentication-results:\r\n\t(comment) mx.example.org; none\r\n"
                    "Subject: hello\r\n"
                    "\r\n"
                    "Authentication-Results: mx.example.org; of the body\r\n"),
            "Received: by x\r\n"
            "Authentication-Results: mx.elsewhere.example; spf=pass\r\n"
            "X-Authentication-Results: mx.example.org; spf=pass\r\n"
            "Subject: hello\r\n"
            "\r\n"
            "Authentication-Results: mx.example.org; of the body\r\n");
}

TEST(OwnResults, AreFoundWhereverOthersMightLook) {
  EXPECT_EQ(left_of("Subject: x\r\nno field at all\r\nAuthentication-Results: mx.example.org; spf=pass\r\n\r\n"),
            "Subject: x\r\nno field at all\r\n\r\n");
  EXPECT_EQ(left_of(" \r\nAuthentication-Results: mx.example.org; spf=pass"), " \r\n") << "and without a body";
  EXPECT_EQ(left_of("\r\nAuthentication-Results: mx.example.org; x\r\n"),
            "\r\nAuthentication-Results: mx.example.org; x\r\n");
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "X-Filler: " + std::to_string(i) + "\r\n";
  EXPECT_EQ(left_of(many + "Authentication-Results: mx.example.org; x\r\n\r\n"), many + "\r\n");
}

TEST(OwnResults, LongFieldsHideNothing) {
  std::string comments;
  for (int i = 0; i < 100; ++i) comments += "\r\n (" + std::string(400, 'x') + ")";
  EXPECT_EQ(left_of("Authentication-Results:" + comments + " mx.example.org; spf=pass\r\nA: b\r\n\r\n"),
            "A: b\r\n\r\n");
  const std::string other =
      "X: " + std::string(100'000, 'x') + "\r\nAuthentication-Results: other.example; none\r\n\r\n";
  EXPECT_EQ(left_of(other), other);
  const std::string before =
      "Authentication-Results: other.example; none\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n";
  EXPECT_EQ(left_of(before), before) << "the next line's length says nothing of this field";
  EXPECT_EQ(left_of("Authentication-Results: (" + std::string(20'000, 'x') + ") other.example; x\r\n\r\n"), "\r\n");
}

TEST(OwnResults, TakesAnEmptyMessage) {
  EXPECT_EQ(left_of(""), "");
}

}  // namespace
}  // namespace anechoic::gateway
