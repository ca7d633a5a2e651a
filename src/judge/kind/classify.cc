// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/classify.h"

#include <utility>

#include "judge/kind/decide.h"
#include "judge/kind/evidence.h"
#include "judge/kind/header_evidence.h"
#include "judge/kind/phrases.h"
#include "judge/kind/text_evidence.h"
#include "mail/encoded_word.h"

namespace anechoic::judge {

namespace {

// So much is read of a message that nothing outside its text makes suspicious: an automatic answer says what it is
// where it begins, and what stands deep in a text would not decide alone. And of one with a report part, for its
// language.
constexpr std::size_t kFirstBytes = 2048;

// Is a report to be looked for? By structure and headers, or by the words seen so far.
bool may_report(const mail::Message& message, const Evidence& evidence) {
  if (is_suspicious(evidence) ||
      evidence.has_any(SignalId::ReturnedMessage, SignalId::PhraseDsn, SignalId::PhraseMdn, SignalId::PhraseReport))
    return true;
  for (const mail::Part& part : message.parts) {
    if (part.inside_message) continue;
    if (part.type.type == "message" || (part.type.type == "application" &&
                                        (part.type.subtype.contains("zip") || part.type.subtype.contains("tlsrpt"))))
      return true;
  }
  return message.parts.front().type.is("multipart", "report");
}

void read_bounce(const mail::Message& message, Evidence& evidence) {
  using mail::dsn::ReportType;
  using mail::dsn::Shape;
  evidence.bounce = mail::dsn::read_report(message);
  const mail::dsn::Bounce& bounce = evidence.bounce;
  if (bounce.type == ReportType::None) return;
  if (bounce.shape == Shape::Dialect) {
    if (bounce.type == ReportType::Delivery) evidence.add(SignalId::BounceDialect, bounce.dialect);
    if (bounce.type == ReportType::Feedback) evidence.add(SignalId::FeedbackReport, bounce.dialect);
    return;
  }
  if (bounce.shape == Shape::Broken) evidence.add(SignalId::BrokenReport, bounce.dialect);
  switch (bounce.type) {
    case ReportType::Delivery:
      evidence.add(SignalId::DsnReport, mail::dsn::to_string(bounce.action));
      break;
    case ReportType::Disposition:
      evidence.add(SignalId::MdnReport, bounce.feedback_type);
      break;
    case ReportType::Feedback:
      evidence.add(SignalId::FeedbackReport, bounce.feedback_type);
      break;
    case ReportType::AggregateDmarc:
      evidence.add(SignalId::DmarcReport);
      break;
    case ReportType::TlsReport:
      evidence.add(SignalId::TlsReport);
      break;
    case ReportType::None:
      break;
  }
}

// What an answer without a report says it answers: the last Message-ID of In-Reply-To, else of References.
std::string answered_id(const mail::HeaderBlock& header) {
  for (const std::string_view name : {"In-Reply-To", "References"}) {
    const mail::Field* field = header.find(name);
    if (field == nullptr) continue;
    const std::size_t close = field->value.rfind('>');
    const std::size_t open = close == std::string_view::npos ? close : field->value.rfind('<', close);
    if (open == std::string_view::npos || close - open > 998) continue;
    const std::string_view id = field->value.substr(open, close - open + 1);
    if (id.contains('@') && id.find_first_of(" \t\r\n") == std::string_view::npos)
      return mail::to_utf8(id, "utf-8", 998);
  }
  return {};
}

// An mbox separator keeps the envelope sender, where no Return-Path does.
std::optional<std::string> separator_sender(std::string_view raw) {
  if (raw.starts_with(">")) raw.remove_prefix(1);
  if (!raw.starts_with("From ")) return std::nullopt;
  raw.remove_prefix(5);
  const std::string_view word = raw.substr(0, raw.find_first_of(" \t\r\n"));
  return word == "MAILER-DAEMON" || word == "<>" ? std::optional<std::string>("") : std::nullopt;
}

}  // namespace

struct Classifier::State {
  HeaderRules headers;
  Phrases phrases;
};

Classifier::Classifier() : state_(std::make_unique<State>()) {}
Classifier::~Classifier() = default;
Classifier::Classifier(Classifier&&) noexcept = default;
Classifier& Classifier::operator=(Classifier&&) noexcept = default;

Classification Classifier::classify(const ClassifierInput& input) const {
  const mail::Message& message = input.message;
  Evidence evidence;
  std::optional<std::string> envelope = input.envelope_from;
  if (!envelope && !message.header().has("Return-Path")) envelope = separator_sender(message.raw);
  state_->headers.read(message.header(), envelope, evidence);
  read_structure(message, evidence);
  const bool reads_text = !is_plainly_list(evidence);
  if (reads_text) read_subject_phrases(state_->phrases, evidence);
  const bool early = may_report(message, evidence);
  if (early) read_bounce(message, evidence);
  if (reads_text) {
    const bool decided = evidence.bounce.shape == mail::dsn::Shape::Report;
    read_text(message, state_->phrases, is_suspicious(evidence) && !decided ? kTextBytes : kFirstBytes, evidence);
    if (!early && may_report(message, evidence)) read_bounce(message, evidence);
  }
  const Decision decision = decide(evidence);
  if (is_automatic(decision.kind) && evidence.bounce.original.message_id.empty())
    evidence.bounce.original.message_id = answered_id(message.header());
  return {.kind = decision.kind,
          .automatic = is_automatic(decision.kind),
          .phrases_only = decision.phrases_only,
          .language = std::string(decision.language),
          .signals = std::move(evidence.signals),
          .bounce = std::move(evidence.bounce)};
}

}  // namespace anechoic::judge
