// SPDX-License-Identifier: Apache-2.0
// How long does a message take at a given rate? Messages are due at fixed times whatever the server does (open loop),
// on connections that stay open; the latency runs from the time a message was due to the answer to its final dot, so a
// server that stalls pays for every message that was due meanwhile.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <deque>
#include <string>
#include <vector>

#include "load.h"

namespace anechoic::bench {
namespace {

enum class Step : std::uint8_t { Idle, Mail, Rcpt, Data, End };

struct Connection {
  int descriptor = -1;
  ReplyCounter replies;
  Step step = Step::Idle;
  Steady::time_point due;
};

struct Settings {
  sockaddr_in target{};
  std::size_t connections = 50;
  std::chrono::nanoseconds interval{};
  Steady::duration length{};
  std::string recipient;
  std::size_t octets = 4096;
};

class Load {
 public:
  explicit Load(const Settings& settings)
      : settings_(settings),
        epoll_(epoll_create1(0)),
        timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)),
        connections_(settings.connections) {
    rcpt_ = "RCPT TO:<" + settings.recipient + ">\r\n";
    body_ = "From: newsletter@source.test\r\nTo: " + settings.recipient +
            "\r\nSubject: bench\r\nMessage-ID: <bench@source.test>\r\n\r\n";
    while (body_.size() < settings.octets) body_ += std::string(70, 'x') + "\r\n";
    body_ += ".\r\n";
    for (Connection& connection : connections_) open(connection);
    watch(timer_, nullptr);
  }

  void run() {
    const Steady::time_point start = Steady::now() + std::chrono::milliseconds(50);
    const Steady::time_point end = start + settings_.length;
    next_due_ = start;
    std::array<epoll_event, 64> events{};
    while (next_due_ < end || busy_ > 0 || !waiting_.empty()) {
      if (Steady::now() > end + std::chrono::seconds(10)) die("the server does not keep up with the rate");
      if (next_due_ < end) arm();
      const int ready = epoll_wait(epoll_, events.data(), events.size(), 1000);
      for (int i = 0; i < ready; ++i) {
        auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (connection != nullptr) read(*connection);
      }
      for (const Steady::time_point now = Steady::now(); next_due_ <= now && next_due_ < end;
           next_due_ += settings_.interval) {
        waiting_.push_back(next_due_);
      }
      while (!waiting_.empty() && !idle_.empty()) start_message();
    }
  }

  [[nodiscard]] std::vector<double>& latencies() { return latencies_; }

 private:
  void watch(int descriptor, Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  void arm() {
    itimerspec when{};
    const auto since = next_due_.time_since_epoch();
    when.it_value.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(since).count();
    when.it_value.tv_nsec = (since % std::chrono::seconds(1)).count();
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
  }

  void open(Connection& connection) {
    connection.descriptor = open_connection(settings_.target, true);
    if (!read_reply(connection.descriptor).starts_with("220")) die("the server does not greet with 220");
    write_all(connection.descriptor, "EHLO source.test\r\n");
    if (!read_reply(connection.descriptor).starts_with("250")) die("the server refuses EHLO");
    set_nonblocking(connection.descriptor);
    watch(connection.descriptor, &connection);
    idle_.push_back(&connection);
  }

  void start_message() {
    Connection& connection = *idle_.back();
    idle_.pop_back();
    connection.due = waiting_.front();
    waiting_.pop_front();
    connection.step = Step::Mail;
    ++busy_;
    write_all(connection.descriptor, "MAIL FROM:<newsletter@source.test>\r\n");
  }

  void read(Connection& connection) {
    const ssize_t got = recv(connection.descriptor, buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("the server closed a connection");
    connection.replies.feed({buffer_.data(), static_cast<std::size_t>(got)},
                            [&](int code) { advance(connection, code); });
  }

  void advance(Connection& connection, int code) {
    if (code >= 400) die("a message is refused with " + std::to_string(code));
    switch (connection.step) {
      case Step::Mail:
        connection.step = Step::Rcpt;
        return write_all(connection.descriptor, rcpt_);
      case Step::Rcpt:
        connection.step = Step::Data;
        return write_all(connection.descriptor, "DATA\r\n");
      case Step::Data:
        connection.step = Step::End;
        return write_all(connection.descriptor, body_);
      case Step::End:
        latencies_.push_back(std::chrono::duration<double, std::micro>(Steady::now() - connection.due).count());
        connection.step = Step::Idle;
        --busy_;
        idle_.push_back(&connection);
        return;
      case Step::Idle:
        die("a reply that nobody asked for");
    }
  }

  Settings settings_;
  int epoll_;
  int timer_;
  std::vector<Connection> connections_;
  std::vector<Connection*> idle_;
  std::deque<Steady::time_point> waiting_;  // due, and no connection was free
  Steady::time_point next_due_;
  std::size_t busy_ = 0;
  std::string rcpt_;
  std::string body_;
  std::array<char, 4096> buffer_{};
  std::vector<double> latencies_;
};

int run(int count, char** values) {
  const Arguments arguments(count, values,
                            "bench_latency --target ADDRESS:PORT --rate MESSAGES-A-SECOND [--seconds 5] "
                            "[--connections 50] [--recipient user1@example.org] [--octets 4096]");
  Settings settings;
  settings.target = parse_target(arguments.text("target"));
  const std::uint64_t rate = std::max<std::uint64_t>(1, arguments.number("rate", 100));
  settings.interval = std::chrono::nanoseconds(1'000'000'000 / rate);
  settings.length = std::chrono::seconds(arguments.number("seconds", 5));
  settings.connections = arguments.number("connections", settings.connections);
  settings.recipient = arguments.text("recipient", "user1@example.org");
  settings.octets = arguments.number("octets", settings.octets);

  Load load(settings);
  load.run();
  std::vector<double>& sorted = load.latencies();
  if (sorted.empty()) die("no message was sent");
  std::ranges::sort(sorted);
  const auto percentile = [&](double share) {
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
  };
  std::printf(
      "{\"messages\": %zu, \"rate\": %llu, \"p50_us\": %.0f, \"p99_us\": %.0f, \"p999_us\": %.0f, "
      "\"max_us\": %.0f}\n",
      sorted.size(), static_cast<unsigned long long>(rate), percentile(0.5), percentile(0.99), percentile(0.999),
      sorted.back());
  return 0;
}

}  // namespace
}  // namespace anechoic::bench

int main(int count, char** values) {
  return anechoic::bench::run(count, values);
}
