// SPDX-License-Identifier: Apache-2.0
#include "outside/recipients/address_table.h"

#include <bit>
#include <utility>

#include "outside/recipients/seeded_hash.h"

namespace anechoic::recipients {
namespace {

// The operator's file fills the table, so a stranger can't make keys collide: no secret is needed.
constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15ULL;

}  // namespace

std::string_view AddressTable::key_at(std::uint32_t offset) const {
  const auto low = static_cast<unsigned char>(keys_[offset]);
  const auto high = static_cast<unsigned char>(keys_[offset + 1]);
  return std::string_view(keys_).substr(offset + 2, low + (static_cast<std::size_t>(high) << 8U));
}

bool AddressTable::holds(std::string_view key) const {
  if (slots_.empty()) {
    return false;
  }
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = seeded_hash(kSeed, key) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if (key_at(slots_[at] - 1) == key) {
      return true;
    }
  }
  return false;
}

Listed AddressTable::find(const mail::Mailbox& mailbox, const AddressRules& rules) const {
  std::string key = key_of(mailbox, rules.case_sensitive);
  if (holds(key)) {
    return Listed::Exactly;
  }
  const std::string_view plain = without_subaddress(mailbox.local, rules);
  if (plain.size() != mailbox.local.size()) {
    key.erase(plain.size(), mailbox.local.size() - plain.size());
    if (holds(key)) {
      return Listed::BySubaddress;
    }
  }
  return holds(std::string_view(key).substr(plain.size())) ? Listed::ByDomain : Listed::No;
}

Result<void> AddressTable::Builder::add(const mail::Mailbox& mailbox, const AddressRules& rules) {
  return add_key(key_of(mailbox, rules.case_sensitive));
}

Result<void> AddressTable::Builder::add_domain(std::string_view domain) {
  return add_key("@" + std::string(domain));
}

Result<void> AddressTable::Builder::add_key(std::string_view key) {
  if (keys_.size() + key.size() + 2 > kMaxOctets) {
    return fail(Errc::Limit, "more than 4 GiB of addresses; split the list");
  }
  keys_.push_back(static_cast<char>(key.size() & 0xffU));
  keys_.push_back(static_cast<char>(key.size() >> 8U));
  keys_.append(key);
  ++count_;
  return {};
}

AddressTable AddressTable::Builder::finish() && {
  AddressTable table;
  table.keys_ = std::move(keys_);
  table.keys_.shrink_to_fit();
  if (count_ == 0) {
    return table;
  }
  table.slots_.resize(std::bit_ceil(count_ + (count_ / 2) + 1));  // one is always free: holds() ends there
  const std::size_t mask = table.slots_.size() - 1;
  for (std::size_t offset = 0; offset < table.keys_.size();) {
    const std::string_view key = table.key_at(static_cast<std::uint32_t>(offset));
    std::size_t at = seeded_hash(kSeed, key) & mask;
    while (table.slots_[at] != 0 && table.key_at(table.slots_[at] - 1) != key) {
      at = (at + 1) & mask;
    }
    if (table.slots_[at] == 0) {
      table.slots_[at] = static_cast<std::uint32_t>(offset) + 1;
      ++table.size_;
    }
    offset += key.size() + 2;
  }
  return table;
}

}  // namespace anechoic::recipients
