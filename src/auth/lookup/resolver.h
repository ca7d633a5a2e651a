// SPDX-License-Identifier: Apache-2.0
// The port to the DNS. CNAMEs are followed by the adapter; what comes back is of the type that was asked for.
//
// "There is none" and "could not be found out" are told apart, and nothing is an error: a failed look-up is an Answer,
// too. Adapters: outside/dns (libunbound behind a cache), outside/dns/zone_resolver (master files), and
// testing/fake_resolver.
// Threads: one object per thread; callbacks come on it, at once or later, exactly once, never after the deadline by
// more than a second. Lifetime: an adapter that goes answers all open questions with TemporaryFailure first,
// and so those that are asked meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wire/dns/name.h"
#include "wire/dns/record.h"

namespace anechoic::auth {

struct Question {
  dns::Name name;
  dns::Type type = dns::Type::A;
  friend bool operator==(const Question&, const Question&) = default;
};

enum class Found : std::uint8_t {
  Records,           // at least one
  NoRecords,         // the name exists, without such records (NODATA)
  NoSuchName,        // NXDOMAIN
  TemporaryFailure,  // SERVFAIL, REFUSED, lame servers, CNAME loop, DNSSEC bogus, adapter is leaving
  Timeout,           // no answer in time
  OverBudget,        // not asked: the message's share of queries or time is used up (auth/lookup/lookups.h)
};
[[nodiscard]] std::string_view to_string(Found found);   // "records", "no such name" ...: for people
[[nodiscard]] constexpr bool is_definite(Found found) {  // is it the DNS that said so?
  return found == Found::Records || found == Found::NoRecords || found == Found::NoSuchName;
}

struct Answer {
  Found found = Found::TemporaryFailure;
  std::vector<dns::Rdata> records;  // in the order of the answer
  std::chrono::seconds ttl{0};      // how long it may be kept from when it came (a cache hands it on as it was)
  bool authentic = false;           // DNSSEC: validated, also a proof of absence
  std::string detail{};             // of a failure: for people, e.g. "SERVFAIL", "bogus"
};
using SharedAnswer = std::shared_ptr<const Answer>;

class Resolver {
 public:
  using Callback = std::move_only_function<void(SharedAnswer)>;  // never null
  virtual ~Resolver() = default;
  virtual void resolve(const Question& question, SteadyTime deadline, Callback callback) = 0;
};

}  // namespace anechoic::auth
