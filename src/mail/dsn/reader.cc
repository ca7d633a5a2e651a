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
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "mail/date.h"
#include "mail/dsn/bounce.h"
#include "mail/dsn/dialect.h"
#include "mail/dsn/original.h"
#include "mail/dsn/other_reports.h"
#include "mail/dsn/parts.h"
#include "mail/dsn/refine.h"
#include "mail/dsn/report_fields.h"
#include "mail/dsn/text_tools.h"

namespace anechoic::mail::dsn {
namespace {

constexpr std::size_t kTextBytes = 64 * 1024;
constexpr std::size_t kStatusBytes = 128 * 1024;
constexpr std::size_t kWrappedBytes = 1024 * 1024;

class Reader {
 public:
  Reader(const Message& message, bool wrapped)
      : message_(message), parts_(find_speaking_parts(message)), wrapped_(wrapped) {}

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
  void complaint() {
    read_feedback(decode_body(message_.parts[parts_.feedback], kStatusBytes), bounce_);
    const std::string envelope_from = bounce_.original.envelope_from;
    bounce_.shape = is_report(message_) ? Shape::Report : Shape::Broken;
    bounce_.dialect = "rfc5965";
    take_part();
    if (!envelope_from.empty()) bounce_.original.envelope_from = envelope_from;
    if (bounce_.recipients.empty()) add_unnamed();
  }

  void report() {
    bounce_.type = ReportType::Delivery;
    bounce_.shape = is_report(message_) ? Shape::Report : Shape::Broken;
    bounce_.dialect = "rfc3464";
    for (const std::size_t i : parts_.status) take_status(decode_body(message_.parts[i], kStatusBytes));
    read_text();
    take_original();
    if (!bounce_.recipients.empty()) return weigh_report();
    bounce_.shape = Shape::Broken;
    take_reading();
    if (bounce_.recipients.empty()) add_unnamed();
  }

  // Receipts and aggregates.
  bool other_report() {
    if (parts_.disposition != Part::kNone) {
      receipt();
      return true;
    }
    bounce_.type = aggregate_type(message_);
    if (bounce_.type == ReportType::None) return false;
    bounce_.shape = Shape::Report;
    bounce_.dialect = bounce_.type == ReportType::TlsReport ? "rfc8460" : "rfc7489";
    return true;
  }

  void receipt() {
    // A refusal by Sieve comes dressed as a receipt.   RFC 5429 2.1.1
    read_text();
    if (reading_ && reading_->name == "sieve-reject") {
      bounce_.shape = Shape::Broken;
      take_original();
      take_reading();
      return;
    }
    read_disposition(decode_body(message_.parts[parts_.disposition], kStatusBytes), bounce_);
    const std::string message_id = bounce_.original.message_id;
    bounce_.shape = is_report(message_) ? Shape::Report : Shape::Broken;
    bounce_.dialect = "rfc8098";
    take_part();
    if (!message_id.empty()) bounce_.original.message_id = message_id;
  }

  void notice() {
    if (!is_report(message_) && !notice_header().may_be_notice()) return;
    if (fields_in_text()) return;
    read_text();
    if (!reading_ || reading_->recipients.empty()) {
      if (unwrap()) return;
    }
    if (!reading_) return;
    bounce_.shape = is_report(message_) ? Shape::Broken : Shape::Dialect;
    take_original();
    take_reading();
  }

  const NoticeHeader& notice_header() {
    if (!notice_header_) notice_header_.emplace(message_.header());
    return *notice_header_;
  }

  // The texts as people read them; decoded once.
  const std::vector<std::string>& texts() {
    if (!texts_.empty()) return texts_;
    for (const std::size_t i : parts_.text) texts_.push_back(text_of(message_.parts[i], kTextBytes));
    return texts_;
  }

  // The fields of a delivery status, but in a text.
  bool fields_in_text() {
    for (std::size_t i = 0; i < texts().size(); ++i) {
      const std::string& text = texts()[i];
      if (!text.contains("ecipient:")) continue;
      const std::string folded = ascii::lower(text);
      if (!folded.contains("\nfinal-recipient:")) continue;
      const std::size_t at = std::min(
          {folded.find("\nfinal-recipient:"), folded.find("\noriginal-recipient:"), folded.find("\nreporting-mta:")});
      take_status(std::string_view(text).substr(at + 1));
      if (bounce_.recipients.empty()) continue;
      bounce_.type = ReportType::Delivery;
      bounce_.shape = Shape::Broken;
      bounce_.dialect = "rfc3464";
      read_text();
      take_part();
      const Part& part = message_.parts[parts_.text[i]];
      if (!bounce_.has_original) static_cast<void>(take_original_from_text(part, std::string_view::npos, bounce_));
      weigh_report();
      return true;
    }
    return false;
  }

  // A gateway that puts the bounce as it came into a notice that says nothing itself.
  bool unwrap() {
    if (wrapped_ || parts_.original == Part::kNone) return false;
    const Part& part = message_.parts[parts_.original];
    const bool decoded = part.encoding != TransferEncoding::Identity;
    const std::string owned = decoded ? decode_body(part, kWrappedBytes) : std::string();
    const Message inner = scan_message(decoded ? std::string_view(owned) : part.body);
    if (!is_report(inner)) return false;
    Bounce bounce = Reader(inner, true).read();
    if (bounce.type != ReportType::Delivery || bounce.recipients.empty()) return false;
    if (decoded && bounce.owned_headers.empty()) bounce.owned_headers = std::string(bounce.returned_headers);
    if (decoded) bounce.returned_headers = {};
    bounce_ = std::move(bounce);
    bounce_.shape = Shape::Broken;
    return true;
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
      const bool local = said.diagnostic_type == "x-unix";
      hints_.push_back((local ? said.diagnostic_type + "; " : std::string()) +
                       (said.category.empty() ? "" : "bounce-category: " + said.category + " "));
    }
  }

  // The dialect of the first text that has one and names somebody.
  void read_text() {
    const bool must_name = bounce_.recipients.empty() && listed_recipients().empty();
    for (std::size_t i = 0; i < texts().size(); ++i) {
      auto reading = read_dialect(notice_header(), texts()[i], must_name);
      if (!reading || (reading_ && reading->recipients.empty())) continue;
      reading_ = std::move(reading);
      const std::size_t part = parts_.text[i];
      text_part_ = message_.parts[part].type.subtype == "html" ? Part::kNone : part;
      if (!reading_->recipients.empty()) return;
    }
    if (parts_.text.empty()) reading_ = read_dialect(notice_header(), "", must_name);
  }

  void take_part() {
    if (parts_.original != Part::kNone) static_cast<void>(dsn::take_original(message_.parts[parts_.original], bounce_));
  }

  // From its part, or else from the text.
  void take_original() {
    take_part();
    if (bounce_.has_original || !reading_) return;
    if (text_part_ != Part::kNone &&
        take_original_from_text(message_.parts[text_part_], reading_->original_line, bounce_))
      return;
    // Some send the headers as a second text.
    for (const std::size_t i : parts_.text) {
      if (i != text_part_ && dsn::take_original(message_.parts[i], bounce_)) return;
    }
  }

  // Codes and reasons of a report, with the words of its text for people.
  void weigh_report() {
    const DialectReading* reading = reading_ ? &*reading_ : nullptr;
    for (std::size_t i = 0; i < bounce_.recipients.size(); ++i) {
      Recipient& recipient = bounce_.recipients[i];
      refine(recipient, hints_[i], reading, spoken_of(recipient));
    }
  }

  [[nodiscard]] const DialectRecipient* spoken_of(const Recipient& recipient) const {
    if (!reading_) return nullptr;
    for (const DialectRecipient& candidate : reading_->recipients) {
      if (ascii::iequals(candidate.address, recipient.final) || ascii::iequals(candidate.address, recipient.original))
        return &candidate;
    }
    const bool both_one = bounce_.recipients.size() == 1 && reading_->recipients.size() == 1;
    return both_one ? &reading_->recipients.front() : nullptr;
  }

  // What the text alone tells.
  void take_reading() {
    if (!reading_) return;
    if (bounce_.dialect.empty()) bounce_.dialect = reading_->name;
    bounce_.type = reading_->type;
    bounce_.feedback_type = reading_->feedback_type;
    const std::vector<std::string> listed = listed_recipients();
    const bool all = std::ranges::none_of(
        reading_->recipients, [&](const DialectRecipient& spoken) { return is_listed(listed, spoken.address); });
    for (const DialectRecipient& spoken : reading_->recipients) {
      // Where the header names them, an address that it lacks only stood in the text.
      if (all || is_listed(listed, spoken.address)) add(spoken.address, &spoken);
    }
    if (bounce_.recipients.empty()) {
      for (const std::string& address : listed) add(address, nullptr);
    }
    if (bounce_.recipients.empty()) add_unnamed();
  }

  static bool is_listed(const std::vector<std::string>& listed, std::string_view address) {
    return std::ranges::any_of(listed, [&](const std::string& one) { return ascii::iequals(one, address); });
  }

  // X-Failed-Recipients, or what a complaint's original has instead.
  [[nodiscard]] std::vector<std::string> listed_recipients() const {
    std::vector<std::string> listed;
    const Field* field = message_.header().find("X-Failed-Recipients");
    const HeaderBlock returned = HeaderBlock::parse(bounce_.raw_original_headers());
    for (const HeaderBlock* block : {&returned, &message_.header()}) {
      if (field == nullptr) field = block->find("X-HmXmrOriginalRecipient");
    }
    if (field == nullptr) return listed;
    for (std::size_t at = 0; listed.size() < 20;) {
      const auto found = find_address(field->value, at);
      if (!found) break;
      at = found->end;
      listed.push_back(one_line(found->address, kMaxAddress));
    }
    return listed;
  }

  void add(std::string address, const DialectRecipient* spoken) {
    if (bounce_.recipients.size() == kMaxRecipients) return;
    const bool complaint = bounce_.type == ReportType::Feedback;
    Recipient recipient;
    recipient.final = std::move(address);
    recipient.action = complaint || !reading_ ? Action::Unknown : reading_->action;
    if (reading_ && reading_->reason) recipient.reason = *reading_->reason;
    if (complaint) recipient.reason = Reason::Feedback;
    if (spoken != nullptr) recipient.diagnostic = spoken->diagnostic;
    const Recipient before = recipient;
    refine(recipient, "", reading_ ? &*reading_ : nullptr, spoken);
    if (recipient.reason == Reason::Undefined && reading_ && reading_->otherwise != Reason::Undefined) {
      recipient = before;
      recipient.reason = reading_->otherwise;
      refine(recipient, "", &*reading_, spoken);
    }
    bounce_.recipients.push_back(std::move(recipient));
  }

  // Nobody says who it was: Original::to has the best guess.
  void add_unnamed() { add({}, nullptr); }

  const Message& message_;
  SpeakingParts parts_;
  bool wrapped_;
  std::optional<NoticeHeader> notice_header_;
  std::vector<std::string> texts_;
  Bounce bounce_;
  std::vector<std::string> hints_;  // one for each recipient of a status part
  std::optional<DialectReading> reading_;
  std::size_t text_part_ = Part::kNone;
};

}  // namespace

Bounce read_report(const Message& message) {
  return Reader(message, false).read();
}

}  // namespace anechoic::mail::dsn
