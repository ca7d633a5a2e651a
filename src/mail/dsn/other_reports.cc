// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/other_reports.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "mail/date.h"
#include "mail/dsn/report_fields.h"
#include "mail/dsn/text_tools.h"

namespace anechoic::mail::dsn {
namespace {

std::string file_name(const Part& part) {
  const std::string_view named = part.type.parameter("name");
  if (!named.empty()) return ascii::lower(named);
  const std::string disposition = part.header.value("Content-Disposition");
  if (disposition.empty()) return {};
  return ascii::lower(
      parse_content_type("x/x" + disposition.substr(std::min(disposition.find(';'), disposition.size())))
          .parameter("filename"));
}

// "receiver!domain!begin!end[!id].xml[.gz]" or ".zip"   RFC 7489 7.2.1.1
bool is_aggregate_name(std::string_view name) {
  const bool ending =
      name.ends_with(".zip") || name.ends_with(".xml") || name.ends_with(".gz") || name.ends_with(".gzip");
  return ending && std::ranges::count(name, '!') >= 3;
}

bool is_archive(const ContentType& type) {
  return type.type == "application" &&
         (type.subtype == "gzip" || type.subtype == "zip" || type.subtype == "xml" || type.subtype == "x-gzip" ||
          type.subtype == "x-zip-compressed" || type.subtype == "x-zip" || type.subtype == "octet-stream" ||
          type.subtype == "gzip-compressed");
}

void set_if_empty(std::string& into, std::string value) {
  if (into.empty()) into = std::move(value);
}

}  // namespace

void read_disposition(std::string_view text, Bounce& bounce) {
  Recipient recipient;
  for (const ReportField& field : read_report_fields(text)) {
    if (field.name == "final-recipient") {
      recipient.final = address_of(without_type(field.value));
    } else if (field.name == "original-recipient") {
      recipient.original = address_of(without_type(field.value));
    } else if (field.name == "original-message-id") {
      set_if_empty(bounce.original.message_id, one_line(field.value));
    } else if (field.name == "reporting-ua") {
      set_if_empty(bounce.reporting_mta, one_line(field.value.substr(0, field.value.find(';'))));
    } else if (field.name == "disposition") {
      const std::size_t semicolon = field.value.find(';');
      std::string_view what = std::string_view(field.value).substr(semicolon == std::string::npos ? 0 : semicolon + 1);
      what = ascii::trim(what.substr(0, what.find_first_of("/ ,;")));
      bounce.feedback_type = one_line(ascii::lower(trim_all(field.value).empty() ? ""
                                                   : what.empty() ? ascii::trim(field.value.substr(semicolon + 1))
                                                                  : what));
    }
  }
  if (bounce.feedback_type.contains('/')) bounce.feedback_type.resize(bounce.feedback_type.find('/'));
  bounce.type = ReportType::Disposition;
  if (!recipient.final.empty() || !recipient.original.empty()) bounce.recipients.push_back(std::move(recipient));
}

void read_feedback(std::string_view text, Bounce& bounce) {
  bounce.type = ReportType::Feedback;
  for (const ReportField& field : read_report_fields(text)) {
    if (field.name == "feedback-type") {
      set_if_empty(bounce.feedback_type, ascii::lower(one_line(field.value)));
    } else if (field.name == "original-rcpt-to" && bounce.recipients.size() < kMaxRecipients) {
      const std::string address = address_of(field.value);
      if (!address.empty()) {
        Recipient recipient;
        recipient.final = address;
        recipient.reason = Reason::Feedback;
        bounce.recipients.push_back(std::move(recipient));
      }
    } else if (field.name == "original-mail-from") {
      set_if_empty(bounce.original.envelope_from, address_of(field.value));
    } else if (field.name == "reporting-mta") {
      set_if_empty(bounce.reporting_mta, one_line(without_type(field.value)));
    } else if (field.name == "original-envelope-id") {
      set_if_empty(bounce.envelope_id, one_line(field.value));
    } else if ((field.name == "arrival-date" || field.name == "received-date") && !bounce.arrival) {
      bounce.arrival = parse_date(field.value);
    }
  }
}

ReportType aggregate_type(const Message& message) {
  const ContentType& top = message.parts.front().type;
  if (ascii::iequals(top.parameter("report-type"), "tlsrpt")) return ReportType::TlsReport;
  for (const Part& part : message.parts) {
    if (part.inside_message) continue;
    if (part.type.type == "application" && part.type.subtype.starts_with("tlsrpt+")) return ReportType::TlsReport;
    if (is_archive(part.type) && is_aggregate_name(file_name(part))) return ReportType::AggregateDmarc;
  }
  const std::string subject = ascii::lower(message.header().value("Subject").substr(0, 512));
  const bool named =
      subject.contains("report domain:") && (subject.contains("submitter:") || subject.contains("report-id:"));
  const bool holds_archive = std::ranges::any_of(
      message.parts, [](const Part& part) { return !part.inside_message && is_archive(part.type); });
  if (!named || !holds_archive) return ReportType::None;
  return message.header().has("TLS-Report-Domain") ? ReportType::TlsReport : ReportType::AggregateDmarc;
}

}  // namespace anechoic::mail::dsn
