// SPDX-License-Identifier: Apache-2.0
// What the DNS would say, from a table: for tests and for zones that are not published yet.
//
// Records of any zones stand in one table: there is no apex and no delegation, and what is not in it does not exist.
// Names between a record and the root exist without records. CNAMEs are followed; wildcards stand in for names that do
// not exist, any number of labels below.
// Errors: Syntax (a type that Rdata has no form for, a second CNAME of a name), Limit (kMostOfASet).
// Threads: reading is safe from several.   Bounds: memory as the input, a look-up O(labels * log records).
//                                                                     RFC 1034 3.6.2, 4.3.2; RFC 4592 2.2, 3.3; RFC
//                                                                     8020
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/dns/name.h"
#include "wire/dns/record.h"

namespace anechoic::dns {

class Zone {
 public:
  static constexpr std::size_t kMostCnames = 11;    // in one chain, as libunbound
  static constexpr std::size_t kMostOfASet = 4096;  // records of one name and type: what a DNS message holds
  static constexpr std::chrono::seconds kNegativeTtl{300};

  enum class Outcome : std::uint8_t { Records, NoRecords, NoSuchName, ServFail, Timeout };
  enum class Failure : std::uint8_t { ServFail, Timeout };

  // `records` belong to the zone, and `detail` to the program.
  struct Look {
    Outcome outcome = Outcome::NoSuchName;
    std::span<const Rdata> records{};
    std::chrono::seconds ttl{0};  // the least of the chain
    std::string_view detail{};    // of a failure: for people
  };

  // Records that equal one that is there are dropped; a set has the least TTL of its records (RFC 2181 5).
  Result<void> add(const Name& name, Type type, Rdata record, std::chrono::seconds ttl = std::chrono::hours(1));
  // The name exists, perhaps without records.
  void add_name(const Name& name);
  // Questions about the name fail: all of them, or those about one type. Also for a wildcard.
  void add_failure(const Name& name, Failure failure, std::optional<Type> type = std::nullopt);

  [[nodiscard]] Look look(const Name& name, Type type) const;
  [[nodiscard]] std::size_t records() const { return records_; }

 private:
  struct Set {
    Type type;
    std::chrono::seconds ttl;
    std::vector<Rdata> records;
  };
  struct Node {
    std::vector<Set> sets;
    std::vector<std::pair<std::optional<Type>, Failure>> failures;
  };

  [[nodiscard]] bool exists(std::string_view key) const;
  [[nodiscard]] const Node* find(const Name& name) const;
  [[nodiscard]] Look look_once(const Name& name, Type type) const;

  // By the labels from the root on, each behind its length: what is below a name stands right behind it.
  std::map<std::string, Node, std::less<>> nodes_;
  std::size_t records_ = 0;
};

}  // namespace anechoic::dns
