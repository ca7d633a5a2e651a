// SPDX-License-Identifier: Apache-2.0
// One way through all shapes: find the parts that speak, read the machine's part, read the text beside it or instead of
// it, take the original, then weigh what was said of each recipient.
//
// Bounds: kMaxRecipients; kMaxText, kMaxField and kMaxAddress octets a string (text_tools.h); kTextBytes of text and
// kStatusBytes of a report part are looked at.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "mail/date.h"
#include "mail/dsn/bounce.h"
#include "mail/dsn/dialect.h"
#include "mail/dsn/original.h"
#include "mail/dsn/other_reports.h"
#include "mail/dsn/refine.h"
#include "mail/dsn/report_fields.h"
#include "mail/dsn/text_tools.h"
#include "mail/header_address.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kTextBytes = 64 * 1024;
constexpr std::size_t kStatusBytes = 128 * 1024;
constexpr std::size_t kTextParts = 4;

bool is_status(const ContentType& type) {
  return type.type == "message" && (type.subtype == "delivery-status" || type.subtype == "global-delivery-status");
}

bool is_disposition(const ContentType& type) {
  return type.type == "message" &&
         (type.subtype == "disposition-notification" || type.subtype == "global-disposition-notification");
}

Action action_from(std::string_view word) {
  if (word.starts_with("fail")) return Action::Failed;
  if (word.starts_with("delay")) return Action::Delayed;
  if (word.starts_with("deliver")) return Action::Delivered;
  if (word.starts_with("relay")) return Action::Relayed;
  if (word.starts_with("expand")) return Action::Expanded;
  return Action::Unknown;
}

// The parts of the report itself, not of the message in it.
struct Speaking {
  std::vector<std::size_t> status;
  std::vector<std::size_t> text;  // plain first
  std::size_t disposition = Part::kNone;
  std::size_t feedback = Part::kNone;
  std::size_t original = Part::kNone;
};

Speaking find_parts(const Message& message) {
  Speaking found;
  std::vector<std::size_t> html;
  for (std::size_t i = 0; i < message.parts.size(); ++i) {
    const Part& part = message.parts[i];
    if (part.inside_message) continue;
    if (is_status(part.type)) {
      found.status.push_back(i);
    } else if (is_disposition(part.type)) {
      found.disposition = i;
    } else if (part.type.is("message", "feedback-report")) {
      found.feedback = i;
    } else if (i > 0 && is_returned_message(part.type)) {
      if (found.original == Part::kNone) found.original = i;
    } else if (part.type.is("text", "plain")) {
      if (found.text.size() < kTextParts) found.text.push_back(i);
    } else if (part.type.is("text", "html")) {
      if (html.size() < kTextParts) html.push_back(i);
    }
  }
  found.text.insert(found.text.end(), html.begin(), html.end());
  return found;
}

class Reader {
 public:
  explicit Reader(const Message& message) : message_(message), parts_(find_parts(message)) {}

  Bounce read() {
    if (parts_.feedback != Part::kNone) {
      complaint();
    } else if (!parts_.status.empty()) {
      report();
    } else if (!other_report()) {
      notice();
    }
    bounce_.action = worst_action(bounce_);
    return std::move(bounce_);
  }

 private:
  [[nodiscard]] bool is_report() const { return message_.parts.front().type.is("multipart", "report"); }

  void complaint() {
    bounce_.shape = is_report() ? Shape::Report : Shape::Broken;
    bounce_.dialect = "rfc5965";
    const Bounce said = [&] {
      Bounce fields;
      read_feedback(decode_body(message_.parts[parts_.feedback], kStatusBytes), fields);
      return fields;
    }();
    bounce_ = said;
    bounce_.shape = is_report() ? Shape::Report : Shape::Broken;
    bounce_.dialect = "rfc5965";
    take_from_part();
    if (!said.original.envelope_from.empty()) bounce_.original.envelope_from = said.original.envelope_from;
    if (bounce_.recipients.empty()) name_recipient_by_original(Action::Unknown);
    for (Recipient& recipient : bounce_.recipients) recipient.reason = Reason::Feedback;
  }

  void report() {
    bounce_.type = ReportType::Delivery;
    bounce_.shape = is_report() ? Shape::Report : Shape::Broken;
    bounce_.dialect = "rfc3464";
    for (const std::size_t i : parts_.status) take_status(decode_body(message_.parts[i], kStatusBytes));
    read_text(true);
    take_from_part();
    if (!bounce_.has_original && text_part_ != Part::kNone && reading_)
      static_cast<void>(take_original_from_text(message_.parts[text_part_], reading_->original_line, bounce_));
    if (bounce_.recipients.empty()) {
      bounce_.shape = Shape::Broken;
      take_reading();
    } else {
      weigh_report();
    }
  }

  // Receipts and aggregates.
  bool other_report() {
    if (parts_.disposition != Part::kNone) {
      // A refusal by Sieve comes dressed as a receipt.   RFC 5429 2.1.1
      read_text(false);
      if (reading_ && reading_->name == "sieve-reject") {
        bounce_.shape = Shape::Broken;
        take_reading();
        take_from_part();
        return true;
      }
      read_disposition(decode_body(message_.parts[parts_.disposition], kStatusBytes), bounce_);
      const std::string message_id = bounce_.original.message_id;
      bounce_.shape = is_report() ? Shape::Report : Shape::Broken;
      bounce_.dialect = "rfc8098";
      take_from_part();
      if (!message_id.empty()) bounce_.original.message_id = message_id;
      return true;
    }
    bounce_.type = aggregate_type(message_);
    if (bounce_.type == ReportType::None) return false;
    bounce_.shape = Shape::Report;
    bounce_.dialect = bounce_.type == ReportType::TlsReport ? "rfc8460" : "rfc7489";
    return true;
  }

  void notice() {
    const bool possible = may_be_notice(message_.header());
    if (!possible && !is_report()) return;
    if (fields_in_text()) return;
    read_text(true);
    if (!reading_) return;
    bounce_.shape = is_report() ? Shape::Broken : Shape::Dialect;
    take_from_part();
    if (!bounce_.has_original && text_part_ != Part::kNone)
      static_cast<void>(take_original_from_text(message_.parts[text_part_], reading_->original_line, bounce_));
    take_reading();
  }

  // The fields of a delivery status, but in a text.
  bool fields_in_text() {
    for (const std::size_t i : parts_.text) {
      const std::string text = decode_text(message_.parts[i], kTextBytes);
      const std::string folded = ascii::lower(text);
      const std::size_t at = std::min(
          {folded.find("\nfinal-recipient:"), folded.find("\noriginal-recipient:"), folded.find("\nreporting-mta:")});
      if (at == std::string::npos || !folded.contains("\nfinal-recipient:")) continue;
      take_status(std::string_view(text).substr(at + 1));
      if (bounce_.recipients.empty()) continue;
      bounce_.type = ReportType::Delivery;
      bounce_.shape = Shape::Broken;
      bounce_.dialect = "rfc3464";
      read_text(true);
      take_from_part();
      if (!bounce_.has_original)
        static_cast<void>(take_original_from_text(message_.parts[i], std::string_view::npos, bounce_));
      weigh_report();
      return true;
    }
    return false;
  }

  void take_status(std::string_view text) {
    const DeliveryStatus status = read_delivery_status(text);
    if (bounce_.reporting_mta.empty()) bounce_.reporting_mta = status.reporting_mta;
    if (bounce_.envelope_id.empty()) bounce_.envelope_id = status.envelope_id;
    if (!bounce_.arrival && !status.arrival.empty()) bounce_.arrival = parse_date(status.arrival);
    for (const StatusRecipient& said : status.recipients) {
      if (bounce_.recipients.size() == kMaxRecipients) return;
      Recipient recipient;
      recipient.final = said.final;
      recipient.original = said.original;
      recipient.action = action_from(said.action);
      recipient.status = said.status;
      recipient.diagnostic = said.diagnostic;
      recipient.remote_mta = said.remote_mta;
      if (recipient.action == Action::Unknown)
        recipient.action = said.status.starts_with('2') ? Action::Delivered : Action::Failed;
      bounce_.recipients.push_back(std::move(recipient));
    }
  }

  // The dialect of the first text that has one.
  void read_text(bool anything) {
    for (const std::size_t i : parts_.text) {
      const Part& part = message_.parts[i];
      const bool html = part.type.subtype == "html";
      std::string text = decode_text(part, kTextBytes);
      if (html) text = html_to_text(text, kTextBytes);
      auto reading = read_dialect(message_.header(), text, anything);
      if (!reading) continue;
      const bool better = !reading_ || (reading_->recipients.empty() && !reading->recipients.empty());
      if (!better) continue;
      reading_ = std::move(reading);
      text_part_ = html ? Part::kNone : i;
      if (!reading_->recipients.empty()) return;
    }
  }

  void take_from_part() {
    if (parts_.original != Part::kNone) static_cast<void>(take_original(message_.parts[parts_.original], bounce_));
  }

  // Codes and reasons of a report, with the words of its text for people.
  void weigh_report() {
    for (Recipient& recipient : bounce_.recipients) {
      const DialectRecipient* spoken = nullptr;
      if (reading_) {
        for (const DialectRecipient& candidate : reading_->recipients) {
          if (ascii::iequals(candidate.address, recipient.final) ||
              ascii::iequals(candidate.address, recipient.original))
            spoken = &candidate;
        }
        if (spoken == nullptr && bounce_.recipients.size() == 1 && reading_->recipients.size() == 1)
          spoken = &reading_->recipients.front();
      }
      weigh(recipient, spoken);
    }
  }

  void weigh(Recipient& recipient, const DialectRecipient* spoken) {
    const std::string before = reading_ ? reading_->before : std::string();
    std::string around = reading_ ? reading_->after : std::string();
    append_line(around, before);
    std::string phase = spoken != nullptr ? phase_of(spoken->context + " " + spoken->diagnostic) : std::string();
    if (phase.empty()) phase = phase_of(around);
    const std::string prose = spoken != nullptr ? spoken->diagnostic : std::string();
    refine(recipient, {.diagnostic = recipient.diagnostic, .prose = prose, .phase = phase, .around = around});
    if (recipient.diagnostic.empty()) recipient.diagnostic = one_line(prose.empty() ? around : prose, kMaxText);
    if (spoken != nullptr && recipient.remote_mta.empty()) recipient.remote_mta = spoken->host;
    if (spoken != nullptr && recipient.original.empty()) recipient.original = spoken->original;
  }

  // What the text alone tells.
  void take_reading() {
    if (!reading_) return;
    if (bounce_.dialect.empty()) bounce_.dialect = reading_->name;
    bounce_.type = reading_->type;
    bounce_.feedback_type = reading_->feedback_type;
    for (const DialectRecipient& spoken : reading_->recipients) {
      Recipient recipient = recipient_of(spoken.address);
      recipient.diagnostic = spoken.diagnostic;
      weigh(recipient, &spoken);
      bounce_.recipients.push_back(std::move(recipient));
    }
    if (bounce_.recipients.empty()) name_recipients_by_header();
    if (bounce_.recipients.empty()) name_recipient_by_original(reading_->action);
  }

  [[nodiscard]] Recipient recipient_of(std::string address) const {
    Recipient recipient;
    recipient.final = std::move(address);
    recipient.action = reading_->type == ReportType::Feedback ? Action::Unknown : reading_->action;
    if (reading_->reason) recipient.reason = *reading_->reason;
    if (reading_->type == ReportType::Feedback) recipient.reason = Reason::Feedback;
    return recipient;
  }

  void name_recipients_by_header() {
    const Field* field = message_.header().find("X-Failed-Recipients");
    if (field == nullptr) return;
    std::string_view value = field->value;
    for (std::size_t at = 0; bounce_.recipients.size() < kMaxRecipients;) {
      const auto found = find_address(value, at);
      if (!found) break;
      at = found->end;
      Recipient recipient = recipient_of(one_line(found->address, kMaxAddress));
      weigh(recipient, nullptr);
      bounce_.recipients.push_back(std::move(recipient));
    }
  }

  // Nobody says who failed: then it was the one to whom the original went, which is not proved.
  void name_recipient_by_original(Action action) {
    Recipient recipient;
    recipient.original = bounce_.original.to;
    recipient.action = action;
    if (reading_ && reading_->reason) recipient.reason = *reading_->reason;
    if (bounce_.type == ReportType::Feedback) recipient.reason = Reason::Feedback;
    if (bounce_.type == ReportType::Delivery) weigh(recipient, nullptr);
    bounce_.recipients.push_back(std::move(recipient));
  }

  static std::string phase_of(std::string_view text);

  const Message& message_;
  Speaking parts_;
  Bounce bounce_;
  std::optional<DialectReading> reading_;
  std::size_t text_part_ = Part::kNone;
};

std::string Reader::phase_of(std::string_view text) {
  constexpr std::array<std::string_view, 14> kPhases{"in reply to end of data command",
                                                     "in reply to data command",
                                                     "after end of data",
                                                     "failed after i sent the message",
                                                     ">>> data",
                                                     "after pipelined data",
                                                     "after sending data",
                                                     "-------smtp command data",
                                                     "in reply to rcpt to command",
                                                     "after rcpt to",
                                                     ">>> rcpt to",
                                                     "in reply to mail from command",
                                                     "after mail from",
                                                     ">>> mail from"};
  const std::string folded = ascii::lower(text);
  std::string phase;
  for (const std::string_view known : kPhases) {
    if (folded.contains(known)) append_line(phase, known);
  }
  return phase;
}

}  // namespace

Bounce read_report(const Message& message) {
  return Reader(message).read();
}

std::string_view to_string(Action action) {
  switch (action) {
    case Action::Failed:
      return "failed";
    case Action::Delayed:
      return "delayed";
    case Action::Delivered:
      return "delivered";
    case Action::Relayed:
      return "relayed";
    case Action::Expanded:
      return "expanded";
    case Action::Unknown:
      break;
  }
  return "";
}

}  // namespace anechoic::mail::dsn
