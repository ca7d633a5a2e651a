// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/refine.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "mail/dsn/codes.h"
#include "mail/dsn/reasons.h"
#include "mail/dsn/text_tools.h"

namespace anechoic::mail::dsn {
namespace {

// The more telling of two; on a draw the first.
std::string better_status(std::string a, std::string b) {
  if (a.empty() || (is_vague(a) && !is_vague(b) && !b.empty())) return b;
  return a;
}

bool succeeded(Action action) {
  return action == Action::Delivered || action == Action::Relayed || action == Action::Expanded;
}

std::string joined(std::string_view a, std::string_view b) {
  std::string out(a.substr(0, kMaxText));
  append_line(out, b, 2 * kMaxText);
  return out;
}

// Where in the dialogue it was refused, as mailers say it.
std::string phase_of(std::string_view text) {
  constexpr std::array<std::string_view, 34> kPhases{"in reply to end of data command",
                                                     "in reply to data command",
                                                     "after end of data",
                                                     "failed after i sent the message",
                                                     ">>> data",
                                                     ">>> .",
                                                     "after pipelined data",
                                                     "after sending data",
                                                     "-------smtp command data",
                                                     "for text command",
                                                     "after text command",
                                                     "[data]",
                                                     "in reply to rcpt to command",
                                                     "after rcpt to",
                                                     ">>> rcpt to",
                                                     "does not like recipient",
                                                     "after rcpt command",
                                                     "[rcpt_to]",
                                                     "for rcpt to command",
                                                     "in reply to mail from command",
                                                     "after mail from",
                                                     ">>> mail from",
                                                     "sender was rejected",
                                                     "after pipelined mail from",
                                                     "for mail from command",
                                                     "after mail command",
                                                     "[mail_from]",
                                                     "in reply to ehlo command",
                                                     "in reply to helo command",
                                                     "after ehlo",
                                                     "after helo",
                                                     "after initial connection",
                                                     "my name was rejected",
                                                     "refused to talk to me"};
  const std::string folded = ascii::lower(text);
  std::string phase;
  for (const std::string_view known : kPhases) {
    if (folded.contains(known)) append_line(phase, known);
  }
  return phase;
}

Reason find_reason(const Recipient& recipient, const Said& said) {
  if (succeeded(recipient.action)) return Reason::Delivered;
  const std::string own = joined(std::string(said.hint) + std::string(said.diagnostic), said.phase);
  for (const std::string& text : {own, joined(said.prose, said.phase)}) {
    if (text.empty()) continue;
    if (const auto reason = reason_of_text(text, recipient.status, recipient.reply_code)) return *reason;
    // A code of its own goes before words that stand farther away.
    const auto by_status = reason_of_status(recipient.status);
    if (by_status && !said.diagnostic.empty()) return *by_status;
  }
  if (const auto reason = reason_of_status(recipient.status)) return *reason;
  if (const auto reason = reason_of_text(joined(said.around, said.phase), recipient.status, recipient.reply_code))
    return *reason;
  if (const auto reason = reason_of_reply(recipient.reply_code)) return *reason;
  return recipient.action == Action::Delayed ? Reason::Expired : Reason::Undefined;
}

}  // namespace

void refine(Recipient& recipient, const Said& said) {
  Codes codes = find_codes(said.diagnostic);
  for (const std::string_view text : {said.prose, said.around}) {
    if (!codes.reply_code.empty() || (!said.diagnostic.empty() && text == said.around)) break;
    const Codes other = find_codes(text);
    codes.status = better_status(codes.status, other.status);
    codes.reply_code = other.reply_code;
  }
  recipient.reply_code = codes.reply_code;
  recipient.status = better_status(codes.status, recipient.status);
  if (recipient.reason == Reason::Undefined) recipient.reason = find_reason(recipient, said);
  if (is_vague(recipient.status)) {
    const std::string_view derived =
        status_of_reason(recipient.reason, recipient.status.starts_with('4') ? Action::Delayed : recipient.action);
    recipient.status = better_status(recipient.status, std::string(derived));
  }
  recipient.hard = is_hard(recipient.reason, recipient.action, recipient.status, recipient.reply_code);
}

void refine(Recipient& recipient, std::string_view hint, const DialectReading* reading,
            const DialectRecipient* spoken) {
  std::string around = reading != nullptr ? reading->after : std::string();
  if (reading != nullptr) append_line(around, reading->before);
  const std::string prose = spoken != nullptr ? spoken->diagnostic : std::string();
  std::string phase = spoken != nullptr ? phase_of(spoken->context + " " + spoken->diagnostic) : std::string();
  if (phase.empty()) phase = phase_of(around);
  refine(recipient,
         {.hint = hint, .diagnostic = recipient.diagnostic, .prose = prose, .phase = phase, .around = around});
  if (recipient.diagnostic.empty() && !succeeded(recipient.action))
    recipient.diagnostic = one_line(prose.empty() ? around : prose, kMaxText);
  if (spoken != nullptr && recipient.remote_mta.empty()) recipient.remote_mta = spoken->host;
  if (spoken != nullptr && recipient.original.empty()) recipient.original = spoken->original;
}

Action worst_action(const Bounce& bounce) {
  // From good to bad.
  constexpr std::array<Action, 6> kOrder{Action::Unknown,  Action::Delivered, Action::Relayed,
                                         Action::Expanded, Action::Delayed,   Action::Failed};
  Action worst = Action::Unknown;
  for (const Recipient& recipient : bounce.recipients) {
    if (std::ranges::find(kOrder, recipient.action) > std::ranges::find(kOrder, worst)) worst = recipient.action;
  }
  return worst;
}

}  // namespace anechoic::mail::dsn
