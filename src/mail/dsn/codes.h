// SPDX-License-Identifier: Apache-2.0
// The SMTP reply code and the enhanced status that a diagnostic holds.
//
// A number is a reply code where it stands as one: at the beginning, behind "said:", "<<<" and the like, or before an
// enhanced status; elsewhere only if it is one of the codes that exist and stands free.
// Total, linear.   Threads: pure functions.                                                  RFC 5321 4.2, RFC 3463
#pragma once

#include <string>
#include <string_view>

namespace anechoic::mail::dsn {

struct Codes {
  std::string reply_code;  // "550"; "" = none
  std::string status;      // "5.1.1"; "" = none
};

[[nodiscard]] Codes find_codes(std::string_view text);
// "5.1.1" with whatever stands around it, as a Status field writes it; "" = none.
[[nodiscard]] std::string find_status(std::string_view text);
// x.0.0 says nothing but its class.
[[nodiscard]] bool is_vague(std::string_view status);

}  // namespace anechoic::mail::dsn
