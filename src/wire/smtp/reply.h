// SPDX-License-Identifier: Apache-2.0
// An SMTP reply as a value.   RFC 5321 4.2, RFC 2034, RFC 3463
//
// Text may hold several lines, parted by '\n'. Text that came from a peer passes `sanitise` before it is put into a
// Reply for another peer. Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace anechoic::smtp {

// "5.1.1"; class 0 means that the reply has none (greeting, HELO/EHLO, 3xx).
struct EnhancedCode {
  std::uint8_t klass = 0;
  std::uint16_t subject = 0;
  std::uint16_t detail = 0;

  [[nodiscard]] bool present() const { return klass != 0; }
  friend bool operator==(const EnhancedCode&, const EnhancedCode&) = default;
};

struct Reply {
  std::uint16_t code = 0;
  EnhancedCode enhanced;
  std::string text;  // without codes; lines parted by '\n'

  [[nodiscard]] bool positive() const { return code >= 200 && code < 400; }
  [[nodiscard]] bool temporary() const { return code >= 400 && code < 500; }
  [[nodiscard]] bool permanent() const { return code >= 500; }
  friend bool operator==(const Reply&, const Reply&) = default;
};

// The bytes on the wire: "550 5.1.1 text\r\n", hyphens on all lines but the last, no line longer than
// limits::kReplyLine, controls and octets above 126 replaced by '?' (kept if `utf8`).
void append_wire(std::string& out, const Reply& reply, bool utf8 = false);
[[nodiscard]] std::string to_wire(const Reply& reply, bool utf8 = false);

// One line for logs and journal: "550 5.1.1 text", lines joined by " / ".
[[nodiscard]] std::string to_string(const Reply& reply);

// A backend's reply made fit for our client: class kept; codes outside 2xx..5xx or unknown to RFC 5321 replaced by the
// generic one of their class (250, 354, 451, 554); an enhanced code of another class replaced, a missing one
// synthesised from the code; text cut to 5 lines of 400 octets, controls removed. Never empty. 421 becomes 451: it is
// about the backend's connection, and would close the client's.
[[nodiscard]] Reply sanitise(const Reply& reply);

// The enhanced code that RFC 3463/5248 give for a basic code: 250 -> 2.0.0, 550 -> 5.0.0 and so on.
[[nodiscard]] EnhancedCode default_enhanced(std::uint16_t code);

// "5.1.1" and nothing else.
[[nodiscard]] Result<EnhancedCode> parse_enhanced(std::string_view text);

}  // namespace anechoic::smtp
