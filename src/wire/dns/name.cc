// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/name.h"

#include <array>

#include "base/ascii.h"

namespace anechoic::dns {

namespace {

// One octet of master-file text, with its escape undone; advances `at`. Errors: an escape that is none.
Result<char> next_octet(std::string_view text, std::size_t& at) {
  const char c = text[at++];
  if (c != '\\') return c;
  if (at >= text.size()) return fail(Errc::Syntax, "domain name ends in a backslash");
  if (!ascii::is_digit(text[at])) return text[at++];
  if (text.size() - at < 3 || !ascii::is_digit(text[at + 1]) || !ascii::is_digit(text[at + 2])) {
    return fail(Errc::Syntax, "bad \\DDD escape in a domain name");
  }
  const int value = (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
  if (value > 255) return fail(Errc::Syntax, "bad \\DDD escape in a domain name");
  at += 3;
  return static_cast<char>(value);
}

Result<void> append_label(std::string& wire, std::string_view label) {
  if (label.empty()) return fail(Errc::Syntax, "domain name with an empty label");
  if (label.size() > Name::kMaxLabel) return fail(Errc::Syntax, "domain name with a label longer than 63 octets");
  wire += static_cast<char>(label.size());
  wire += label;
  if (wire.size() + 1 > Name::kMaxWire) return fail(Errc::Syntax, "domain name longer than 255 octets");
  return {};
}

// The labels of `text` in wire form, without the root's.
Result<std::string> labels_of(std::string_view text) {
  std::string wire;
  std::string label;
  bool open = true;  // a label is expected
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '.') {
      if (auto added = append_label(wire, label); !added) return Failure(added.error());
      label.clear();
      open = ++at < text.size();
      continue;
    }
    const auto octet = next_octet(text, at);
    if (!octet) return Failure(octet.error());
    label += ascii::to_lower(*octet);
  }
  if (open) {
    if (auto added = append_label(wire, label); !added) return Failure(added.error());
  }
  return wire;
}

void print_octet(std::string& out, char c) {
  if (c == '.' || c == '\\' || c == '"' || c == '(' || c == ')' || c == ';' || c == '@' || c == '$') {
    out += '\\';
    out += c;
  } else if (c > ' ' && c < 127) {
    out += c;
  } else {
    const auto value = static_cast<unsigned char>(c);
    out += '\\';
    out += static_cast<char>('0' + value / 100);
    out += static_cast<char>('0' + value / 10 % 10);
    out += static_cast<char>('0' + value % 10);
  }
}

}  // namespace

Result<Name> Name::parse(std::string_view text) {
  if (text == ".") return Name();
  auto wire = labels_of(text);
  if (!wire) return Failure(wire.error());
  *wire += '\0';
  return Name(std::move(*wire));
}

Result<Name> Name::from_wire(std::string_view wire) {
  if (wire.empty() || wire.size() > kMaxWire) return fail(Errc::Syntax, "domain name of a bad size");
  std::size_t at = 0;
  while (at < wire.size() && wire[at] != '\0') {
    const auto size = static_cast<unsigned char>(wire[at]);
    if (size > kMaxLabel) return fail(Errc::Syntax, "compressed or bad label in a domain name");
    at += size + 1U;
  }
  if (at + 1 != wire.size()) return fail(Errc::Syntax, "domain name of a bad size");
  return Name(ascii::lower(wire));
}

std::size_t Name::labels() const {
  std::size_t count = 0;
  for (std::size_t at = 0; wire_[at] != '\0'; at += static_cast<unsigned char>(wire_[at]) + 1U) ++count;
  return count;
}

Name Name::parent() const {
  return is_root() ? Name() : Name(wire_.substr(static_cast<unsigned char>(wire_[0]) + 1U));
}

Name Name::last(std::size_t wanted) const {
  std::size_t at = 0;
  for (std::size_t skip = labels(); skip > wanted; --skip) at += static_cast<unsigned char>(wire_[at]) + 1U;
  return Name(wire_.substr(at));
}

Result<Name> Name::prefixed(std::string_view labels) const {
  auto wire = labels_of(labels);
  if (!wire) return Failure(wire.error());
  if (wire->size() + wire_.size() > kMaxWire) return fail(Errc::Syntax, "domain name longer than 255 octets");
  return Name(*wire + wire_);
}

bool Name::is_within(const Name& ancestor) const {
  if (!wire_.ends_with(ancestor.wire_)) return false;
  // The end of the bytes must be the end of labels: a label may hold any octets, also those of length octets.
  std::size_t at = 0;
  const std::size_t start = wire_.size() - ancestor.wire_.size();
  while (at < start) at += static_cast<unsigned char>(wire_[at]) + 1U;
  return at == start;
}

std::string Name::to_string() const {
  if (is_root()) return ".";
  std::string out;
  for (std::size_t at = 0; wire_[at] != '\0';) {
    const auto size = static_cast<unsigned char>(wire_[at]);
    if (at > 0) out += '.';
    for (std::size_t i = 1; i <= size; ++i) print_octet(out, wire_[at + i]);
    at += size + 1U;
  }
  return out;
}

}  // namespace anechoic::dns
