// SPDX-License-Identifier: Apache-2.0
#include "outside/net/listener.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/deferred.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <vector>

#include "outside/net/connector.h"
#include "testing/loop.h"
#include "testing/temp_dir.h"

namespace anechoic::net {
namespace {

using namespace std::chrono_literals;

const ip::Address kLoopback = ip::Address::v4({127, 0, 0, 1});

class ListenerTest : public ::testing::Test {
 protected:
  Result<Socket> connect(const std::string& host, std::uint16_t port) {
    return loop.run(connector.connect(TcpDestination{host, port}, testing::in_a_while()));
  }

  testing::Loop loop;
  Worker resolver{"resolver", 1, 4};
  Connector connector{loop.context, loop.wheel, resolver};
  ListeningSocket socket = ListeningSocket::bind({kLoopback, 0}).value();
  std::unique_ptr<Listener> listener = Listener::make(loop.context, socket).value();
};

TEST_F(ListenerTest, HandsOutSocketAndRemote) {
  Result<Socket> client = connect("127.0.0.1", socket.endpoint().port);
  ASSERT_TRUE(client) << client.error().detail;
  Result<Accepted> accepted = loop.run(listener->accept());
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->remote.address, kLoopback);
  EXPECT_NE(accepted->remote.port, 0);
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ASSERT_EQ(::getsockopt(accepted->socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_NE(no_delay, 0);
  ASSERT_EQ(::getsockopt(client->native_handle(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size), 0);
  EXPECT_NE(no_delay, 0);
  Stream stream(std::move(accepted->socket), loop.wheel);
  EXPECT_EQ(stream.remote().value(), accepted->remote);
}

TEST_F(ListenerTest, ThreadsShareOneSocket) {
  const auto second = Listener::make(loop.context, socket).value();
  const Result<Socket> one = connect("127.0.0.1", socket.endpoint().port);
  const Result<Socket> two = connect("127.0.0.1", socket.endpoint().port);
  EXPECT_TRUE(loop.run(listener->accept()));
  EXPECT_TRUE(loop.run(second->accept()));
}

TEST_F(ListenerTest, CloseEndsAccept) {
  asio::post(loop.context, [&] { listener->close(); });
  EXPECT_EQ(loop.run(listener->accept()).error().code, Errc::Unavailable);
}

TEST_F(ListenerTest, SurvivesTheLackOfDescriptors) {
  unsigned troubles = 0;
  const auto patient = Listener::make(loop.context, socket, [&](const Error& error) {
                         ++troubles;
                         EXPECT_EQ(error.code, Errc::Io);
                       }).value();
  const Result<Socket> client = connect("127.0.0.1", socket.endpoint().port);
  ASSERT_TRUE(client);
  // No descriptor can be had until accept() has met that. UBSan needs some to look at a type for the first time.
  (void)fail_errno("accept", EMFILE);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int highest = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
  rlimit low{static_cast<rlim_t>(highest), before.rlim_max};
  ::close(highest);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  loop.spawn([](const rlimit& back) -> Task<void> {
    asio::steady_timer timer(co_await asio::this_coro::executor, 250ms);
    co_await timer.async_wait(asio::deferred);
    ::setrlimit(RLIMIT_NOFILE, &back);
  }(before));
  const Result<Accepted> accepted = loop.run(patient->accept());
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(accepted);
  EXPECT_GE(troubles, 1U);
  EXPECT_LE(troubles, 5U) << "it waits in between";
}

TEST(ListeningSocket, ATakenPortIsNamed) {
  const auto first = ListeningSocket::bind({kLoopback, 0}).value();
  const auto second = ListeningSocket::bind(first.endpoint());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().detail, ip::to_string(first.endpoint()) + ": Address already in use");
}

TEST_F(ListenerTest, ConnectsByName) {
  const Result<Socket> client = connect("localhost", socket.endpoint().port);
  EXPECT_TRUE(client) << client.error().detail;
}

TEST_F(ListenerTest, WhatRefusesIsNamed) {
  const std::uint16_t port = socket.endpoint().port;
  listener.reset();
  {
    const ListeningSocket gone = std::move(socket);
  }
  const Result<Socket> client = connect("127.0.0.1", port);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, Errc::Unavailable);
  EXPECT_EQ(client.error().detail, "127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST_F(ListenerTest, AnUnknownNameIsUnavailable) {
  const Result<Socket> client = connect("name.invalid", 25);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, Errc::Unavailable);
  EXPECT_TRUE(client.error().detail.starts_with("name.invalid: ")) << client.error().detail;
}

TEST_F(ListenerTest, ConnectEndsAtItsDeadline) {
  // A full backlog answers no SYN.
  const int full = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(full, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(full, 0), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(full, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  std::vector<Result<Socket>> sockets;
  bool timed_out = false;
  for (int i = 0; i < 4 && !timed_out; ++i) {
    sockets.push_back(loop.run(connector.connect(TcpDestination{"127.0.0.1", port}, testing::within(200ms))));
    timed_out = !sockets.back() && sockets.back().error().code == Errc::Timeout;
  }
  EXPECT_TRUE(timed_out);
  ::close(full);
}

TEST_F(ListenerTest, ConnectsToAUnixSocket) {
  const testing::TempDir directory;
  const std::string path = directory.path() / "lmtp";
  asio::local::stream_protocol::acceptor acceptor(loop.context, asio::local::stream_protocol::endpoint(path));
  EXPECT_TRUE(loop.run(connector.connect(UnixDestination{path}, testing::in_a_while())));
  const auto missing = loop.run(connector.connect(UnixDestination{path + "x"}, testing::in_a_while()));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().detail, path + "x: No such file or directory");
  const auto too_long = loop.run(connector.connect(UnixDestination{std::string(200, 'x')}, testing::in_a_while()));
  EXPECT_EQ(too_long.error().code, Errc::Limit);
}

}  // namespace
}  // namespace anechoic::net
