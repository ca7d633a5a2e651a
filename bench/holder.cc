// SPDX-License-Identifier: Apache-2.0
// What does an idle connection cost a server? Opens thousands, each with EHLO, STARTTLS if asked for, and one finished
// message, and then holds them all. Prints a line of JSON when they stand, waits for the end of its standard input (or
// --hold seconds), then prints how many were still open. Who measures reads the server's memory in between.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "load.h"

namespace anechoic::bench {
namespace {

enum class Step : std::uint8_t { Greeting, Ehlo, StartTls, Handshake, EhloInTls, Mail, Rcpt, Data, End, Held, Failed };

struct Connection {
  int descriptor = -1;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, &SSL_free};
  ReplyCounter replies;
  Step step = Step::Greeting;
};

struct Settings {
  sockaddr_in target{};
  std::size_t connections = 15'000;
  std::size_t sources = 16;   // 127.0.0.1, 127.0.0.2, ...
  std::size_t opening = 100;  // at most so many on their way to Held
  bool tls = false;
  std::string recipient;
};

class Holder {
 public:
  explicit Holder(const Settings& settings)
      : settings_(settings),
        epoll_(epoll_create1(0)),
        context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
        connections_(settings.connections) {
    // The server's certificate is made for the run: nothing to verify. Memory is kept small on this side too.
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS);
    rcpt_ = "RCPT TO:<" + settings.recipient + ">\r\n";
    message_ = "From: a@source.test\r\nTo: " + settings.recipient + "\r\nSubject: held\r\n\r\nheld\r\n.\r\n";
  }

  // Until every connection is held or has failed.
  void open_all(Steady::time_point deadline) {
    std::array<epoll_event, 256> events{};
    std::size_t next = 0;
    while (held_ + failed_ < connections_.size()) {
      if (Steady::now() > deadline) die("not all connections stand in time: " + std::to_string(held_));
      while (next < connections_.size() && next - held_ - failed_ < settings_.opening) {
        open(connections_[next], next);
        ++next;
      }
      const int ready = epoll_wait(epoll_, events.data(), events.size(), 1000);
      for (int i = 0; i < ready; ++i) {
        readable(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      }
    }
  }

  [[nodiscard]] std::size_t held() const { return held_; }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] const std::string& first_failure() const { return first_failure_; }

  [[nodiscard]] std::size_t still_open() const {
    std::size_t open = 0;
    for (const Connection& connection : connections_) {
      char octet = 0;
      if (connection.step != Step::Held) continue;
      const ssize_t got = recv(connection.descriptor, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
      if (got > 0 || (got < 0 && errno == EAGAIN)) ++open;
    }
    return open;
  }

 private:
  void open(Connection& connection, std::size_t number) {
    const auto source = static_cast<std::uint32_t>(number % settings_.sources);
    connection.descriptor = open_connection(settings_.target, false, true, source);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event);
  }

  void fail(Connection& connection, const std::string& why) {
    if (connection.step == Step::Failed || connection.step == Step::Held) return;
    if (failed_++ == 0) first_failure_ = why;
    connection.step = Step::Failed;
    close(connection.descriptor);
  }

  void readable(Connection& connection) {
    if (connection.step == Step::Held || connection.step == Step::Failed) return;
    if (connection.step == Step::Handshake && !handshake(connection)) return;
    while (connection.step != Step::Held && connection.step != Step::Failed && connection.step != Step::Handshake) {
      const ssize_t got = receive(connection);
      if (got == 0) return;
      if (got < 0) return fail(connection, "closed in step " + std::to_string(static_cast<int>(connection.step)));
      connection.replies.feed({buffer_.data(), static_cast<std::size_t>(got)},
                              [&](int code) { advance(connection, code); });
    }
    if (connection.step == Step::Handshake) (void)handshake(connection);
  }

  // Octets read; 0 = nothing there yet; negative = gone.
  ssize_t receive(Connection& connection) {
    if (connection.tls) {
      const int got = SSL_read(connection.tls.get(), buffer_.data(), static_cast<int>(buffer_.size()));
      if (got > 0) return got;
      const int error = SSL_get_error(connection.tls.get(), got);
      ERR_clear_error();
      return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
    }
    const ssize_t got = recv(connection.descriptor, buffer_.data(), buffer_.size(), 0);
    if (got > 0) return got;
    return got < 0 && (errno == EAGAIN || errno == ENOTCONN) ? 0 : -1;
  }

  void say(Connection& connection, std::string_view text, Step next) {
    connection.step = next;
    // So little fits into any socket buffer.
    if (connection.tls) {
      if (SSL_write(connection.tls.get(), text.data(), static_cast<int>(text.size())) <= 0)
        fail(connection, "TLS write");
    } else if (send(connection.descriptor, text.data(), text.size(), MSG_NOSIGNAL) !=
               static_cast<ssize_t>(text.size())) {
      fail(connection, "write");
    }
  }

  bool handshake(Connection& connection) {
    if (!connection.tls) {
      connection.tls.reset(SSL_new(context_.get()));
      SSL_set_fd(connection.tls.get(), connection.descriptor);
    }
    const int done = SSL_connect(connection.tls.get());
    if (done == 1) {
      say(connection, "EHLO source.test\r\n", Step::EhloInTls);
      return true;
    }
    const int error = SSL_get_error(connection.tls.get(), done);
    ERR_clear_error();
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail(connection, "TLS handshake");
    return false;
  }

  void advance(Connection& connection, int code) {
    if (code >= 400) {
      return fail(connection,
                  "answered " + std::to_string(code) + " in step " + std::to_string(static_cast<int>(connection.step)));
    }
    switch (connection.step) {
      case Step::Greeting:
        return say(connection, "EHLO source.test\r\n", Step::Ehlo);
      case Step::Ehlo:
        if (settings_.tls) return say(connection, "STARTTLS\r\n", Step::StartTls);
        [[fallthrough]];
      case Step::EhloInTls:
        return say(connection, "MAIL FROM:<a@source.test>\r\n", Step::Mail);
      case Step::StartTls:
        connection.step = Step::Handshake;
        return;
      case Step::Mail:
        return say(connection, rcpt_, Step::Rcpt);
      case Step::Rcpt:
        return say(connection, "DATA\r\n", Step::Data);
      case Step::Data:
        return say(connection, message_, Step::End);
      case Step::End:
        connection.step = Step::Held;
        ++held_;
        return;
      case Step::Handshake:
      case Step::Held:
      case Step::Failed:
        return;
    }
  }

  Settings settings_;
  int epoll_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::vector<Connection> connections_;
  std::string rcpt_;
  std::string message_;
  std::array<char, 16'384> buffer_{};
  std::size_t held_ = 0;
  std::size_t failed_ = 0;
  std::string first_failure_;
};

int run(int count, char** values) {
  const Arguments arguments(count, values,
                            "bench_holder --target ADDRESS:PORT [--connections 15000] [--sources 16] [--tls 0] "
                            "[--recipient user1@example.org] [--seconds 120] [--hold 120]");
  Settings settings;
  settings.target = parse_target(arguments.text("target"));
  settings.connections = arguments.number("connections", settings.connections);
  settings.sources = arguments.number("sources", settings.sources);
  settings.tls = arguments.number("tls", 0) != 0;
  settings.recipient = arguments.text("recipient", "user1@example.org");
  raise_descriptor_limit(settings.connections + 64);

  Holder holder(settings);
  const Steady::time_point start = Steady::now();
  holder.open_all(start + std::chrono::seconds(arguments.number("seconds", 120)));
  std::printf("{\"held\": %zu, \"failed\": %zu, \"first_failure\": \"%s\", \"seconds\": %.1f}\n", holder.held(),
              holder.failed(), holder.first_failure().c_str(),
              std::chrono::duration<double>(Steady::now() - start).count());
  std::fflush(stdout);

  pollfd input{STDIN_FILENO, POLLIN, 0};
  (void)poll(&input, 1, static_cast<int>(arguments.number("hold", 120) * 1000));
  std::printf("{\"still_open\": %zu}\n", holder.still_open());
  return holder.failed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace anechoic::bench

int main(int count, char** values) {
  return anechoic::bench::run(count, values);
}
