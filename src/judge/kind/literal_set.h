// SPDX-License-Identifier: Apache-2.0
// Which of some thousand literals stand in a text? One look at each octet, whatever the text: a filter over four octets
// says where a literal may be, then it is compared. Nothing grows while it is used, so texts made of almost-phrases
// cost what others cost (docs/decisions/0009-own-literal-set.md).
//
// Add all, compile once, then find. Time: the text's length, and at each place where the key of a literal stands, that
// literal's length; keys are chosen so that few literals share one.   Threads: find() is const and keeps no state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anechoic::judge {

class LiteralSet {
 public:
  // Returns its number: 0, 1, ... Not empty.
  std::size_t add(std::string_view literal);
  void compile();
  // The numbers of those that stand in `text`, ascending.
  [[nodiscard]] std::vector<std::size_t> find(std::string_view text) const;
  [[nodiscard]] std::size_t size() const { return literals_.size(); }

 private:
  static constexpr std::size_t kKey = 4;  // octets
  static constexpr std::size_t kBuckets = 1U << 14U;

  struct Entry {
    std::uint32_t number = 0;
    std::uint32_t key_at = 0;  // where in the literal its key begins
  };
  [[nodiscard]] static std::size_t bucket_of(const char* key);

  std::vector<std::string> literals_;
  std::vector<std::size_t> short_;                   // have no key
  std::vector<Entry> entries_;                       // by bucket
  std::vector<std::uint32_t> first_;                 // bucket -> where it begins in entries_; one more at the end
  std::array<std::uint64_t, kBuckets / 64> used_{};  // buckets that are not empty
};

}  // namespace anechoic::judge
