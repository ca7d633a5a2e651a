// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/source.h"

#include <gtest/gtest.h>

namespace anechoic::triage {
namespace {

TEST(EmittingServer, IsTheFirstFromOutside) {
  Me me;
  me.add("alice@example.org");
  struct Case {
    std::string_view received;
    std::string_view server;
  };
  for (const auto& [received, server] : std::initializer_list<Case>{
           {"from mx.there.test (mx.there.test [203.0.113.9]) by mail.example.org with ESMTP; x",
            "mx.there.test [203.0.113.9]"},
           {"from localhost (localhost [127.0.0.1]) by mail.example.org; x\n"
            "Received: from gate.example.org (gate [10.0.0.1]) by mail.example.org; x\n"
            "Received: from mx.there.test (unknown [203.0.113.9]) by gate.example.org; x\n"
            "Received: from invented.test (invented.test [198.51.100.1]) by mx.there.test; x",
            "mx.there.test [203.0.113.9]"},
           {"from mx2.provider.test (mx2.provider.test [198.51.100.7]) by store.provider.test; x\n"
            "Received: from mx.there.test (mx.there.test [203.0.113.9]) by mx2.provider.test; x",
            "mx.there.test [203.0.113.9]"},
           {"by mail.example.org (Postfix) id 4711; x", ""}}) {
    EXPECT_EQ(emitting_server(mail::HeaderBlock::parse("Received: " + std::string(received) + "\n\n"), me), server)
        << received;
  }
}

}  // namespace
}  // namespace anechoic::triage
