// SPDX-License-Identifier: Apache-2.0
// ip::Endpoint to and from the operating system's addresses.   Threads: any.
#pragma once

#include <sys/socket.h>

#include "base/ip.h"

namespace anechoic::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const;
  [[nodiscard]] sockaddr* get();
  [[nodiscard]] int family() const { return storage.ss_family; }
};

[[nodiscard]] SocketAddress to_socket_address(const ip::Endpoint& endpoint);
// What is not an Internet address (unix sockets) is 127.0.0.1:0.
[[nodiscard]] ip::Endpoint to_endpoint(const SocketAddress& address);

}  // namespace anechoic::net
