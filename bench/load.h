// SPDX-License-Identifier: Apache-2.0
// What the load generators share: arguments, sockets, reading replies. They share the machine with what they measure,
// so they are one thread over epoll and copy nothing twice. A generator that can't go on prints why and exits with 2.
#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace anechoic::bench {

using Steady = std::chrono::steady_clock;

[[noreturn]] void die(const std::string& why);

// `--name value` pairs. Asking for one that was neither given nor has a default dies with the usage line.
class Arguments {
 public:
  Arguments(int count, char** values, std::string usage);
  [[nodiscard]] std::string text(const std::string& name, const char* fallback = nullptr) const;
  [[nodiscard]] std::uint64_t number(const std::string& name, std::uint64_t fallback) const;

 private:
  std::map<std::string, std::string> given_;
  std::string usage_;
};

[[nodiscard]] sockaddr_in parse_target(const std::string& text);  // "127.0.0.1:2525"

// A descriptor, connecting (non-blocking) or connected (blocking); 127.0.0.1 + source_offset is its own address if
// bind_source.
[[nodiscard]] int open_connection(const sockaddr_in& target, bool blocking, bool bind_source = false,
                                  std::uint32_t source_offset = 0);
void set_nonblocking(int descriptor);
void raise_descriptor_limit(std::size_t wanted);

// Blocking: writes all; reads one whole reply and returns its last line.
void write_all(int descriptor, std::string_view bytes);
[[nodiscard]] std::string read_reply(int descriptor);

// Finds the ends of replies in a stream, however it is cut: calls `on_reply(code)` for each last line.
class ReplyCounter {
 public:
  template <typename OnReply>
  void feed(std::string_view bytes, OnReply&& on_reply);

 private:
  char head_[4] = {};  // the first four octets of the current line
  unsigned length_ = 0;
};

template <typename OnReply>
void ReplyCounter::feed(std::string_view bytes, OnReply&& on_reply) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    for (std::size_t i = 0; i < line.size() && length_ < 4; ++i) head_[length_++] = line[i];
    if (end == std::string_view::npos) return;
    if (length_ >= 3 && head_[3] != '-') {
      on_reply((head_[0] - '0') * 100 + (head_[1] - '0') * 10 + (head_[2] - '0'));
    }
    length_ = 0;
    bytes.remove_prefix(end + 1);
  }
}

}  // namespace anechoic::bench
