// SPDX-License-Identifier: Apache-2.0
// DMARC: is the domain in From aligned with something that passed, and what does its owner ask for? What the policy
// says is told apart from what is done: judgement decides that (standards: never refuse for p=reject alone).
//
// RFC 7489 records keep working (pct, rf, ri, fo are ignored). Several author domains: DMARC is not applied (None with
// that reason, RFC 9989 5.3.1, 11.5); such mail is judged by its proved addresses (auth/proved.h), of which each needs
// its own proof. A From domain that is no domain name is PermError.
// A look-up that failed never makes None, nor Pass or Fail of what it could have changed: that is TempError (5.3.6).
// Errors: none; see Result.   Lifetime: lookups outlive the Task.   Threads: the Lookups'.                  RFC 9989
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/lookup/lookups.h"
#include "base/task.h"

namespace anechoic::auth::dmarc {

enum class Result : std::uint8_t { None, Pass, Fail, TempError, PermError };  // RFC 8601's words
[[nodiscard]] std::string_view to_string(Result result);
enum class Policy : std::uint8_t { None, Quarantine, Reject };
[[nodiscard]] std::string_view to_string(Policy policy);
enum class Alignment : std::uint8_t { Relaxed, Strict };

// What passed: the identifiers that may be aligned. A temporary failure of one that would have been aligned makes the
// result TempError rather than Fail.
struct Authenticated {
  std::string domain;  // any case, U- or A-labels
  bool passed = false;
  bool temporary = false;  // could not be found out
};

struct Question {
  std::vector<std::string> from_domains;  // of all addresses in all From fields; "" for one without a domain
  std::vector<Authenticated> spf;         // MAIL FROM's domain, or HELO's for the null sender; usually one
  std::vector<Authenticated> dkim;        // d= of each signature that vouches for its whole body
};

inline constexpr std::size_t kMostRecordText = 2048;

struct Outcome {
  Result result = Result::None;
  std::string from_domain;          // the author domain, A-labels; "" = there is none, or several
  std::string domain;               // where the record that applies stands; "" = none
  std::string organizational;       // organisational domain of the author domain; "" = could not be found out
  std::string record;               // at most kMostRecordText octets of it, as it came
  std::optional<Policy> published;  // p, sp or np as it applies to this domain
  std::optional<Policy> policy;     // the same after t=y: what is asked for; nullopt without a record
  bool nonexistent = false;         // np counts: the DNS has no such author domain
  bool testing = false;             // t=y
  bool spf_aligned = false;         // passed and aligned
  bool dkim_aligned = false;
  std::string aligned_spf_domain;  // "" = none
  std::string aligned_dkim_domain;
  std::string reason;  // for people: why not pass
};

[[nodiscard]] Task<Outcome> evaluate(Lookups& lookups, Question question);

// The organisational domain of a name by the tree walk (4.10): at most eight queries.
struct Organization {
  std::string domain;
  bool temporary = false;  // could not be found out
};
[[nodiscard]] Task<Organization> organizational_domain(Lookups& lookups, std::string domain);

}  // namespace anechoic::auth::dmarc
