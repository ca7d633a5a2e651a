// SPDX-License-Identifier: Apache-2.0
// A compact set of addresses and domain rules, built once and then only read: the keys stand one behind the other in
// one block, and a table of 32-bit offsets finds them (about 8 octets an address besides the address itself).
//
// Errors: Limit (more than kMaxOctets of keys).   Threads: a finished table may be read by any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "outside/recipients/address_rules.h"

namespace anechoic::recipients {

enum class Listed : std::uint8_t { No, Exactly, BySubaddress, ByDomain };

class AddressTable {
 public:
  static constexpr std::size_t kMaxOctets = 0xffff'0000;

  class Builder;

  AddressTable() = default;  // empty
  [[nodiscard]] Listed find(const mail::Mailbox& mailbox, const AddressRules& rules) const;
  [[nodiscard]] std::size_t size() const { return size_; }  // addresses and domain rules
  [[nodiscard]] std::size_t octets() const { return keys_.size() + (slots_.size() * sizeof(slots_[0])); }

 private:
  [[nodiscard]] bool holds(std::string_view key) const;
  [[nodiscard]] std::string_view key_at(std::uint32_t offset) const;

  std::string keys_;                  // each: two octets of length, then the key
  std::vector<std::uint32_t> slots_;  // offset + 1; 0 = free; a power of two, or none
  std::size_t size_ = 0;
};

// Takes the keys in any order; what comes twice is kept once.
class AddressTable::Builder {
 public:
  [[nodiscard]] Result<void> add(const mail::Mailbox& mailbox, const AddressRules& rules);
  [[nodiscard]] Result<void> add_domain(std::string_view domain);  // every address of it exists
  [[nodiscard]] AddressTable finish() &&;

 private:
  [[nodiscard]] Result<void> add_key(std::string_view key);
  std::string keys_;
  std::size_t count_ = 0;
};

}  // namespace anechoic::recipients
