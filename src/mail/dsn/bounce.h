// SPDX-License-Identifier: Apache-2.0
// What a bounce, receipt or report says: the one reader that every door uses.
//
// read_report() looks at a scanned message and says what it reports, whichever dialect it is written in: RFC 3464/6533
// reports in their real-world shapes, RFC 8098 receipts, RFC 5965 feedback, and the dialects without a report
// (data/bounce_dialects.toml). It does not judge whether the message is genuine, nor what kind it is: it says how sure
// the *shape* is (Shape), the classifier weighs that.
//
// Total and pure; every string is bounded (limits in reader.cc) and may hold a stranger's text. Addresses are bare.
// Lifetime: `returned_headers` is a view into the message's bytes unless it had to be decoded (`owned_headers`).
// Threads: values.                              RFC 3461, 3462/6522, 3463, 3464, 5965, 6533, 8098, 8460
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "mail/dsn/reason.h"
#include "mail/mime/message.h"
#include "mail/received_trace.h"

namespace anechoic::mail::dsn {

enum class ReportType : std::uint8_t {
  None,
  Delivery,     // dsn
  Disposition,  // mdn
  Feedback,     // ARF
  AggregateDmarc,
  TlsReport,
};

enum class Shape : std::uint8_t {
  None,     // no sign of a report
  Dialect,  // a known mailer's bounce text, without a machine-readable part
  Broken,   // a report part, but not where or how the RFC says
  Report,   // multipart/report with its machine-readable part
};

enum class Action : std::uint8_t { Unknown, Failed, Delayed, Delivered, Relayed, Expanded };
[[nodiscard]] std::string_view to_string(Action action);  // "failed" ...; Unknown: ""

struct Recipient {
  std::string final;     // bare address; "" = not said
  std::string original;  // Original-Recipient, else X-Actual-Recipient and kin; "" = not said
  Action action = Action::Unknown;
  std::string status;                 // "5.1.1"; the most telling of field, reply text and reason; "" = not known
  std::string reply_code;             // "550"; "" = not known
  Reason reason = Reason::Undefined;  // Delivered where it succeeded
  std::optional<bool> hard;           // the address itself is at fault, see is_hard(); nothing where nothing failed
  std::string diagnostic;             // the text that says why, one line, UTF-8
  std::string remote_mta;             // who refused it, bare name; "" = not said
};

// The message that is answered, as far as the report returns or names it.
struct Original {
  std::string message_id;     // with < and >
  std::string from;           // bare
  std::string envelope_from;  // bare; Return-Path or X-Envelope-From of the returned headers, or what the text says
  std::string to;             // bare, first of To
  std::string subject;        // decoded
  std::optional<WallTime> date;
  std::vector<Hop> trace;  // all Received fields
};

struct Bounce {
  ReportType type = ReportType::None;
  Shape shape = Shape::None;
  Action action = Action::Unknown;  // the worst of the recipients'
  std::string dialect;        // name of the data/bounce_dialects.toml entry that read it, or "rfc3464" ...; "" none
  std::string reporting_mta;  // bare name
  std::optional<WallTime> arrival;
  std::string envelope_id;            // Original-Envelope-Id
  std::vector<Recipient> recipients;  // at most kMaxRecipients
  std::string feedback_type;          // ARF: abuse, fraud ... ; MDN: the disposition
  bool has_original = false;          // headers of an original were returned
  Original original;
  std::string_view returned_headers;  // raw bytes of the returned header block; empty = none
  std::string owned_headers;          // holds them where they had to be decoded

  [[nodiscard]] std::string_view raw_original_headers() const {
    return owned_headers.empty() ? returned_headers : std::string_view(owned_headers);
  }
};

inline constexpr std::size_t kMaxRecipients = 200;

[[nodiscard]] Bounce read_report(const Message& message);

}  // namespace anechoic::mail::dsn
