// SPDX-License-Identifier: Apache-2.0
// Keyed message authentication codes, and the comparison that they need.
// Errors: none (OpenSSL's own failure to allocate throws std::bad_alloc).   Threads: pure functions.           RFC 2104
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/secret.h"

namespace anechoic::crypto {

enum class MacHash : std::uint8_t { Sha1, Sha256 };  // SHA-1 only where a foreign form asks for it

// 20 or 32 octets.
[[nodiscard]] std::string hmac(MacHash hash, const Secret& key, std::string_view text);

// In a time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace anechoic::crypto
