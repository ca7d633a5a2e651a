// SPDX-License-Identifier: Apache-2.0
// A server on a loopback port that plays one script for each connection, and remembers what it heard. For tests of
// whatever connects: backends, pools, probes.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "outside/net/listener.h"
#include "outside/net/stream.h"
#include "testing/loop.h"

namespace anechoic::testing {

struct ScriptStep {
  enum class Kind { Say, Hear, HearBody, StartTls, HangUp, Reset, Stall, Deaf } kind;
  std::string text;
};
using Script = std::vector<ScriptStep>;

inline ScriptStep say(std::string text) {
  return {ScriptStep::Kind::Say, std::move(text) + "\r\n"};
}
inline ScriptStep hear(std::string start_of_line) {
  return {ScriptStep::Kind::Hear, std::move(start_of_line)};
}
// Everything up to and with the line that is a dot.
inline ScriptStep hear_body() {
  return {ScriptStep::Kind::HearBody, {}};
}
inline ScriptStep start_tls() {
  return {ScriptStep::Kind::StartTls, {}};
}
inline ScriptStep hang_up() {
  return {ScriptStep::Kind::HangUp, {}};
}
inline ScriptStep reset() {
  return {ScriptStep::Kind::Reset, {}};
}
inline ScriptStep stall() {
  return {ScriptStep::Kind::Stall, {}};
}
// Neither reads nor says anything.
inline ScriptStep deaf() {
  return {ScriptStep::Kind::Deaf, {}};
}
inline Script operator+(Script one, const Script& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

class ScriptedServer {
 public:
  explicit ScriptedServer(Loop& loop, std::shared_ptr<const net::TlsContext> tls = nullptr)
      : loop_(loop),
        tls_(std::move(tls)),
        socket_(net::ListeningSocket::bind({ip::Address::v4({127, 0, 0, 1}), 0}).value()),
        listener_(net::Listener::make(loop.context, socket_).value()) {
    loop_.spawn(accept_all());
  }
  ~ScriptedServer() {
    listener_->close();
    for (const auto& connection : connections_) connection->stream.close();
    loop_.run_for(std::chrono::milliseconds(1));
  }

  // What the next connection without a script of its own meets; the last script is played again and again.
  void play(Script script) { scripts_.push_back(std::move(script)); }

  [[nodiscard]] std::uint16_t port() const { return socket_.endpoint().port; }
  [[nodiscard]] std::string host_and_port() const { return "127.0.0.1:" + std::to_string(port()); }

  std::vector<std::string> lines;   // heard, without CRLF
  std::vector<std::string> bodies;  // with the final dot
  std::vector<std::string> reads;   // as they came from the socket
  std::vector<std::string> surprises;
  unsigned connections = 0;
  unsigned closed = 0;  // connections whose other side has gone

 private:
  struct Connection {
    Connection(net::Socket socket, Loop& loop)
        : descriptor(socket.native_handle()), stream(std::move(socket), loop.wheel) {}
    int descriptor;
    net::Stream stream;
    std::string input;
  };

  net::Task<void> accept_all() {
    while (true) {
      Result<net::Accepted> accepted = co_await listener_->accept();
      if (!accepted) co_return;
      const std::size_t number = std::min<std::size_t>(connections++, scripts_.size() - 1);
      auto connection = std::make_shared<Connection>(std::move(accepted->socket), loop_);
      connections_.push_back(connection);
      loop_.spawn(serve(connection, scripts_.at(number)));
    }
  }

  net::Task<bool> read_more(Connection& connection) {
    const Result<std::string_view> got = co_await connection.stream.receive(in_a_while());
    if (!got) co_return false;
    reads.emplace_back(*got);
    connection.input += *got;
    co_return true;
  }

  // Up to and with `end`; empty if the other side went away.
  net::Task<std::string> read_until(Connection& connection, std::string end) {
    while (true) {
      const std::size_t at = connection.input.find(end);
      if (at != std::string::npos) {
        std::string text = connection.input.substr(0, at + end.size());
        connection.input.erase(0, at + end.size());
        co_return text;
      }
      if (!co_await read_more(connection)) co_return std::string();
    }
  }

  net::Task<bool> perform(Connection& connection, const ScriptStep& step) {
    switch (step.kind) {
      case ScriptStep::Kind::Say:
        co_return (co_await connection.stream.send(step.text, in_a_while())).has_value();
      case ScriptStep::Kind::Hear: {
        std::string line = co_await read_until(connection, "\r\n");
        if (line.empty()) co_return false;
        line.resize(line.size() - 2);
        const bool expected = line.starts_with(step.text);
        if (!expected) surprises.push_back("\"" + line + "\" instead of \"" + step.text + "\"");
        lines.push_back(std::move(line));
        co_return expected;
      }
      case ScriptStep::Kind::HearBody: {
        std::string body = co_await read_until(connection, "\r\n.\r\n");
        if (body.empty()) co_return false;
        bodies.push_back(std::move(body));
        co_return true;
      }
      case ScriptStep::Kind::StartTls:
        co_return (co_await connection.stream.accept_tls(*tls_, in_a_while())).has_value();
      case ScriptStep::Kind::HangUp:
        co_return false;
      case ScriptStep::Kind::Reset: {
        const linger at_once{1, 0};
        ::setsockopt(connection.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        co_return false;
      }
      case ScriptStep::Kind::Stall:
        while (co_await read_more(connection)) connection.input.clear();
        co_return false;
      case ScriptStep::Kind::Deaf:
        while (connection.stream.is_open()) {
          boost::asio::steady_timer pause(loop_.context, std::chrono::milliseconds(5));
          co_await pause.async_wait(boost::asio::deferred);
        }
        co_return false;
    }
    std::unreachable();
  }

  net::Task<void> serve(std::shared_ptr<Connection> connection, Script script) {
    bool good = true;
    for (const ScriptStep& step : script) {
      good = co_await perform(*connection, step);
      if (!good) break;
    }
    // At its end the server listens until the other side goes.
    while (good && co_await read_more(*connection)) {
    }
    ++closed;
    connection->stream.close();
  }

  Loop& loop_;
  std::shared_ptr<const net::TlsContext> tls_;
  net::ListeningSocket socket_;
  std::unique_ptr<net::Listener> listener_;
  std::deque<Script> scripts_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace anechoic::testing
