// SPDX-License-Identifier: Apache-2.0
// Our Authentication-Results field from what was found out: spf (smtp.mailfrom, smtp.helo), dkim (header.d, .s, .a, .b
// and the reason), dmarc (header.from; of a fail policy.dmarc, what the domain asks for after t=y), arc. What was not
// asked is not there; nothing asked is "none". The identity of SPF is its domain: SPF does not vouch for a local part.
//
// Bounds: kMostSignatures of the message's signatures, the topmost. Whatever stands in domains and reasons, the text is
// one header field (mail/authentication_results.h).
// Threads: pure.                                                     RFC 8601 2.7, 4; RFC 6008 3; RFC 9989 9.1; RFC
// 8617 10.1
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "auth/evidence.h"
#include "mail/authentication_results.h"

namespace anechoic::auth {

inline constexpr std::size_t kMostSignatures = 20;

[[nodiscard]] mail::AuthenticationResults results_of(const Evidence& evidence, std::string_view authserv_id);
// The same as a field with its last CRLF.
[[nodiscard]] std::string write_results(const Evidence& evidence, std::string_view authserv_id);

}  // namespace anechoic::auth
