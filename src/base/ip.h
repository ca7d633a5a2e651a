// SPDX-License-Identifier: Apache-2.0
// IP addresses and networks as values, without a socket library. IPv4-mapped IPv6 addresses are made IPv4 on entry.
// Errors: Syntax.   Threads: values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace anechoic::ip {

class Address {
 public:
  Address() = default;  // 0.0.0.0
  [[nodiscard]] static Address v4(std::array<std::uint8_t, 4> octets);
  [[nodiscard]] static Address v6(std::array<std::uint8_t, 16> octets);  // ::ffff:a.b.c.d becomes IPv4
  [[nodiscard]] bool is_v4() const { return v4_; }
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const { return octets_; }  // IPv4: the first four
  // The network a limit "per address" counts: the address itself for IPv4, its /64 for IPv6.
  [[nodiscard]] Address limit_key() const;
  friend auto operator<=>(const Address&, const Address&) = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
  bool v4_ = true;
};

[[nodiscard]] Result<Address> parse_address(std::string_view text);  // "192.0.2.1", "2001:db8::1"; no brackets, no zone
[[nodiscard]] std::string to_string(const Address& address);
[[nodiscard]] std::string to_literal(const Address& address);  // "[192.0.2.1]", "[IPv6:2001:db8::1]"; RFC 5321 4.1.3

struct Network {
  Address base;
  std::uint8_t bits = 32;
  [[nodiscard]] bool contains(const Address& address) const;
  friend bool operator==(const Network&, const Network&) = default;
};
[[nodiscard]] Result<Network> parse_network(std::string_view text);  // "10.0.0.0/8", "::1", host bits must be zero
[[nodiscard]] bool contains(const std::vector<Network>& networks, const Address& address);

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);  // "127.0.0.1:25", "[::1]:25"
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

}  // namespace anechoic::ip
