// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/refine.h"

#include <algorithm>
#include <array>
#include <optional>

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

Reason find_reason(const Recipient& recipient, const Said& said) {
  if (succeeded(recipient.action)) return Reason::Delivered;
  const std::array<std::string, 3> texts{joined(said.diagnostic, said.phase), joined(said.prose, said.phase),
                                         joined(said.around, said.phase)};
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    if (const auto reason = reason_of_text(text, recipient.status, recipient.reply_code)) return *reason;
    // A code of its own goes before prose that stands farther away.
    if (&text == &texts[0] && !is_vague(recipient.status)) {
      if (const auto reason = reason_of_status(recipient.status)) return *reason;
    }
  }
  if (const auto reason = reason_of_status(recipient.status)) return *reason;
  return recipient.action == Action::Delayed ? Reason::Expired : Reason::Undefined;
}

}  // namespace

void refine(Recipient& recipient, const Said& said) {
  Codes codes = find_codes(said.diagnostic);
  if (codes.reply_code.empty()) {
    Codes other = find_codes(said.prose);
    if (codes.status.empty() || is_vague(codes.status)) codes.status = better_status(codes.status, other.status);
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
