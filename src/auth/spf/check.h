// SPDX-License-Identifier: Apache-2.0
// SPF: may this client use that domain in HELO or MAIL FROM? check_host() of RFC 7208 whole: ten look-up terms, two
// void look-ups, macros, redirect, exp; IPv4 and IPv6.
//
// Errors: none; what went wrong is a Result with a `problem`. Text in `explanation`, `record` and `problem` is
// attacker-chosen (printable ASCII, bounded): escape or sanitise it where it is written.
// Lifetime: lookups outlive the Task.   Threads: the Lookups'.                                              RFC 7208
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/lookup/lookups.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/task.h"
#include "mail/address.h"

namespace anechoic::auth::spf {

enum class Result : std::uint8_t { None, Neutral, Pass, Fail, SoftFail, TempError, PermError };
[[nodiscard]] std::string_view to_string(Result result);  // RFC 8601's words: "none", "softfail" ...

enum class Identity : std::uint8_t { MailFrom, Helo };

struct Options {
  unsigned lookup_terms = 10;                   // 4.6.4
  unsigned void_lookups = 2;                    // 4.6.4
  std::string receiver = "unknown";             // %{r}: our host name
  std::string default_explanation = "DEFAULT";  // 6.2: when there is no exp, or it can't be had
};

// Sender of check_host() in pieces, since test suites and forgers have local parts that are no addresses.
struct Question {
  ip::Address client;
  std::string helo;
  std::string local = "postmaster";  // of the identity; "" counts as postmaster
  std::string domain;                // whose record is asked
  Identity identity = Identity::MailFrom;
  WallTime now{};  // %{t}
};
// The MAIL FROM identity, or postmaster@HELO for the null sender (2.4).
[[nodiscard]] Question mail_from_question(const ip::Address& client, std::string helo, const mail::ReversePath& path,
                                          WallTime now);

struct Outcome {
  Result result = Result::None;
  Identity identity = Identity::MailFrom;
  std::string domain;       // that was asked about
  std::string explanation;  // of a Fail: what the domain wants said, or the default
  std::string term;         // the directive that matched, as written; "" = none did
  std::string term_domain;  // in whose record it stands (include, redirect)
  std::string record;       // the record of term_domain
  std::string problem;      // None, TempError, PermError: for people
  unsigned lookup_terms = 0;
  unsigned void_lookups = 0;
};

// The whole check: HELO that is no name, no record, several records ... included.
[[nodiscard]] Task<Outcome> check_host(Lookups& lookups, Question question, Options options);

}  // namespace anechoic::auth::spf
