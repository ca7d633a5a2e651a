// SPDX-License-Identifier: Apache-2.0
// The "Name: value" lines of a machine-readable report part, read as the world writes them: groups without an empty
// line between them, recipients' fields before or without the message's, continuation lines that are not indented,
// fields quoted with "> ", addresses without a type or in other clothes.
//
// Total, linear, bounded by kMaxRecipients.   Threads: values.            RFC 3464 2, RFC 6533 3, RFC 5965 3, RFC 8098
// 3
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/dsn/bounce.h"

namespace anechoic::mail::dsn {

struct ReportField {
  std::string name;        // lower case
  std::string value;       // unfolded, one line
  bool new_group = false;  // an empty line stands before it
};
[[nodiscard]] std::vector<ReportField> read_report_fields(std::string_view text);

struct StatusRecipient {
  std::string final;            // bare; "" = not said
  std::string original;         // bare
  std::string action;           // lower case, first word
  std::string status;           // "5.1.1" or ""
  std::string diagnostic_type;  // lower case: "smtp", "x-unix"
  std::string diagnostic;
  std::string remote_mta;
  std::string category;  // X-PowerMTA-BounceCategory
};

struct DeliveryStatus {
  std::string reporting_mta;
  std::string arrival;  // a date as written
  std::string envelope_id;
  std::vector<StatusRecipient> recipients;
};
[[nodiscard]] DeliveryStatus read_delivery_status(std::string_view text);

// "failed (permanently)" is Action::Failed; what is none of RFC 3464 2.3.3 is Unknown.
[[nodiscard]] Action action_from(std::string_view word);

// The value behind "type;", trimmed: of "dns; mx.example.org", "rfc822;<a@b>".
[[nodiscard]] std::string_view without_type(std::string_view value);

}  // namespace anechoic::mail::dsn
