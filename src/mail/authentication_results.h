// SPDX-License-Identifier: Apache-2.0
// Authentication-Results: what a server found out about a message, in a header field. Reading others', writing ours,
// and telling which of those that arrive claim to be ours.
//
// Values are decoded: without quotes, comments and folds. Methods, results, property types and names are in lower case.
// Errors: Syntax, Limit (kMostResults). Any bytes may be parsed; linear time.   Threads: values.
//                                                                                     RFC 8601 2.2, 5; RFC 6008 3
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace anechoic::mail {

struct AuthenticationResults {
  struct Property {
    std::string type;  // "smtp", "header", "policy", "body" ...
    std::string name;  // "mailfrom", "d" ...
    std::string value;
    friend bool operator==(const Property&, const Property&) = default;
  };
  struct Result {
    std::string method;
    unsigned version = 1;  // of the method
    std::string result;
    std::string reason{};  // "" = none
    std::vector<Property> properties{};
    friend bool operator==(const Result&, const Result&) = default;
  };

  static constexpr unsigned kVersion = 1;
  static constexpr std::size_t kMostResults = 256;

  std::string authserv_id;
  unsigned version = kVersion;    // another one: `results` is empty, for nobody knows how to read them (2.6)
  std::vector<Result> results{};  // empty: "none"
  friend bool operator==(const AuthenticationResults&, const AuthenticationResults&) = default;
};

// Lenient: values without the quotes that they need (header.b=a/b, smtp.remote-ip=2001:db8::1), empty values, `_` in
// names and a semicolon at the end are taken, too.
enum class Reading : std::uint8_t { Strict, Lenient };

// `value`: of the field, as it came.                                                                            2.2
[[nodiscard]] anechoic::Result<AuthenticationResults> parse_authentication_results(std::string_view value,
                                                                                   Reading reading);

// The whole field, folded, with its last CRLF; ASCII. Whatever stands in a value, no other field can come of it, and
// what is written parses: values that are no tokens are quoted, controls and non-ASCII become `?`, names that are no
// keywords lose what does not belong. Bounds: kMostValue octets of a value, kMostWritten results; more are left out.
inline constexpr std::size_t kMostValue = 255;
inline constexpr std::size_t kMostWritten = 32;
[[nodiscard]] std::string write_authentication_results(const AuthenticationResults& results);

// Must a field with this value be deleted when it arrives from outside? It is, if it has a version that is not known,
// or claims to be ours: its authserv-id is one of `names`, or a sub- or parent domain of one. Read as a careless
// reader might, too: comments before the first semicolon count, and of a field that can't be parsed every word does.
// `names`: any case; of an internationalised domain give both forms.                                              5
[[nodiscard]] bool claims_to_be_ours(std::string_view value, std::span<const std::string> names);

}  // namespace anechoic::mail
