// SPDX-License-Identifier: Apache-2.0
#include "wire/dns/zone.h"

#include <algorithm>
#include <array>

namespace anechoic::dns {

namespace {

// Where the labels of a name end, in its key: ends[0] is the root's.
struct Key {
  std::string text;
  std::vector<std::size_t> ends;
};

Key key_of(const Name& name) {
  const std::string_view wire = name.wire();
  std::array<std::uint8_t, Name::kMaxWire> starts{};
  std::size_t labels = 0;
  for (std::size_t at = 0; wire[at] != '\0'; at += static_cast<unsigned char>(wire[at]) + 1U) {
    starts[labels++] = static_cast<std::uint8_t>(at);
  }
  Key key;
  key.text.reserve(wire.size());
  key.ends.assign(1, 0);
  while (labels > 0) {
    const std::size_t at = starts[--labels];
    key.text += wire.substr(at, static_cast<unsigned char>(wire[at]) + 1U);
    key.ends.push_back(key.text.size());
  }
  return key;
}

bool fits(Type type, const Rdata& record) {
  switch (type) {
    case Type::A:
    case Type::Aaaa:
      return std::holds_alternative<ip::Address>(record);
    case Type::Ns:
    case Type::Cname:
    case Type::Ptr:
      return std::holds_alternative<Name>(record);
    case Type::Mx:
      return std::holds_alternative<Mx>(record);
    case Type::Txt:
      return std::holds_alternative<Txt>(record);
    case Type::Soa:
      break;
  }
  return false;
}

}  // namespace

Result<void> Zone::add(const Name& name, Type type, Rdata record, std::chrono::seconds ttl) {
  if (!fits(type, record)) return fail(Errc::Syntax, "a record that is none of its type");
  Node& node = nodes_[key_of(name).text];
  const auto found = std::ranges::find(node.sets, type, &Set::type);
  if (found == node.sets.end()) {
    std::vector<Rdata> records;
    records.push_back(std::move(record));
    node.sets.emplace_back(type, ttl, std::move(records));
    ++records_;
    return {};
  }
  found->ttl = std::min(found->ttl, ttl);
  if (std::ranges::find(found->records, record) != found->records.end()) return {};
  if (type == Type::Cname) return fail(Errc::Syntax, "a second CNAME record of a name; keep one");
  if (found->records.size() >= kMostOfASet) return fail(Errc::Limit, "too many records of one name and type");
  found->records.push_back(std::move(record));
  ++records_;
  return {};
}

void Zone::add_name(const Name& name) {
  nodes_.try_emplace(key_of(name).text);
}

void Zone::add_failure(const Name& name, Failure failure, std::optional<Type> type) {
  nodes_[key_of(name).text].failures.emplace_back(type, failure);
}

// The name itself, or one below it.
bool Zone::exists(std::string_view key) const {
  const auto at = nodes_.lower_bound(key);
  return at != nodes_.end() && at->first.starts_with(key);
}

// The node that answers for the name: its own, or the wildcard of its closest encloser. None: the name does not exist.
const Zone::Node* Zone::find(const Name& name) const {
  static const Node kEmpty;
  const Key key = key_of(name);
  const std::string_view text = key.text;
  const auto own = nodes_.lower_bound(text);
  if (own != nodes_.end() && own->first.starts_with(text))
    return own->first.size() == text.size() ? &own->second : &kEmpty;
  for (std::size_t labels = key.ends.size() - 1; labels-- > 0;) {
    const std::string_view encloser = text.substr(0, key.ends[labels]);
    if (!exists(encloser)) continue;
    const std::string wildcard = std::string(encloser) + "\1*";
    if (!exists(wildcard)) return nullptr;
    const auto found = nodes_.find(wildcard);
    return found == nodes_.end() ? &kEmpty : &found->second;
  }
  return nullptr;
}

Zone::Look Zone::look_once(const Name& name, Type type) const {
  const Node* node = find(name);
  if (node == nullptr) return {Outcome::NoSuchName, {}, kNegativeTtl, {}};
  for (const auto& [of, failure] : node->failures) {
    if (of && *of != type) continue;
    if (failure == Failure::Timeout) return {Outcome::Timeout, {}, {}, "the zone says that it times out"};
    return {Outcome::ServFail, {}, {}, "the zone says SERVFAIL"};
  }
  const auto set = std::ranges::find(node->sets, type, &Set::type);
  if (set != node->sets.end()) return {Outcome::Records, set->records, set->ttl, {}};
  return {Outcome::NoRecords, {}, kNegativeTtl, {}};
}

Zone::Look Zone::look(const Name& name, Type type) const {
  Look result = look_once(name, type);
  std::chrono::seconds least = result.ttl;
  Name at = name;
  for (std::size_t followed = 0; result.outcome == Outcome::NoRecords && type != Type::Cname; ++followed) {
    const Look alias = look_once(at, Type::Cname);
    if (alias.outcome != Outcome::Records) break;
    if (followed == kMostCnames) return {Outcome::ServFail, {}, {}, "CNAME loop, or too long a chain of them"};
    at = std::get<Name>(alias.records.front());
    result = look_once(at, type);
    least = std::min({least, alias.ttl, result.ttl});
  }
  result.ttl = least;
  return result;
}

}  // namespace anechoic::dns
