// SPDX-License-Identifier: Apache-2.0
// What the tags of our own making share: MACs in base32, which is safe in local parts and header fields and survives
// any folding of case.   Threads: pure functions.                                                        RFC 4648 6
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "crypto/secret.h"
#include "mail/address.h"

namespace anechoic::mail::tags {

// Lower case, without padding.
[[nodiscard]] std::string base32(std::string_view octets);
// 0 to 31 for a character of either case, else -1.
[[nodiscard]] int base32_value(char c);
[[nodiscard]] char base32_digit(unsigned value);  // modulo 32, lower case
[[nodiscard]] bool is_base32(std::string_view text);

// The first `bits` (a multiple of 8) of HMAC-SHA256 over `purpose` and `text`, in base32. The purpose keeps a MAC made
// for one thing from being good for another if both have the same key; it holds no line end.
[[nodiscard]] std::string mac32(const crypto::Secret& key, std::string_view purpose, std::string_view text,
                                std::size_t bits);

// May an SMTP path carry it: 64 octets of local part, with its quotes, and 256 in all?          RFC 5321 4.5.3.1
[[nodiscard]] bool fits_a_path(const Mailbox& mailbox);

}  // namespace anechoic::mail::tags
