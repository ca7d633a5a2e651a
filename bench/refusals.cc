// SPDX-License-Identifier: Apache-2.0
// How many unknown recipients can a server refuse in a second? A few pipelining connections, each always with some
// transactions under way: MAIL, a hundred RCPT of addresses that do not exist, RSET.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "load.h"

namespace anechoic::bench {
namespace {

struct Settings {
  sockaddr_in target{};
  std::size_t connections = 10;
  std::size_t recipients = 100;  // of one transaction
  std::size_t window = 4;        // transactions under way on one connection
  std::string domain;
};

struct Counts {
  std::uint64_t refused = 0;  // 550
  std::uint64_t positive = 0;
  std::uint64_t other = 0;
  std::uint64_t reconnects = 0;
};

struct Connection {
  int descriptor = -1;
  ReplyCounter replies;
  std::string_view unsent;  // of the transaction that is being written
  std::size_t replies_due = 0;
  std::size_t next_text = 0;
};

// Different addresses, as an attacker's dictionary has them, made before the clock runs.
std::vector<std::string> make_transactions(const Settings& settings) {
  std::vector<std::string> texts;
  for (std::size_t variant = 0; variant < 64; ++variant) {
    std::string text = "MAIL FROM:<newsletter@source.test>\r\n";
    for (std::size_t i = 0; i < settings.recipients; ++i) {
      text += "RCPT TO:<nobody" + std::to_string(variant * 1000003U + i * 7919U) + "@" + settings.domain + ">\r\n";
    }
    texts.push_back(text + "RSET\r\n");
  }
  return texts;
}

class Load {
 public:
  explicit Load(const Settings& settings)
      : settings_(settings), texts_(make_transactions(settings)), epoll_(epoll_create1(0)) {
    connections_.resize(settings.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].next_text = i * 7;
      open(connections_[i]);
    }
  }

  void run_until(Steady::time_point end) {
    std::array<epoll_event, 64> events{};
    while (Steady::now() < end) {
      const int ready = epoll_wait(epoll_, events.data(), events.size(), 100);
      for (int i = 0; i < ready; ++i) {
        auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (!read(connection) || !write(connection)) reopen(connection);
      }
    }
  }

  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const std::string& sample() const { return sample_; }

 private:
  void open(Connection& connection) {
    const std::size_t next_text = connection.next_text;
    connection = Connection{};
    connection.next_text = next_text;
    connection.descriptor = open_connection(settings_.target, true);
    if (!read_reply(connection.descriptor).starts_with("220")) die("the server does not greet with 220");
    write_all(connection.descriptor, "EHLO source.test\r\n");
    if (!read_reply(connection.descriptor).starts_with("250")) die("the server refuses EHLO");
    if (sample_.empty()) {
      write_all(connection.descriptor, "MAIL FROM:<newsletter@source.test>\r\n");
      (void)read_reply(connection.descriptor);
      write_all(connection.descriptor, "RCPT TO:<nobody@" + settings_.domain + ">\r\n");
      sample_ = read_reply(connection.descriptor);
      while (!sample_.empty() && sample_.back() == '\r') sample_.pop_back();
      if (!sample_.starts_with("550")) die("an unknown recipient is answered: " + sample_);
      write_all(connection.descriptor, "RSET\r\n");
      (void)read_reply(connection.descriptor);
    }
    set_nonblocking(connection.descriptor);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &connection;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.descriptor, &event);
  }

  void reopen(Connection& connection) {
    close(connection.descriptor);
    if (++counts_.reconnects > 10'000) die("the server keeps closing connections; are its error limits raised?");
    open(connection);
  }

  bool read(Connection& connection) {
    while (true) {
      const ssize_t got = recv(connection.descriptor, buffer_.data(), buffer_.size(), 0);
      if (got < 0) return errno == EAGAIN;
      if (got == 0) return false;
      connection.replies.feed({buffer_.data(), static_cast<std::size_t>(got)}, [&](int code) {
        if (code == 550) {
          ++counts_.refused;
        } else if (code / 100 == 2) {
          ++counts_.positive;
        } else {
          ++counts_.other;
        }
        if (connection.replies_due > 0) --connection.replies_due;
      });
    }
  }

  bool write(Connection& connection) {
    const std::size_t replies_each = settings_.recipients + 2;
    while (true) {
      if (connection.unsent.empty()) {
        if (connection.replies_due > replies_each * (settings_.window - 1)) return true;
        connection.unsent = texts_[connection.next_text++ % texts_.size()];
        connection.replies_due += replies_each;
      }
      const ssize_t sent =
          send(connection.descriptor, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;
      connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  Settings settings_;
  std::vector<std::string> texts_;
  int epoll_;
  std::vector<Connection> connections_;
  std::array<char, 65'536> buffer_{};
  Counts counts_;
  std::string sample_;
};

int run(int count, char** values) {
  const Arguments arguments(count, values,
                            "bench_refusals --target ADDRESS:PORT [--domain example.org] [--connections 10] "
                            "[--recipients 100] [--window 4] [--seconds 5]");
  Settings settings;
  settings.target = parse_target(arguments.text("target"));
  settings.domain = arguments.text("domain", "example.org");
  settings.connections = arguments.number("connections", settings.connections);
  settings.recipients = arguments.number("recipients", settings.recipients);
  settings.window = arguments.number("window", settings.window);
  const std::chrono::seconds seconds(arguments.number("seconds", 5));

  Load load(settings);
  load.run_until(Steady::now() + std::chrono::seconds(1));  // warm
  const Counts before = load.counts();
  const Steady::time_point start = Steady::now();
  load.run_until(start + seconds);
  const double took = std::chrono::duration<double>(Steady::now() - start).count();
  const Counts after = load.counts();
  const std::uint64_t refused = after.refused - before.refused;
  std::printf(
      "{\"refused\": %llu, \"seconds\": %.3f, \"rate\": %.0f, \"other_replies\": %llu, \"reconnects\": %llu, "
      "\"total_refused\": %llu, \"reply_octets\": %zu}\n",
      static_cast<unsigned long long>(refused), took, static_cast<double>(refused) / took,
      static_cast<unsigned long long>(after.other - before.other), static_cast<unsigned long long>(after.reconnects),
      static_cast<unsigned long long>(after.refused), load.sample().size());
  return after.other == before.other ? 0 : 1;
}

}  // namespace
}  // namespace anechoic::bench

int main(int count, char** values) {
  return anechoic::bench::run(count, values);
}
