// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict/decide.h"

#include <optional>
#include <string>
#include <utility>

#include "judge/verdict/decide_sender.h"
#include "judge/verdict/reasons.h"

namespace anechoic::judge {
namespace {

// Words for strangers: they name nothing of the inside, and never repeat what the peer said.
constexpr std::string_view kNoRelay = "Relaying denied";
constexpr std::string_view kNoRoute = "Relaying denied: routed addresses are not accepted";
constexpr std::string_view kNoSuchAddress = "No such address here";
constexpr std::string_view kCannotTell = "The address can't be verified at the moment; try again later";
constexpr std::string_view kOneRecipient = "One recipient at a time for mail with an empty sender";
constexpr std::string_view kTooMany = "Too many messages with an empty sender for this address; try again later";
constexpr std::string_view kLooping = "Mail loop detected";

Verdict refuse(std::uint16_t code, smtp::EnhancedCode enhanced, std::string_view text, std::string_view reason,
               std::string detail = {}) {
  return Verdict::refuse({code, enhanced, std::string(text)}, {reason, std::move(detail)});
}

Verdict accept(std::string_view reason, std::string detail = {}) {
  return Verdict::accept({reason, std::move(detail)});
}

// Is it proved that a source lists this very address? Only then may it look like a route (R1).
std::optional<Verdict> refuse_route(const Facts& facts) {
  if (facts.recipient_status.is_unknown()) {
    return refuse(451, {4, 4, 3}, kCannotTell, reasons::kSourceDown, facts.recipient_status.because());
  }
  if (facts.recipient_status.is_known()) {
    const RecipientStatus& status = facts.recipient_status.value();
    if (status.existence == Existence::Exists && status.listed_exactly) {
      return std::nullopt;
    }
  }
  return refuse(554, {5, 7, 1}, kNoRoute, reasons::kRoutedAddress);
}

// R7: a trusted relay would have to bounce a 550; the operator says what it hears instead.
bool wants_451(const Facts& facts, const Ruleset& ruleset) {
  if (!facts.client.is_known() || ruleset.relays.empty()) {
    return false;
  }
  const TrustedRelay* relay = ruleset.relay_of(facts.client.value().address);
  return relay != nullptr && relay->unknown_recipient == 451;
}

Verdict judge_absent(const RecipientStatus& status, const Facts& facts, const Ruleset& ruleset) {
  switch (status.mode) {
    case RecipientMode::Observe:
      return accept(reasons::kUnknownObserved, status.source);
    case RecipientMode::Defer450:
      return refuse(450, {4, 1, 1}, kNoSuchAddress, reasons::kUnknownRecipient, status.source);
    case RecipientMode::Reject550:
      break;
  }
  if (wants_451(facts, ruleset)) {
    return refuse(451, {4, 1, 1}, kNoSuchAddress, reasons::kUnknownRecipient, status.source);
  }
  return refuse(550, {5, 1, 1}, kNoSuchAddress, reasons::kUnknownRecipient, status.source);
}

// Does the recipient exist, as far as the sources know? (R8, R9, R10a)
Verdict judge_existence(const Policy& policy, const Facts& facts, const Ruleset& ruleset) {
  if (policy.catch_all) {
    return accept(reasons::kCatchAll);
  }
  if (facts.recipient_status.not_asked()) {
    return accept(reasons::kClean);
  }
  if (facts.recipient_status.is_unknown()) {
    if (facts.down_mode == RecipientMode::Observe) {
      return accept(reasons::kSourceDown, facts.recipient_status.because());
    }
    return refuse(451, {4, 4, 3}, kCannotTell, reasons::kSourceDown, facts.recipient_status.because());
  }
  const RecipientStatus& status = facts.recipient_status.value();
  switch (status.existence) {
    case Existence::Exists:
      return accept(reasons::kRecipientKnown, status.stale ? status.source + " (stale)" : status.source);
    case Existence::Absent:
      return judge_absent(status, facts, ruleset);
    case Existence::AcceptsAll:
      return refuse(451, {4, 3, 5}, kCannotTell, reasons::kAcceptsAll, status.source);
  }
  std::unreachable();
}

// What only mail with a null sender is asked. It is never refused for being that (RFC 5321 4.5.5).
std::optional<Verdict> limit_null_sender(const Facts& facts, const Ruleset& ruleset, bool role_account) {
  if (!facts.reverse_path.is_known() || !facts.reverse_path.value().is_null()) {
    return std::nullopt;
  }
  if (facts.accepted_recipients > 0) {
    return refuse(452, {4, 5, 3}, kOneRecipient, reasons::kNullSenderRecipients);
  }
  if (!role_account && ruleset.null_sender_per_minute != 0 && facts.null_sender_rate.is_known() &&
      facts.null_sender_rate.value() > ruleset.null_sender_per_minute) {
    return refuse(450, {4, 2, 1}, kTooMany, reasons::kRecipientRate,
                  std::to_string(facts.null_sender_rate.value()) + " within a minute");
  }
  return std::nullopt;
}

Verdict decide_rcpt(const Facts& facts, const Ruleset& ruleset) {
  if (!facts.recipient.is_known()) {
    return accept(reasons::kClean);
  }
  const mail::Mailbox& mailbox = facts.recipient.value().mailbox;
  const bool bare_postmaster = mailbox.domain.empty() && mail::is_role_account(mailbox);
  const Policy* policy = bare_postmaster ? nullptr : ruleset.policy_of(mailbox.domain);
  if (!bare_postmaster && policy == nullptr) {
    return refuse(554, {5, 7, 1}, kNoRelay, reasons::kRelayDenied);
  }
  const bool role_account = mail::is_role_account(mailbox);
  if (mail::is_routed(mailbox)) {
    if (auto refused = refuse_route(facts)) {
      return *std::move(refused);
    }
  }
  Verdict verdict = role_account ? accept(reasons::kRoleAccount) : judge_existence(*policy, facts, ruleset);
  if (verdict.accepted()) {
    if (auto limited = limit_null_sender(facts, ruleset, role_account)) {
      return *std::move(limited);
    }
    if (policy != nullptr && policy->modes.notify_never == Mode::Enforce && wants_no_dsn(facts)) {
      verdict.ask_for_no_dsn();
    }
  }
  return verdict;
}

Verdict decide_headers(const Facts& facts, const Ruleset& ruleset) {
  const auto reaches = [](const Fact<unsigned>& count, unsigned bound) {
    return bound != 0 && count.is_known() && count.value() >= bound;
  };
  if (reaches(facts.received_fields, ruleset.max_received)) {
    return refuse(554, {5, 4, 6}, kLooping, reasons::kLoop,
                  std::to_string(facts.received_fields.value()) + " Received fields");
  }
  if (reaches(facts.own_received_fields, ruleset.max_own_received)) {
    return refuse(554, {5, 4, 6}, kLooping, reasons::kLoop,
                  std::to_string(facts.own_received_fields.value()) + " Received fields of our own");
  }
  return accept(reasons::kClean);
}

}  // namespace

Verdict decide(Stage stage, const Facts& facts, const Ruleset& ruleset) {
  switch (stage) {
    case Stage::Rcpt:
      return decide_rcpt(facts, ruleset);
    case Stage::Headers:
      return decide_headers(facts, ruleset);
    case Stage::End:
      return decide_sender(facts, ruleset);
    case Stage::Connect:
    case Stage::Helo:
    case Stage::Mail:
      break;
  }
  return accept(reasons::kClean);
}

}  // namespace anechoic::judge
