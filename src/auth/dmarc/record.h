// SPDX-License-Identifier: Apache-2.0
// DMARC policy records. What is wrong behind `v=DMARC1` is passed over, tag by tag: a typing error in `rua` must not
// take a domain's policy away. Names and the words of values are read in any case, the version's value is not.
//
// RFC 7489 records keep working: pct, rf, ri are unknown tags. Of a tag that is there twice the first counts.
// Errors: none; text that is no DMARC record is nullopt. Any bytes, linear time.   Threads: values.
//                                                                                    RFC 9989 4.6-4.8, 4.10.1
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/dmarc/evaluate.h"

namespace anechoic::auth::dmarc {

enum class Psd : std::uint8_t { Unknown, Yes, No };  // "u", "y", "n"

struct Record {
  std::string text;  // as it came
  // 4.10.1: a record without a valid p, or with an sp or np that is not valid, counts as "p=none" and nothing else if
  // its rua has a valid address; else it is not usable: DMARC is not applied to what it stands for. For finding the
  // organisational domain it counts in both cases.
  bool usable = true;
  std::string problem;  // why the above was so, for people; "" = nothing
  Policy p = Policy::None;
  std::optional<Policy> sp;
  std::optional<Policy> np;
  Alignment dkim = Alignment::Relaxed;
  Alignment spf = Alignment::Relaxed;
  Psd psd = Psd::Unknown;
  bool testing = false;  // t=y
};

[[nodiscard]] std::optional<Record> parse_record(std::string_view text);

// Of whom mail is judged by a record.
enum class Relation : std::uint8_t { Itself, Subdomain, NonexistentSubdomain };
[[nodiscard]] Policy published_policy(const Record& record, Relation relation);  // p, sp or np            4.10.1
[[nodiscard]] Policy one_level_lower(Policy policy);                             // what t=y asks for         4.7

// A comma-separated list of URIs with at least one that a report could be sent to.                            4.6
[[nodiscard]] bool has_reporting_uri(std::string_view list);

}  // namespace anechoic::auth::dmarc
