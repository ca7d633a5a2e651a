// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/reasons.h"

#include <algorithm>
#include <span>

#include "mail/dsn/codes.h"
#include "mail/phrase_match.h"
#include "rules/bounce_reasons.h"

namespace anechoic::mail::dsn {
namespace {

bool begins_with_any(std::string_view text, std::span<const std::string_view> beginnings) {
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) {
    // "5.7.2" is not the beginning of 5.7.25 unless it ends in a dot.
    return text.starts_with(beginning) && (beginning.size() == text.size() || beginning.ends_with('.'));
  });
}

bool fits(const rules::ReasonRule& rule, const PhraseHits& hits, std::string_view status, std::string_view code) {
  if (!rule.any.empty() && !hits.any(rule.any)) return false;
  if (!rule.also.empty() && !hits.any(rule.also)) return false;
  if (!rule.status.empty() && !begins_with_any(status, rule.status)) return false;
  if (begins_with_any(status, rule.unless_status)) return false;
  if (!rule.code.empty() && !begins_with_any(code, rule.code)) return false;
  return !hits.any(rule.unless);
}

bool is_temporary(std::string_view status, std::string_view reply_code) {
  // What gave up after waiting has status 4.x.x, yet it gave up.
  return reply_code.starts_with('4') || (reply_code.empty() && status.starts_with("4.3"));
}

}  // namespace

std::optional<Meaning> reason_of_text(std::string_view text, std::string_view beside, std::string_view status,
                                      std::string_view reply_code) {
  PhraseHits hits(rules::kPhraseTable);
  hits.look_in(fold(text));
  if (!beside.empty()) {
    PhraseHits others(rules::kPhraseTable);
    others.look_in(fold(beside));
    for (const std::uint16_t phrase : rules::kPhase[0].any) {
      if (others.has(phrase)) hits.set(phrase);
    }
  }
  for (const rules::ReasonRule& rule : rules::kRule) {
    if (fits(rule, hits, status, reply_code)) return Meaning{.reason = rule.reason, .status = rule.gives};
  }
  return std::nullopt;
}

std::optional<Reason> reason_of_status(std::string_view status) {
  for (const rules::StatusReason& known : rules::kStatus) {
    if (known.code == status) return known.reason;
  }
  if (is_vague(status)) return std::nullopt;
  for (const rules::StatusReason& known : rules::kStatus) {
    if (known.code.ends_with('.') && status.starts_with(known.code)) return known.reason;
  }
  return std::nullopt;
}

std::optional<Reason> reason_of_reply(std::string_view reply_code) {
  for (const rules::ReplyReason& known : rules::kReply) {
    if (known.code == reply_code) return known.reason;
  }
  return std::nullopt;
}

std::string_view status_of_reason(Reason reason, Action action) {
  for (const rules::StatusReason& known : rules::kStatus) {
    if (known.reason == reason && known.standard && known.code.starts_with(action == Action::Delayed ? '4' : '5'))
      return known.code;
  }
  return {};
}

std::optional<bool> is_hard(Reason reason, Action action, std::string_view status, std::string_view reply_code) {
  if (action == Action::Delivered || action == Action::Relayed || action == Action::Expanded) return std::nullopt;
  // NOLINTNEXTLINE: all others are soft
  if (reason == Reason::Delivered || reason == Reason::Feedback || reason == Reason::AutoReply) return std::nullopt;
  if (action == Action::Delayed) return false;
  if (reason == Reason::UserUnknown || reason == Reason::UserMoved || reason == Reason::HostUnknown) return true;
  if (reason == Reason::NotAccepting) return !is_temporary(status, reply_code);
  return false;
}

}  // namespace anechoic::mail::dsn
