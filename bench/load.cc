// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

namespace anechoic::bench {

void die(const std::string& why) {
  std::cerr << why << '\n';
  std::exit(2);
}

Arguments::Arguments(int count, char** values, std::string usage) : usage_(std::move(usage)) {
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = values[i];
    if (!name.starts_with("--") || i + 1 == count) die(usage_);
    given_.emplace(name.substr(2), values[i + 1]);
  }
}

std::string Arguments::text(const std::string& name, const char* fallback) const {
  const auto found = given_.find(name);
  if (found != given_.end()) return found->second;
  if (fallback == nullptr) die("--" + name + " is missing\n" + usage_);
  return fallback;
}

std::uint64_t Arguments::number(const std::string& name, std::uint64_t fallback) const {
  const auto found = given_.find(name);
  if (found == given_.end()) return fallback;
  std::uint64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) die("--" + name + " wants a number\n" + usage_);
  return value;
}

sockaddr_in parse_target(const std::string& text) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos || inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    die("a target is like 127.0.0.1:2525, not " + text);
  }
  address.sin_port = htons(static_cast<std::uint16_t>(std::strtoul(text.c_str() + colon + 1, nullptr, 10)));
  return address;
}

void set_nonblocking(int descriptor) {
  if (fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) != 0) die("fcntl failed");
}

int open_connection(const sockaddr_in& target, bool blocking, bool bind_source, std::uint32_t source_offset) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) die(std::string("socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind_source) {
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + source_offset);
    setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(descriptor, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
      die(std::string("bind: ") + std::strerror(errno));
    }
  }
  if (!blocking) set_nonblocking(descriptor);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0 && errno != EINPROGRESS) {
    die(std::string("connect: ") + std::strerror(errno));
  }
  return descriptor;
}

void raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  if (limit.rlim_max < wanted) limit.rlim_max = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("can't open that many descriptors: be root, or raise ulimit -n");
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written < 0) die(std::string("send: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_reply(int descriptor) {
  std::string line;
  char octet = 0;
  while (true) {
    const ssize_t got = recv(descriptor, &octet, 1, 0);
    if (got <= 0) die("the server closed the connection after: " + line);
    if (octet != '\n') {
      line += octet;
    } else if (line.size() >= 4 && line[3] == '-') {
      line.clear();
    } else {
      return line;
    }
  }
}

}  // namespace anechoic::bench
