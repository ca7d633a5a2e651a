// SPDX-License-Identifier: Apache-2.0
#include "outside/smtp_client/group.h"

#include <gtest/gtest.h>

namespace anechoic::smtp_client {
namespace {

using namespace std::chrono_literals;

smtp::Capabilities with_size(std::optional<std::uint64_t> size) {
  smtp::Capabilities capabilities;
  capabilities.size = size;
  capabilities.pipelining = true;
  return capabilities;
}

TEST(Group, RefusesWhatCantWork) {
  EXPECT_EQ(Group::make({}, {}).error().code, Errc::Syntax);
  EXPECT_EQ(Group::make({"smtp://a:25", "pop://b"}, {}).error().code, Errc::Syntax);
  EXPECT_EQ(Group::make({"lmtp:///run/lmtp"}, {.tls = Tls::Verified}).error().code, Errc::Syntax);
  EXPECT_EQ(Group::make({"smtp://a:25"}, {.tls = Tls::Verified, .ca_file = "/nowhere/ca.pem"}).error().code, Errc::Io);
}

TEST(Group, SessionOptionsOfEachEndpoint) {
  const auto group = Group::make({"smtp://a:25", "lmtp:///run/lmtp"}, {.hostname = "mx", .xforward = true}).value();
  EXPECT_EQ(group->session_options(0, false)->tls, smtp::TlsUse::IfOffered);
  EXPECT_EQ(group->session_options(0, true)->tls, smtp::TlsUse::Never);
  EXPECT_EQ(group->session_options(0, false)->hostname, "mx");
  EXPECT_TRUE(group->session_options(0, true)->xforward);
  EXPECT_EQ(group->session_options(1, false)->protocol, smtp::Protocol::Lmtp);
  EXPECT_EQ(group->session_options(1, false)->tls, smtp::TlsUse::Never);
  const auto verified = Group::make({"smtp://a:25"}, {.tls = Tls::Required}).value();
  EXPECT_EQ(verified->session_options(0, false)->tls, smtp::TlsUse::Required);
}

TEST(Group, BacksOffLongerWithEachFailure) {
  const auto group =
      Group::make({"smtp://a:25", "smtp://b:25"}, {.tls = Tls::Never, .back_off = 1s, .back_off_most = 5s}).value();
  const SteadyTime start{};
  EXPECT_FALSE(group->is_backed_off(0, start));
  group->failed(0, start);
  EXPECT_TRUE(group->is_backed_off(0, start + 999ms));
  EXPECT_FALSE(group->is_backed_off(0, start + 1s));
  EXPECT_FALSE(group->is_backed_off(1, start));
  group->failed(0, start);
  EXPECT_TRUE(group->is_backed_off(0, start + 1999ms));
  for (int i = 0; i < 100; ++i) group->failed(0, start);
  EXPECT_TRUE(group->is_backed_off(0, start + 4999ms));
  EXPECT_FALSE(group->is_backed_off(0, start + 5s));
  group->succeeded(0, {});
  EXPECT_FALSE(group->is_backed_off(0, start));
}

TEST(Group, CommonCapabilitiesAreTheWeakest) {
  const auto group = Group::make({"smtp://a:25", "smtp://b:25"}, {.tls = Tls::Never}).value();
  EXPECT_EQ(group->common_capabilities(), smtp::Capabilities{});
  smtp::Capabilities strong = with_size(1000);
  strong.eightbitmime = strong.smtputf8 = true;
  group->succeeded(0, strong);
  EXPECT_EQ(group->common_capabilities(), strong) << "the other was never seen";
  group->succeeded(1, with_size(500));
  group->failed(1, {});
  const smtp::Capabilities both = group->common_capabilities();
  EXPECT_EQ(both.size, 500U);
  EXPECT_TRUE(both.pipelining);
  EXPECT_FALSE(both.eightbitmime);
  EXPECT_FALSE(both.smtputf8) << "remembered while it is down";
}

TEST(Group, SizeWithoutANumberBoundsNothing) {
  EXPECT_EQ(common(with_size(0), with_size(700)).size, 700U);
  EXPECT_EQ(common(with_size(0), with_size(0)).size, 0U);
  EXPECT_EQ(common(with_size(700), with_size(std::nullopt)).size, std::nullopt);
}

}  // namespace
}  // namespace anechoic::smtp_client
