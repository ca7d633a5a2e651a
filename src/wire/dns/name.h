// SPDX-License-Identifier: Apache-2.0
// Domain names as the DNS has them: labels of any octets, compared without regard to the case of A-Z.
//
// A Name is kept in lower case and in wire form without compression, so equal names have equal bytes. The root is a
// name, too. Bounds: a label has 1 to 63 octets, a name 255 with all its length octets.
// Errors: Syntax (empty label, label too long, bad escape, name too long). Any bytes may be parsed.
// Threads: values.                                                                     RFC 1035 3.1, 5.1; RFC 4343
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::dns {

class Name {
 public:
  static constexpr std::size_t kMaxLabel = 63;
  static constexpr std::size_t kMaxWire = 255;

  Name() : wire_(1, '\0') {}  // the root
  // Master-file text: labels parted by dots, `\.` and `\DDD` escapes; a dot at the end changes nothing.
  [[nodiscard]] static Result<Name> parse(std::string_view text);
  // Uncompressed wire form, exactly one name.
  [[nodiscard]] static Result<Name> from_wire(std::string_view wire);

  [[nodiscard]] bool is_root() const { return wire_.size() == 1; }
  [[nodiscard]] std::size_t labels() const;  // without the root's empty one
  [[nodiscard]] Name parent() const;         // of the root: the root
  // The last `labels` labels; all of it when it has no more.
  [[nodiscard]] Name last(std::size_t labels) const;
  // `label` in front of it: prefixed("_dmarc"). More than one label may be given, parted by dots.
  [[nodiscard]] Result<Name> prefixed(std::string_view labels) const;
  // Is it `ancestor`, or below?
  [[nodiscard]] bool is_within(const Name& ancestor) const;

  [[nodiscard]] std::string_view wire() const { return wire_; }
  // Lower case, escaped where needed, without the dot at the end; the root: ".".
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const Name&, const Name&) = default;
  friend auto operator<=>(const Name&, const Name&) = default;  // of the bytes; no meaning but an order

 private:
  explicit Name(std::string wire) : wire_(std::move(wire)) {}
  std::string wire_;
};

}  // namespace anechoic::dns

template <>
struct std::hash<anechoic::dns::Name> {
  std::size_t operator()(const anechoic::dns::Name& name) const noexcept {
    return std::hash<std::string_view>{}(name.wire());
  }
};
