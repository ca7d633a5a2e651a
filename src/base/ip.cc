// SPDX-License-Identifier: Apache-2.0
#include "base/ip.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace anechoic::ip {
namespace {

using Octets4 = std::array<std::uint8_t, 4>;
using Octets16 = std::array<std::uint8_t, 16>;

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

Failure wrong(std::string_view what, std::string_view text) {
  // The text may come from a peer: it is shown only as far as it may be an address.
  std::string detail("not ");
  detail += what;
  detail += ": \"";
  for (const char c : text.substr(0, 64)) detail += ascii::is_printable(c) ? c : '?';
  detail += '"';
  return fail(Errc::Syntax, std::move(detail));
}

// Four numbers without leading zeroes, which some read as octal.
std::optional<Octets4> parse_v4(std::string_view text) {
  Octets4 octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const std::size_t dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || dot == 0 || dot > 3 || (dot > 1 && text[0] == '0')) return std::nullopt;
    const auto value = ascii::parse_number<std::uint8_t>(text.substr(0, dot));
    if (!value) return std::nullopt;
    octets[i] = *value;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return octets;
}

// Reads groups up to the end of `text` into `out`; returns how many octets, or nullopt.
std::optional<std::size_t> parse_groups(std::string_view text, Octets16& out) {
  std::size_t used = 0;
  if (text.empty()) return used;
  for (;;) {
    const std::size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.contains('.')) {
      const auto tail = parse_v4(group);
      if (!tail || used + 4 > out.size()) return std::nullopt;
      std::ranges::copy(*tail, out.begin() + static_cast<std::ptrdiff_t>(used));
      return used + 4;
    }
    const auto value = ascii::parse_number<std::uint16_t>(group, 16);
    if (!value || group.size() > 4 || used + 2 > out.size()) return std::nullopt;
    out[used] = static_cast<std::uint8_t>(*value >> 8U);
    out[used + 1] = static_cast<std::uint8_t>(*value & 0xFFU);
    used += 2;
    if (colon == std::string_view::npos) return used;
    text.remove_prefix(colon + 1);
  }
}

std::optional<Octets16> parse_v6(std::string_view text) {
  if (text.size() > 45) return std::nullopt;
  Octets16 octets{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto used = parse_groups(text, octets);
    return used == octets.size() ? std::optional(octets) : std::nullopt;
  }
  Octets16 tail{};
  const std::string_view front = text.substr(0, gap);
  if (front.contains('.')) return std::nullopt;
  const auto head_used = parse_groups(front, octets);
  const auto tail_used = parse_groups(text.substr(gap + 2), tail);
  if (!head_used || !tail_used || *head_used + *tail_used > 14) return std::nullopt;
  std::copy_n(tail.begin(), *tail_used, octets.end() - static_cast<std::ptrdiff_t>(*tail_used));
  return octets;
}

void append_number(std::string& out, unsigned value, int base) {
  std::array<char, 8> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, base);
  out.append(buffer.data(), result.ptr);
}

std::string v6_to_string(const Octets16& octets) {
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<unsigned>(octets[2 * i] << 8U) | octets[2 * i + 1];
  }
  // RFC 5952 4.2: the first of the longest runs of at least two zero groups is shortened.
  std::size_t run_start = 0;
  std::size_t run_length = 1;
  for (std::size_t i = 0; i < groups.size();) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > run_length) {
      run_start = i;
      run_length = end - i;
    }
    i = end == i ? i + 1 : end;
  }
  std::string out;
  for (std::size_t i = 0; i < groups.size();) {
    if (run_length > 1 && i == run_start) {
      out += "::";
      i += run_length;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    append_number(out, groups[i], 16);
    ++i;
  }
  return out;
}

}  // namespace

Address Address::v4(Octets4 octets) {
  Address address;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

Address Address::v6(Octets16 octets) {
  if (std::equal(kMapped.begin(), kMapped.end(), octets.begin())) {
    return v4({octets[12], octets[13], octets[14], octets[15]});
  }
  Address address;
  address.octets_ = octets;
  address.v4_ = false;
  return address;
}

bool Address::is_loopback() const {
  if (v4_) return octets_[0] == 127;
  constexpr Octets16 kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return octets_ == kLoopback;
}

Address Address::limit_key() const {
  Address key = *this;
  if (!v4_) std::fill(key.octets_.begin() + 8, key.octets_.end(), std::uint8_t{0});
  return key;
}

Result<Address> parse_address(std::string_view text) {
  if (text.contains(':')) {
    if (const auto octets = parse_v6(text)) return Address::v6(*octets);
  } else if (const auto octets = parse_v4(text)) {
    return Address::v4(*octets);
  }
  return wrong("an IP address", text);
}

std::string to_string(const Address& address) {
  if (!address.is_v4()) return v6_to_string(address.octets());
  std::string out;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    append_number(out, address.octets()[i], 10);
  }
  return out;
}

std::string to_literal(const Address& address) {
  return (address.is_v4() ? "[" : "[IPv6:") + to_string(address) + "]";
}

bool Network::contains(const Address& address) const {
  if (address.is_v4() != base.is_v4()) return false;
  const std::size_t whole = bits / 8U;
  const auto& a = address.octets();
  const auto& b = base.octets();
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
  if (bits % 8U == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF00U >> (bits % 8U));
  return (a[whole] & mask) == (b[whole] & mask);
}

Result<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const auto address = parse_address(address_text);
  if (!address) return wrong("a network (write 192.0.2.0/24 or 2001:db8::/32)", text);
  const bool written_v6 = address_text.contains(':');
  unsigned bits = written_v6 ? 128 : 32;
  if (slash != std::string_view::npos) {
    const auto given = ascii::parse_number<std::uint8_t>(text.substr(slash + 1));
    if (!given || *given > bits) return wrong("a network (the number behind / is too large)", text);
    bits = *given;
  }
  if (written_v6 && address->is_v4()) {  // an IPv4-mapped network
    if (bits < 96) return wrong("a network (an IPv4-mapped one needs /96 or more)", text);
    bits -= 96;
  }
  const Network network{*address, static_cast<std::uint8_t>(bits)};
  // Host bits that are set are mostly a wrong prefix length.
  const auto& octets = address->octets();
  for (std::size_t bit = bits; bit < (address->is_v4() ? 32U : 128U); ++bit) {
    if ((octets[bit / 8] & (0x80U >> (bit % 8))) != 0) {
      return wrong("a network (bits behind the prefix must be zero)", text);
    }
  }
  return network;
}

bool contains(const std::vector<Network>& networks, const Address& address) {
  return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  constexpr std::string_view kWhat = "an address and port (write 127.0.0.1:25 or [::1]:25)";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong(kWhat, text);
  std::string_view host = text.substr(0, colon);
  const auto port = ascii::parse_number<std::uint16_t>(text.substr(colon + 1));
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  if (!port || host.contains(':') != brackets) return wrong(kWhat, text);
  const auto address = parse_address(host);
  if (!address) return wrong(kWhat, text);
  return Endpoint{*address, *port};
}

std::string to_string(const Endpoint& endpoint) {
  const std::string host = to_string(endpoint.address);
  return (endpoint.address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(endpoint.port);
}

}  // namespace anechoic::ip
