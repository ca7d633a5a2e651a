// SPDX-License-Identifier: Apache-2.0
#include "wire/proxy/proxy.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"

namespace anechoic::proxy {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::string_view kV1 = "PROXY ";
constexpr std::size_t kV1Line = 107;  // octets with CRLF
constexpr std::size_t kV2Fixed = 16;

Failure wrong(std::string_view what) {
  return fail(Errc::Syntax, "PROXY header: " + std::string(what));
}

// Digits without a leading zero.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return ascii::parse_number<std::uint16_t>(text);
}

// Takes the text up to the next single blank.
std::string_view next_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

Result<Decoded> decode_v1(std::string_view input) {
  const std::string_view window = input.substr(0, kV1Line);
  const std::size_t end = window.find('\n');
  if (end == std::string_view::npos) {
    if (input.size() >= kV1Line) return fail(Errc::Limit, "PROXY header: no line end within 107 octets");
    return NeedMore{};
  }
  if (window[end - 1] != '\r') return wrong("a line end that is not CRLF");
  std::string_view line = window.substr(kV1.size(), end - 1 - kV1.size());
  Header header;
  header.length = end + 1;
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) {
    header.local = true;
    return header;
  }
  if (std::ranges::count(line, ' ') != 4) return wrong("not five words");
  const std::string_view family = next_word(line);
  const auto source = ip::parse_address(line.substr(0, line.find(' ')));
  const bool v6 = next_word(line).contains(':');
  const auto destination = ip::parse_address(line.substr(0, line.find(' ')));
  const bool destination_v6 = next_word(line).contains(':');
  const auto source_port = parse_port(next_word(line));
  const auto destination_port = parse_port(line);
  if (family != "TCP4" && family != "TCP6") return wrong("an unknown family");
  const bool want_v6 = family == "TCP6";
  if (!source || !destination || v6 != want_v6 || destination_v6 != want_v6) return wrong("not an address");
  if (!source_port || !destination_port) return wrong("not a port");
  header.source = {*source, *source_port};
  header.destination = {*destination, *destination_port};
  return header;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> octets_at(std::string_view input, std::size_t at) {
  std::array<std::uint8_t, Size> out{};
  std::ranges::transform(input.substr(at, Size), out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return out;
}

std::uint16_t number_at(std::string_view input, std::size_t at) {
  const auto octets = octets_at<2>(input, at);
  return static_cast<std::uint16_t>(octets[0] << 8U | octets[1]);
}

Result<Decoded> decode_v2(std::string_view input) {
  if (input.size() < kV2Fixed) return NeedMore{};
  const auto version_command = static_cast<unsigned char>(input[12]);
  const auto family = static_cast<unsigned char>(input[13]);
  const std::size_t payload = number_at(input, 14);
  if (version_command != 0x20 && version_command != 0x21) return wrong("an unknown version or command");
  if (kV2Fixed + payload > kMaxHeader) return fail(Errc::Limit, "PROXY header: longer than 4096 octets");
  if (input.size() < kV2Fixed + payload) return NeedMore{};
  Header header;
  header.length = kV2Fixed + payload;
  if (version_command == 0x20) {  // LOCAL: whatever follows is skipped
    header.local = true;
    return header;
  }
  switch (family) {
    case 0x00:  // UNSPEC
      header.local = true;
      return header;
    case 0x11:  // TCP over IPv4
      if (payload < 12) return wrong("too short for its addresses");
      header.source = {ip::Address::v4(octets_at<4>(input, 16)), number_at(input, 24)};
      header.destination = {ip::Address::v4(octets_at<4>(input, 20)), number_at(input, 26)};
      return header;
    case 0x21:  // TCP over IPv6
      if (payload < 36) return wrong("too short for its addresses");
      header.source = {ip::Address::v6(octets_at<16>(input, 16)), number_at(input, 48)};
      header.destination = {ip::Address::v6(octets_at<16>(input, 32)), number_at(input, 50)};
      return header;
    case 0x31:  // a unix stream
      if (payload < 216) return wrong("too short for its addresses");
      header.local = true;
      return header;
    default:
      return wrong("a family that is no stream");
  }
}

}  // namespace

Result<Decoded> decode(std::string_view input) {
  const auto begins = [&](std::string_view mark) {
    const std::size_t size = std::min(input.size(), mark.size());
    return input.substr(0, size) == mark.substr(0, size);
  };
  if (begins(kV1)) return input.size() < kV1.size() ? Result<Decoded>(NeedMore{}) : decode_v1(input);
  if (begins(kSignature)) return input.size() < kSignature.size() ? Result<Decoded>(NeedMore{}) : decode_v2(input);
  return wrong("there is none (is the peer set to send it?)");
}

}  // namespace anechoic::proxy
