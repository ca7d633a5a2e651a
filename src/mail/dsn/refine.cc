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

Meaning find_reason(const Recipient& recipient, const Said& said) {
  const std::string own = std::string(said.hint) + std::string(said.diagnostic);
  const auto by_status = reason_of_status(recipient.status);
  for (const std::string_view text : {std::string_view(own), said.prose}) {
    if (text.empty()) continue;
    if (const auto meaning = reason_of_text(text, said.beside, recipient.status, recipient.reply_code)) return *meaning;
    // A code of its own goes before words that stand farther away.
    if (by_status && !said.diagnostic.empty()) return {.reason = *by_status, .status = {}};
  }
  if (by_status) return {.reason = *by_status, .status = {}};
  if (const auto meaning = reason_of_text(said.around, said.beside, recipient.status, recipient.reply_code))
    return *meaning;
  const auto by_reply = reason_of_reply(recipient.reply_code);
  return {.reason = by_reply                              ? *by_reply
                    : recipient.action == Action::Delayed ? Reason::Expired
                                                          : Reason::Undefined,
          .status = {}};
}

// "250 2.1.5 accepted"
void read_success(Recipient& recipient, std::string_view text) {
  const std::size_t at = text.find("250 ");
  if (at == std::string_view::npos) return;
  recipient.reply_code = "250";
  const std::string status = find_status(text.substr(at + 4));
  if (recipient.status.empty() && status.starts_with('2')) recipient.status = status;
}

}  // namespace

void refine(Recipient& recipient, const Said& said) {
  if (succeeded(recipient.action)) {
    read_success(recipient, said.diagnostic.empty() ? said.around : said.diagnostic);
    recipient.reason = Reason::Delivered;
    return;
  }
  Codes codes = find_codes(said.diagnostic);
  for (const std::string_view text : {said.prose, said.around}) {
    if (!codes.reply_code.empty() || (!said.diagnostic.empty() && text == said.around)) break;
    const Codes other = find_codes(text);
    codes.status = better_status(codes.status, other.status);
    codes.reply_code = other.reply_code;
  }
  recipient.reply_code = codes.reply_code;
  recipient.status = better_status(codes.status, recipient.status);
  Meaning meaning{.reason = recipient.reason, .status = {}};
  if (recipient.reason == Reason::Undefined) meaning = find_reason(recipient, said);
  recipient.reason = meaning.reason;
  if (is_vague(recipient.status)) {
    const std::string_view derived =
        !meaning.status.empty()
            ? meaning.status
            : status_of_reason(recipient.reason,
                               recipient.status.starts_with('4') ? Action::Delayed : recipient.action);
    recipient.status = better_status(recipient.status, std::string(derived));
  }
  recipient.hard = is_hard(recipient.reason, recipient.action, recipient.status, recipient.reply_code);
}

void refine(Recipient& recipient, std::string_view hint, const DialectReading* reading,
            const DialectRecipient* spoken) {
  std::string around = reading != nullptr ? reading->after : std::string();
  if (reading != nullptr) append_line(around, reading->before);
  const std::string_view prose = spoken != nullptr ? std::string_view(spoken->diagnostic) : std::string_view();
  std::string beside = spoken != nullptr ? spoken->context : std::string();
  append_line(beside, prose);
  if (beside.empty()) beside = around;
  // Most dialects have said it all once.
  const std::string_view more = prose == recipient.diagnostic ? std::string_view() : prose;
  refine(recipient,
         {.hint = hint, .diagnostic = recipient.diagnostic, .prose = more, .beside = beside, .around = around});
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
