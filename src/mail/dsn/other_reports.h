// SPDX-License-Identifier: Apache-2.0
// Reports that are no bounces: read receipts, complaints, DMARC and TLS reports.
// Total, linear.   Threads: pure functions.                                       RFC 8098, RFC 5965, RFC 7489, RFC
// 8460
#pragma once

#include <string_view>

#include "mail/dsn/bounce.h"
#include "mail/mime/message.h"

namespace anechoic::mail::dsn {

// Fill type, feedback_type, recipients and what the fields say of the original, from the text of the part.
void read_disposition(std::string_view text, Bounce& bounce);
void read_feedback(std::string_view text, Bounce& bounce);

// DMARC aggregates and TLS reports are known by their shape: types, names of attachments, the subject.
[[nodiscard]] ReportType aggregate_type(const Message& message);

}  // namespace anechoic::mail::dsn
