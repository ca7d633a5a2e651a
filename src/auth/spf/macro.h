// SPDX-License-Identifier: Apache-2.0
// Macro strings of SPF: `%{ir}.%{v}._spf.%{d2}`. Checked once when a record is read, expanded each time they are used.
//
// Errors: Syntax, with a text for people (printable). Any bytes may be checked; only checked ones may be expanded.
// Bounds: an expansion is never longer than its limit plus one value, whatever the string asks for.
// Lifetime: MacroValues refers to its owner's text.   Threads: pure functions.                     RFC 7208 7, RFC 8616
// 4
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"

namespace anechoic::auth::spf {

// Explanation text may have spaces and %{c}, %{r} and %{t} as well; a term may not.
enum class MacroUse : std::uint8_t { Term, Explanation };

struct MacroValues {
  std::string_view local;          // %{l}
  std::string_view sender_domain;  // %{o}; and %{s} is both
  std::string_view domain;         // %{d}
  ip::Address client;              // %{i}, %{v}, %{c}
  std::string_view validated;      // %{p}: the caller finds it out if uses_validated_name(); else "unknown"
  std::string_view helo;           // %{h}
  std::string_view receiver;       // %{r}
  WallTime now{};                  // %{t}
};

inline constexpr std::size_t kMaxTargetName = 253;  // 7.3

[[nodiscard]] anechoic::Result<void> check_macro_string(std::string_view text, MacroUse use);
// A macro string that ends in a macro or in `.toplabel`; never empty.
[[nodiscard]] anechoic::Result<void> check_domain_spec(std::string_view text);

[[nodiscard]] bool uses_validated_name(std::string_view text);

// At most `limit` octets; the rest is cut off.
[[nodiscard]] std::string expand(std::string_view text, const MacroValues& values, std::size_t limit);
// What a domain-spec comes to as a name: without the dot at its end, and with labels taken from its left until it has
// at most 253 octets. Nothing else is checked.
[[nodiscard]] std::string target_name(std::string_view domain_spec, const MacroValues& values);

// The client's address as %{ir} has it, for reverse look-ups: "1.2.0.192", or 32 nibbles.
[[nodiscard]] std::string reversed(const ip::Address& client);

}  // namespace anechoic::auth::spf
