// SPDX-License-Identifier: Apache-2.0
#include "outside/net/tls.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "outside/net/certificate_watch.h"
#include "outside/net/stream.h"
#include "outside/net/test_certificate.h"
#include "testing/loop.h"
#include "testing/temp_dir.h"

namespace anechoic::net {
namespace {

using namespace std::chrono_literals;

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    (void)std::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
    const asio::generic::stream_protocol protocol(AF_UNIX, 0);
    client = std::make_unique<Stream>(Socket(loop.context, protocol, ends[0]), loop.wheel);
    server = std::make_unique<Stream>(Socket(loop.context, protocol, ends[1]), loop.wheel);
    files = testing::make_certificate(directory.path(), "server", "mx.example.org");
    server_context = TlsContext::server(files.certificate_file, files.key_file).value();
  }

  // Both handshakes at once; the client's result.
  Result<void> shake_hands(const TlsContext& client_context, const std::string& name) {
    bool served = false;
    loop.spawn(serve(served));
    Result<void> connected = loop.run(client->connect_tls(client_context, name, testing::in_a_while()));
    if (!connected) client->close();
    loop.run_until([&] { return served; });
    return connected;
  }

  Task<void> serve(bool& served) {
    accepted = co_await server->accept_tls(*server_context, testing::in_a_while());
    served = true;
  }

  testing::Loop loop;
  testing::TempDir directory;
  testing::Certificate files;
  std::shared_ptr<const TlsContext> server_context;
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
  Result<void> accepted;
};

TEST_F(TlsTest, CarriesBytesBothWays) {
  EXPECT_EQ(client->tls_description(), "");
  ASSERT_TRUE(shake_hands(*TlsContext::client(false, "").value(), "anything"));
  ASSERT_TRUE(accepted);
  EXPECT_TRUE(client->in_tls());
  EXPECT_TRUE(server->tls_description().starts_with("TLSv1.3 ")) << server->tls_description();
  ASSERT_TRUE(client->send_now("hello"));
  EXPECT_TRUE(server->has_input());
  EXPECT_EQ(loop.run(server->receive(testing::in_a_while())).value(), "hello");
  EXPECT_FALSE(server->has_input());
  EXPECT_EQ(server->receive_now().value(), "");
  EXPECT_FALSE(client->has_input()) << "a session ticket is no input";
  ASSERT_TRUE(server->send_now("welcome"));
  EXPECT_EQ(loop.run(client->receive(testing::in_a_while())).value(), "welcome");
  server->shut_down();
  EXPECT_EQ(loop.run(client->receive(testing::in_a_while())).error().detail, "closed");
}

TEST_F(TlsTest, KnowsHowLongItsCertificateIsValid) {
  const testing::TempDir folder;
  const testing::Certificate files = testing::make_certificate(folder.path(), "own", "gateway.test");
  const auto context = TlsContext::server(files.certificate_file, files.key_file);
  ASSERT_TRUE(context);
  const auto validity = (*context)->validity();
  ASSERT_TRUE(validity);
  EXPECT_EQ(validity->until - validity->from, std::chrono::seconds(3660));
  EXPECT_LT(std::chrono::abs(validity->from + std::chrono::minutes(1) - SystemClock().wall()), std::chrono::seconds(5));
  const auto client = TlsContext::client(false, "");
  ASSERT_TRUE(client);
  EXPECT_FALSE((*client)->validity());
}

TEST_F(TlsTest, CarriesMoreThanFits) {
  ASSERT_TRUE(shake_hands(*TlsContext::client(false, "").value(), "anything"));
  std::string big(3 << 20, 'x');
  for (std::size_t i = 0; i < big.size(); i += 1000) big[i] = static_cast<char>('a' + i / 1000 % 26);
  loop.spawn([](Stream& stream, const std::string& bytes) -> Task<void> {
    EXPECT_TRUE(co_await stream.send(bytes, testing::in_a_while()));
    stream.shut_down();
  }(*client, big));
  std::string got;
  while (true) {
    const Result<std::string_view> piece = loop.run(server->receive(testing::in_a_while()));
    if (!piece) break;
    got += *piece;
  }
  EXPECT_TRUE(got == big);
}

TEST_F(TlsTest, VerifiesChainAndName) {
  const auto trusting = TlsContext::client(true, files.certificate_file).value();
  EXPECT_TRUE(shake_hands(*trusting, "mx.example.org"));
}

TEST_F(TlsTest, VerifiesAnAddress) {
  const auto trusting = TlsContext::client(true, files.certificate_file).value();
  EXPECT_TRUE(shake_hands(*trusting, "127.0.0.1"));
}

TEST_F(TlsTest, RefusesAnotherName) {
  const auto trusting = TlsContext::client(true, files.certificate_file).value();
  const Result<void> connected = shake_hands(*trusting, "mx.example.net");
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, Errc::Refused);
  EXPECT_NE(connected.error().detail.find("ostname mismatch"), std::string::npos) << connected.error().detail;
  EXPECT_FALSE(accepted);
}

TEST_F(TlsTest, RefusesAnUnknownIssuer) {
  const auto other = testing::make_certificate(directory.path(), "other", "mx.example.org");
  const auto trusting = TlsContext::client(true, other.certificate_file).value();
  const Result<void> connected = shake_hands(*trusting, "mx.example.org");
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, Errc::Refused);
}

TEST_F(TlsTest, HandshakeEndsAtItsDeadline) {
  const Result<void> done = loop.run(server->accept_tls(*server_context, testing::within(50ms)));
  EXPECT_EQ(done.error().code, Errc::Timeout);
  EXPECT_FALSE(server->is_open());
}

TEST_F(TlsTest, HandshakeWithGarbageOrACloseFails) {
  ASSERT_TRUE(client->send_now("EHLO not.tls.example\r\n"));
  EXPECT_EQ(loop.run(server->accept_tls(*server_context, testing::in_a_while())).error().code, Errc::Unavailable);
}

TEST_F(TlsTest, HandshakeWithACloseFails) {
  client->close();
  EXPECT_EQ(loop.run(server->accept_tls(*server_context, testing::in_a_while())).error().code, Errc::Unavailable);
}

TEST_F(TlsTest, PeerGoneInMidSession) {
  ASSERT_TRUE(shake_hands(*TlsContext::client(false, "").value(), "anything"));
  client->close();
  EXPECT_EQ(loop.run(server->receive(testing::in_a_while())).error().code, Errc::Unavailable);
  const std::string big(1 << 20, 'x');
  EXPECT_EQ(loop.run(server->send(big, testing::in_a_while())).error().code, Errc::Unavailable);
}

TEST_F(TlsTest, FilesThatCantBeUsedAreNamed) {
  const auto other = testing::make_certificate(directory.path(), "other", "mx.example.org");
  const std::string missing = directory.path() / "missing.pem";
  struct Case {
    std::string certificate;
    std::string key;
    Errc code;
    std::string says;
  };
  const Case cases[] = {
      {missing, files.key_file, Errc::Io, "missing.pem"},
      {files.certificate_file, missing, Errc::Io, "missing.pem"},
      {files.key_file, files.key_file, Errc::Syntax, "no PEM certificate chain"},
      {files.certificate_file, files.certificate_file, Errc::Syntax, "no PEM private key"},
      {files.certificate_file, other.key_file, Errc::Syntax, "not the key of"},
  };
  for (const Case& c : cases) {
    const auto made = TlsContext::server(c.certificate, c.key);
    ASSERT_FALSE(made) << c.says;
    EXPECT_EQ(made.error().code, c.code) << made.error().detail;
    EXPECT_NE(made.error().detail.find(c.says), std::string::npos) << made.error().detail;
  }
  EXPECT_EQ(TlsContext::client(true, missing).error().code, Errc::Io);
  EXPECT_EQ(TlsContext::client(true, files.key_file).error().code, Errc::Syntax);
}

TEST_F(TlsTest, ACertificateThatChangesIsLoadedAndABrokenOneIsNot) {
  const auto watch = CertificateWatch::open(files.certificate_file, files.key_file).value();
  const auto first = watch->current();
  EXPECT_FALSE(watch->check().value()) << "nothing changed";
  EXPECT_EQ(watch->current(), first);

  std::ofstream(files.key_file) << "no key\n";
  EXPECT_FALSE(watch->check()) << "the key is broken";
  EXPECT_TRUE(watch->check()) << "said once";
  EXPECT_EQ(watch->current(), first);

  testing::make_certificate(directory.path(), "server", "mx2.example.org");
  EXPECT_TRUE(watch->check().value());
  EXPECT_NE(watch->current(), first);

  std::filesystem::remove(files.certificate_file);
  EXPECT_EQ(watch->check().error().code, Errc::Io);
  EXPECT_NE(watch->current(), nullptr);
}

TEST_F(TlsTest, TheWatchReportsReloads) {
  const auto watch = CertificateWatch::open(files.certificate_file, files.key_file).value();
  const auto first = watch->current();
  Worker worker("files", 1, 4);
  unsigned reloads = 0;
  loop.spawn(watch_certificate(watch, worker, 0s, [&](const Result<bool>& checked) {
    if (checked && *checked) ++reloads;
  }));
  loop.run_for(30ms);
  EXPECT_EQ(reloads, 0U);
  testing::make_certificate(directory.path(), "server", "mx2.example.org");
  loop.run_until([&] { return watch->current() != first && reloads == 1; });
  loop.context.stop();
}

}  // namespace
}  // namespace anechoic::net
