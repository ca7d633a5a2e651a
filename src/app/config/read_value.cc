// SPDX-License-Identifier: Apache-2.0
#include "app/config/read_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>
#include <utility>

#include "app/config/values.h"
#include "mail/address.h"
#include "observe/escape.h"

namespace anechoic::config {

namespace {

using Problems = std::vector<Problem>;
using Read = std::expected<Value, Problems>;
using std::chrono::milliseconds;

std::unexpected<Problems> problem(const Node& node, std::string text) {
  return std::unexpected(Problems{Problem{.file = {}, .at = node.at, .text = std::move(text)}});
}

std::unexpected<Problems> wrong_type(const Setting& setting, const Node& node) {
  return problem(node, fmt::format("{} wants {}", setting.key, describe(setting.kind)));
}

std::unexpected<Problems> wrong_text(const Setting& setting, const Node& node, const std::string& text,
                                     const std::string& why) {
  return problem(node, fmt::format("{} = {}: {}", setting.key, observe::quote(text), why));
}

// In the setting's own unit, for messages.
std::string bound_text(const Setting& setting, std::uint64_t bound) {
  if (setting.kind == Kind::Size) return '"' + size_text(bound) + '"';
  if (setting.kind == Kind::Duration) return '"' + duration_text(milliseconds(bound)) + '"';
  return std::to_string(bound);
}

std::expected<std::uint64_t, Problems> within(const Setting& setting, const Node& node, std::uint64_t number) {
  if (number < setting.least)
    return problem(node, fmt::format("{} is at least {}", setting.key, bound_text(setting, setting.least)));
  if (number > setting.most)
    return problem(node, fmt::format("{} is at most {}", setting.key, bound_text(setting, setting.most)));
  return number;
}

Read read_count(const Setting& setting, const Node& node) {
  const auto* number = node.as<std::int64_t>();
  if (number == nullptr) return wrong_type(setting, node);
  if (*number < 0) return problem(node, fmt::format("{} can't be negative", setting.key));
  return within(setting, node, static_cast<std::uint64_t>(*number));
}

Read read_size(const Setting& setting, const Node& node) {
  if (node.as<std::int64_t>() != nullptr) return read_count(setting, node);
  const auto* text = node.as<std::string>();
  if (text == nullptr) return wrong_type(setting, node);
  const auto octets = parse_size(*text);
  if (!octets) return wrong_text(setting, node, *text, octets.error().detail);
  return within(setting, node, *octets);
}

Read read_duration(const Setting& setting, const Node& node) {
  const auto* text = node.as<std::string>();
  if (text == nullptr) {
    if (node.as<std::int64_t>() == nullptr) return wrong_type(setting, node);
    return problem(node, fmt::format("{} wants a unit: write {} in quotes with s, m or h behind it", setting.key,
                                     *node.as<std::int64_t>()));
  }
  const auto duration = parse_duration(*text);
  if (!duration) return wrong_text(setting, node, *text, duration.error().detail);
  const auto bounded = within(setting, node, static_cast<std::uint64_t>(duration->count()));
  if (!bounded) return std::unexpected(bounded.error());
  return *duration;
}

Read read_choice(const Setting& setting, const Node& node) {
  std::string given;
  if (const auto* number = node.as<std::int64_t>()) {
    given = std::to_string(*number);
  } else if (const auto* text = node.as<std::string>()) {
    given = *text;
  } else {
    return wrong_type(setting, node);
  }
  std::string all;
  for (const auto part : setting.choices | std::views::split('|')) {
    const std::string_view choice(part.begin(), part.end());
    if (choice == given) return given;
    all += (all.empty() ? "" : ", ") + std::string(choice);
  }
  return wrong_text(setting, node, given, "it is one of: " + all);
}

Read read_text(const Setting& setting, const Node& node) {
  const auto* text = node.as<std::string>();
  if (text == nullptr) return wrong_type(setting, node);
  // No name, path or address has them, and they would end up in logs and headers.
  if (std::ranges::any_of(*text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return wrong_text(setting, node, *text, "it has a control character in it; take it out");
  return *text;
}

Read read_mailbox(const Setting& setting, const Node& node) {
  const auto* text = node.as<std::string>();
  if (text == nullptr) return wrong_type(setting, node);
  if (text->empty()) return *text;
  const auto mailbox = mail::parse_mailbox(*text, mail::Utf8::Allowed);
  if (!mailbox) return wrong_text(setting, node, *text, "it is not a mail address");
  return mail::to_string(*mailbox);
}

// A list, or one element without the brackets. An empty text is the empty list.
template <typename T, typename Parse>
Read read_list(const Setting& setting, const Node& node, Parse parse) {
  std::vector<T> values;
  Problems wrong;
  const auto add = [&](const Node& element) {
    const auto* text = element.as<std::string>();
    if (text == nullptr) {
      wrong.push_back(wrong_type(setting, element).error().front());
      return;
    }
    const Result<T> value = parse(*text);
    if (value) {
      values.push_back(*value);
    } else {
      wrong.push_back(wrong_text(setting, element, *text, value.error().detail).error().front());
    }
  };
  if (const auto* list = node.as<Node::List>()) {
    for (const Node& element : *list) add(element);
  } else if (const auto* text = node.as<std::string>(); text == nullptr || !text->empty()) {
    add(node);
  }
  if (!wrong.empty()) return std::unexpected(std::move(wrong));
  return values;
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    return fail(Errc::Syntax, "the port is a number from 1 to 65535");
  return port;
}

Result<void> split_host(std::string_view rest, BackendAddress& address) {
  std::string_view host = rest;
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return fail(Errc::Syntax, "the ] behind the IPv6 address is missing");
    host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
    if (!ip::parse_address(host)) return fail(Errc::Syntax, "between [ and ] stands an IPv6 address");
  } else if (const auto colon = rest.find(':'); colon != std::string_view::npos) {
    host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (!port.empty()) {
    if (port.front() != ':') return fail(Errc::Syntax, "behind the host stands a colon and the port");
    const auto number = parse_port(port.substr(1));
    if (!number) return std::unexpected(number.error());
    address.port = *number;
  }
  if (!ip::parse_address(host) && !mail::parse_domain(host, mail::Utf8::Forbidden))
    return fail(Errc::Syntax, "the host is a name or an address");
  address.host = host;
  return {};
}

}  // namespace

Result<BackendAddress> parse_backend_address(std::string_view text) {
  BackendAddress address;
  address.text = text;
  const auto take = [&text](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  };
  if (take("maildir:")) {
    if (text.empty()) return fail(Errc::Syntax, "behind maildir: stands the folder");
    address.scheme = BackendScheme::Maildir;
    address.path = text;
    return address;
  }
  if (text.starts_with("lmtp:///")) {
    address.scheme = BackendScheme::LmtpUnix;
    address.path = text.substr(7);
    if (address.path.size() > 107) return fail(Errc::Limit, "the path of a socket has at most 107 octets");
    return address;
  }
  if (take("smtp://")) {
    address.scheme = BackendScheme::Smtp;
    address.port = 25;
  } else if (take("lmtp://")) {
    address.scheme = BackendScheme::Lmtp;
    address.port = 24;
  } else {
    return fail(Errc::Syntax, "it begins with smtp://, lmtp:// or maildir:");
  }
  if (const auto split = split_host(text, address); !split) return std::unexpected(split.error());
  return address;
}

std::expected<Value, std::vector<Problem>> read_value(const Setting& setting, const Node& node) {
  switch (setting.kind) {
    case Kind::Flag:
      if (const auto* flag = node.as<bool>()) return *flag;
      return wrong_type(setting, node);
    case Kind::Count:
      return read_count(setting, node);
    case Kind::Size:
      return read_size(setting, node);
    case Kind::Duration:
      return read_duration(setting, node);
    case Kind::Choice:
      return read_choice(setting, node);
    case Kind::Text:
      return read_text(setting, node);
    case Kind::Mailbox:
      return read_mailbox(setting, node);
    case Kind::Texts:
      return read_list<std::string>(setting, node, [](const std::string& text) -> Result<std::string> { return text; });
    case Kind::Endpoints:
      return read_list<ip::Endpoint>(setting, node, [](const std::string& text) { return ip::parse_endpoint(text); });
    case Kind::Networks:
      return read_list<ip::Network>(setting, node, [](const std::string& text) { return ip::parse_network(text); });
    case Kind::Addresses:
      return read_list<BackendAddress>(setting, node,
                                       [](const std::string& text) { return parse_backend_address(text); });
  }
  std::unreachable();
}

namespace {

struct ToText {
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(milliseconds duration) const { return duration_text(duration); }
  std::string operator()(const std::string& text) const { return observe::quote_if_needed(text); }
  std::string operator()(const ip::Endpoint& endpoint) const { return ip::to_string(endpoint); }
  std::string operator()(const ip::Network& network) const {
    return ip::to_string(network.base) + '/' + std::to_string(network.bits);
  }
  std::string operator()(const BackendAddress& address) const { return observe::quote_if_needed(address.text); }
  template <typename T>
  std::string operator()(const std::vector<T>& list) const {
    std::string all;
    for (const T& element : list) all += (all.empty() ? "" : ", ") + (*this)(element);
    return '[' + all + ']';
  }
};

}  // namespace

std::string to_text(const Value& value) {
  return std::visit(ToText{}, value);
}

}  // namespace anechoic::config
