// SPDX-License-Identifier: Apache-2.0
// Names, types and record data as master files write them. Errors: Syntax; what to do, without the line.
// Threads: pure functions.                                                                RFC 1035 5.1; RFC 3597 5
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "wire/dns/name.h"
#include "wire/dns/record.h"
#include "wire/dns/zone_lexer.h"

namespace anechoic::dns {

// `@` is the origin; without a dot at its end a name is relative to it.
[[nodiscard]] Result<Name> parse_zone_name(const ZoneWord& word, const Name& origin);

// The number behind `prefix`, of TYPE99 or CLASS1.
[[nodiscard]] std::optional<std::uint16_t> zone_number(std::string_view text, std::string_view prefix);

// A type that records are kept of; nullopt: any other.
[[nodiscard]] std::optional<Type> parse_zone_type(std::string_view text);

// The words behind the type; also `\# length hexadecimal`. SOA: only checked by check_soa().
[[nodiscard]] Result<Rdata> parse_zone_rdata(Type type, std::span<const ZoneWord> words, const Name& origin);
[[nodiscard]] Result<void> check_soa(std::span<const ZoneWord> words, const Name& origin);

// Seconds, or 1w2d3h4m5s in any order and case. Errors: Syntax (also over 2^31 - 1).                     RFC 2181 8
[[nodiscard]] Result<std::chrono::seconds> parse_ttl(std::string_view text);

}  // namespace anechoic::dns
