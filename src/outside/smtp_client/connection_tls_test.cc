// SPDX-License-Identifier: Apache-2.0
// Connections in TLS: never, if offered, required, verified.                                            RFC 3207
#include <gmock/gmock.h>

#include "outside/net/test_certificate.h"
#include "outside/smtp_client/connection.h"
#include "testing/backend_fixture.h"

namespace anechoic::smtp_client {
namespace {

using namespace anechoic::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TlsConnectionTest : public BackendFixture {
 protected:
  TlsConnectionTest() : files(make_certificate(directory.path(), "backend", "backend.example.org")) {
    tls = net::TlsContext::server(files.certificate_file, files.key_file).value();
  }
  static Options with(Tls tls_use, std::string ca_file = {}) {
    Options options = quick_options();
    options.tls = tls_use;
    options.ca_file = std::move(ca_file);
    return options;
  }
  const Script offer = {say("220 x"), hear("EHLO"), say("250-x\r\n250-STARTTLS\r\n250 PIPELINING")};
  const Script start = {hear("STARTTLS"), say("220 go"), start_tls(), hear("EHLO"), say("250-x\r\n250 PIPELINING")};
  testing::Certificate files;
  std::shared_ptr<const net::TlsContext> tls;
};

TEST_F(TlsConnectionTest, TransactsInTls) {
  ScriptedServer server(loop, tls);
  server.play(offer + start +
              Script{hear("MAIL"), hear("RCPT"), say("250 ok\r\n250 ok"), hear("DATA"), say("354 go"), hear_body(),
                     say("250 done")});
  const auto connection = open(server, with(Tls::Required)).value();
  EXPECT_TRUE(connection->stream().in_tls());
  EXPECT_EQ(transact(*connection, "x\r\n"), "final 250 done;");
  EXPECT_FALSE(connection->is_dead());
  EXPECT_THAT(server.surprises, IsEmpty());
}

TEST_F(TlsConnectionTest, VerifiedNeedsTheRightNameAndRoot) {
  ScriptedServer server(loop, tls);
  server.play(offer + start);
  const auto good = open(server, with(Tls::Verified, files.certificate_file));  // by its address
  EXPECT_TRUE(good) << good.error().detail;
  const auto by_name =
      open({"smtp://localhost:" + std::to_string(server.port())}, with(Tls::Verified, files.certificate_file));
  ASSERT_FALSE(by_name);
  EXPECT_EQ(by_name.error().code, Errc::Refused);
  const auto other = make_certificate(directory.path(), "other", "backend.example.org");
  const auto unknown = open(server, with(Tls::Verified, other.certificate_file));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::Refused);
  EXPECT_EQ(server.connections, 3U) << "no second try in the clear";
}

TEST_F(TlsConnectionTest, RequiredButNotOfferedIsRefused) {
  ScriptedServer server(loop, tls);
  server.play(kHello);
  const auto connection = open(server, with(Tls::Required));
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, Errc::Refused);
  EXPECT_THAT(connection.error().detail, HasSubstr("STARTTLS"));
}

TEST_F(TlsConnectionTest, NeverDoesNotAskForIt) {
  ScriptedServer server(loop, tls);
  server.play(offer + Script{hear("MAIL")});
  const auto connection = open(server, with(Tls::Never)).value();
  EXPECT_FALSE(connection->stream().in_tls());
}

TEST_F(TlsConnectionTest, AFailedOpportunisticHandshakeIsTriedAgainInTheClear) {
  ScriptedServer server(loop, tls);
  server.play(offer + Script{hear("STARTTLS"), say("220 go"), hang_up()});
  server.play(kHello);
  const auto connection = open(server, with(Tls::IfOffered));
  ASSERT_TRUE(connection) << connection.error().detail;
  EXPECT_FALSE((*connection)->stream().in_tls());
  EXPECT_EQ(server.connections, 2U);
}

TEST_F(TlsConnectionTest, BytesInjectedBehindStartTlsAreNotObeyed) {
  ScriptedServer server(loop, tls);
  server.play(offer + Script{hear("STARTTLS"), say("220 go\r\n250 injected")});
  EXPECT_FALSE(open(server, with(Tls::Required)));
}

}  // namespace
}  // namespace anechoic::smtp_client
