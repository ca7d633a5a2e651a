// SPDX-License-Identifier: Apache-2.0
// Whose mailbox it is: is an address his?
//
// Addresses are compared without case, after the tags of return paths are taken off (prvs=, btv1==, SRS0=, SRS1=), and
// without a sub-address (alice+shop@, alice-shop@). What only may be his counts as his: a false bounce that stays is
// better than a genuine one that goes.   Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace anechoic::triage {

// The address that a tagged return path stands for, in lower case; the address itself if it has no tag.
[[nodiscard]] std::string untagged(std::string_view address);
[[nodiscard]] bool is_tagged(std::string_view address);

// The bare address in what a user wrote for one: "Alice <alice@Example.ORG>", "mailto:alice@example.org"; also
// @example.org. Syntax: it holds none, or several; the detail goes behind what he wrote.
[[nodiscard]] Result<std::string> plain_address(std::string_view written);

enum class Who : std::uint8_t {
  Nobody,  // no usable address
  Me,
  Colleague,  // of a domain of ours for which we stand as postmaster only
  Stranger,
};

class Me {
 public:
  // alice@example.org, or @example.org for all addresses of a domain.
  void add(std::string_view address);
  [[nodiscard]] bool empty() const { return addresses_.empty() && domains_.empty(); }
  [[nodiscard]] Who who(std::string_view address) const;
  [[nodiscard]] bool is_own_domain(std::string_view domain) const;
  [[nodiscard]] std::vector<std::string> names() const;  // as to be shown

 private:
  std::vector<std::string> addresses_;
  std::vector<std::string> bases_;         // the same without sub-addresses
  std::vector<std::string> domains_;       // all of them are ours
  std::vector<std::string> role_domains_;  // of a postmaster or the like
};

}  // namespace anechoic::triage
