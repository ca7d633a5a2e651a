// SPDX-License-Identifier: Apache-2.0
// Finding DMARC records: the tree walk, and what follows from it: the organisational domain, and the record that
// applies to an author domain.
//
// A walk asks at most kMostQueries names; it ends early at psd=y or psd=n, and at the first look-up that failed, since
// what lies above can't be told apart from what was missed. Records remembers each name that was asked, so that the
// walks of one message (author domain, SPF, ten signatures) ask once for what they share.
// Lifetime: Lookups outlives Records; Records outlives its Tasks.   Threads: the Lookups'.             RFC 9989 4.10
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/dmarc/record.h"
#include "auth/lookup/lookups.h"
#include "base/result.h"
#include "base/task.h"
#include "wire/dns/name.h"

namespace anechoic::auth::dmarc {

inline constexpr std::size_t kMostQueries = 8;

// A domain as mail writes it, in any case, U- or A-labels.   Errors: Syntax (empty, an address literal, octets that no
// mail domain has).
[[nodiscard]] anechoic::Result<dns::Name> to_name(std::string_view domain);

// Whose `_dmarc` is asked when walking from `start`, in order: itself, then its parents, of which only those with at
// most seven labels. Nothing for the root.
[[nodiscard]] std::vector<dns::Name> walk_targets(const dns::Name& start);

// What stands at `_dmarc` of one name.
struct AtName {
  std::optional<Record> record;  // nullopt: none, or several, which are all discarded
  std::string failure;           // why it could not be found out, for people; "" = it could
  [[nodiscard]] bool failed() const { return !failure.empty(); }
};

class Records {
 public:
  explicit Records(Lookups& lookups) : lookups_(lookups) {}
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  [[nodiscard]] Task<const AtName*> at(dns::Name domain);  // never null; lives as long as this
  [[nodiscard]] Lookups& lookups() { return lookups_; }

 private:
  Lookups& lookups_;
  std::map<dns::Name, AtName> known_;
};

struct Walk {
  struct Stop {
    dns::Name domain;
    const Record* record;  // lives as long as the Records
  };
  dns::Name start;
  std::vector<Stop> found;          // from the longest name to the shortest
  std::optional<dns::Name> failed;  // where it ended without an answer: what lies above is not known
  std::string failure;
};
[[nodiscard]] Task<Walk> walk_tree(Records& records, dns::Name start);

// Of a walk that did not fail.                                                                             4.10.2
[[nodiscard]] dns::Name organizational_domain(const Walk& walk);

// The record that applies to mail of the walk's start: its own, its organisational domain's, its public suffix';
// nullptr: none. A walk that failed knows only its own.                                                    4.10.1
[[nodiscard]] const Walk::Stop* applicable_record(const Walk& walk);

}  // namespace anechoic::auth::dmarc
