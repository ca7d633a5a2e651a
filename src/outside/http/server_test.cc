// SPDX-License-Identifier: Apache-2.0
#include "outside/http/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace anechoic::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttpServer : public ::testing::Test {
 protected:
  void start(Options options) {
    auto socket = net::ListeningSocket::bind(*ip::parse_endpoint("127.0.0.1:0"));
    ASSERT_TRUE(socket.has_value()) << socket.error().detail;
    port_ = socket->endpoint().port;
    auto server = Server::start(context_, wheel_, *socket, options, [](std::string_view path) -> std::optional<Page> {
      if (path == "/metrics") return Page{.body = "anechoic 1\n"};
      if (path == "/ill") return Page{.status = 503, .body = "ill\n"};
      return std::nullopt;
    });
    ASSERT_TRUE(server.has_value()) << server.error().detail;
    server_ = std::move(*server);
    thread_ = std::jthread([this] { context_.run(); });
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] { server_->stop(); });
    boost::asio::post(context_, [this] { context_.stop(); });
    thread_.join();
    server_.reset();
    context_.restart();
    context_.poll();
  }

  [[nodiscard]] int connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
  }
  static std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> bytes{};
    for (ssize_t n = 0; (n = recv(fd, bytes.data(), bytes.size(), 0)) > 0;)
      text.append(bytes.data(), static_cast<std::size_t>(n));
    return text;
  }
  // Everything the server says until it closes.
  std::string exchange(std::string_view request, bool byte_by_byte = false) {
    const int fd = connect();
    const std::size_t step = byte_by_byte ? 1 : request.size();
    for (std::size_t at = 0; at < request.size(); at += step)
      if (send(fd, request.data() + at, std::min(step, request.size() - at), MSG_NOSIGNAL) < 0) break;
    std::string text = read_all(fd);
    close(fd);
    return text;
  }

  boost::asio::io_context context_{1};
  net::DeadlineWheel wheel_{context_};
  std::unique_ptr<Server> server_;
  std::jthread thread_;
  std::uint16_t port_ = 0;
};

TEST_F(HttpServer, ServesPages) {
  start({});
  for (const bool slowly : {false, true}) {
    const std::string got =
        exchange("GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", slowly);
    EXPECT_THAT(got, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(got, HasSubstr("Content-Length: 11\r\n"));
    EXPECT_THAT(got, EndsWith("\r\n\r\nanechoic 1\n"));
  }
}

TEST_F(HttpServer, KeepsAConnectionForSeveralRequests) {
  start({});
  const std::string got = exchange(
      "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nGET /ill HTTP/1.1\r\nHost: a\r\n\r\n"
      "HEAD /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, HasSubstr("anechoic 1\nHTTP/1.1 503 "));
  EXPECT_THAT(got, HasSubstr("ill\nHTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(got, HasSubstr("Content-Length: 11\r\n"));
  EXPECT_THAT(got, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, RefusesWhatItDoesNotDo) {
  start({});
  struct Case {
    std::string request;
    std::string_view status;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 "},
      {"GET /../etc/passwd HTTP/1.0\r\n\r\n", "HTTP/1.1 404 "},
      {"DELETE /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 "},
      {"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 413 "},
      {"EHLO example.org\r\n\r\n", "HTTP/1.1 400 "},
      {"GET /metrics HTTP/1.1\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n", "HTTP/1.1 431 "},
  };
  for (const Case& c : cases) EXPECT_THAT(exchange(c.request), StartsWith(std::string(c.status))) << c.request;
}

TEST_F(HttpServer, ClosesSlowAndSilentClients) {
  start({.request_time = std::chrono::milliseconds(300)});
  EXPECT_EQ(exchange("GET /metrics HT"), "");
  EXPECT_EQ(exchange(""), "");
}

TEST_F(HttpServer, TurnsAwayWhatIsAboveItsBound) {
  start({.connections = 1});
  const int first = connect();
  EXPECT_GT(send(first, "GET", 3, MSG_NOSIGNAL), 0);
  usleep(200'000);
  EXPECT_THAT(exchange("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 503 "));
  close(first);
}

TEST_F(HttpServer, StopClosesConnections) {
  start({});
  const int fd = connect();
  EXPECT_GT(send(fd, "GET", 3, MSG_NOSIGNAL), 0);
  usleep(100'000);
  boost::asio::post(context_, [this] { server_->stop(); });
  EXPECT_EQ(read_all(fd), "");
  close(fd);
}

}  // namespace
}  // namespace anechoic::http
