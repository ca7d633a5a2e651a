// SPDX-License-Identifier: Apache-2.0
#include "mail/dsn/reasons.h"

#include <algorithm>
#include <span>
#include <string>

#include "base/ascii.h"
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

bool is_word(char c) {
  return ascii::is_alpha(c) || static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_char(char c) {
  return !ascii::is_blank(c) && !ascii::is_control(c);
}

// "<bob@example.org>", "(example.org)", "'mx.example.org'": not "here." or "5.1.1".
bool is_name(std::string_view token) {
  constexpr std::string_view kAround = "<>()[]'\"";
  while (!token.empty() && kAround.contains(token.front())) token.remove_prefix(1);
  while (!token.empty() && kAround.contains(token.back())) token.remove_suffix(1);
  if (token.empty() || !ascii::is_alpha(token.back())) return false;
  const std::size_t sign = token.find('@');
  if (sign != std::string_view::npos && sign > 0) return true;
  return token.find('.', 1) < token.size() && std::ranges::all_of(
                                                  token,
                                                  [](char c) {
                                                    return ascii::is_alnum(c) || c == '.' || c == '-' ||
                                                           static_cast<unsigned char>(c) >= 0x80;
                                                  });
}

// The text without the addresses and hosts that stand in the midst of a phrase: "user <a@b.example> unknown".
std::string without_names(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_name_char(text[end])) ++end;
    const std::size_t next = std::min(text.find_first_not_of(' ', end), text.size());
    const bool between = out.size() > 1 && is_word(out[out.size() - 2]) && next < text.size() && is_word(text[next]);
    if (!between || !is_name(text.substr(at, end - at))) out += text.substr(at, std::max(next, at + 1) - at);
    at = std::max(next, at + 1);
  }
  return out;
}

}  // namespace

std::optional<Meaning> reason_of_text(std::string_view text, std::string_view beside, std::string_view status,
                                      std::string_view reply_code) {
  PhraseHits hits(rules::kPhraseTable);
  const std::string folded = fold(text);
  hits.look_in(folded);
  hits.look_in(without_names(folded));
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
