// SPDX-License-Identifier: Apache-2.0
// What the client hears in the end, and how the backend is left.                          RULES R2, R3; RFC 2033 4.2
#include <algorithm>
#include <utility>

#include "wire/smtp/relay_state.h"

namespace anechoic::smtp {
namespace {

// An accepted recipient or message is said to be so in the one way that every client knows.
Reply plain_success(Reply reply) {
  if (reply.code != 251 && reply.code != 252) reply.code = 250;
  return reply;
}

}  // namespace

void Relay::State::alarm(std::string text) {
  if (std::exchange(alarmed, true)) return;  // one for a transaction tells enough
  act(Alarm{std::move(text)});
}

Relay::State::Passed Relay::State::pass_on(const Reply& reply, At at) {
  if (is_success(reply)) return {plain_success(sanitise(reply)), true};
  if (is_about_us(reply, at, capabilities.identity_passed)) {
    alarm("the backend refuses us: " + to_string(reply));
    return {misconfigured(), false};
  }
  Reply passed = sanitise(reply);
  // 3xx has no meaning here.
  if (passed.code < 400) return {misconfigured(), false};
  return {std::move(passed), true};
}

// The backend's final replies as the one answer that SMTP has.
void Relay::State::conclude(const std::vector<Reply>& replies) {
  const bool one_for_all = replies.size() == 1;
  if (!one_for_all && replies.size() != taken.size()) {
    outcome.in_doubt = true;
    return answer_end(silent());
  }
  const auto delivered = std::ranges::count_if(replies, is_success);
  const bool before = std::ranges::count(entries, Standing::Delivered, &Entry::standing) != 0;
  if (delivered == std::ssize(replies)) {
    Reply all = one_for_all ? pass_on(replies[0], At::Message).reply : delivered_to_all();
    all.code = 250;
    return answer_end(all);
  }
  if (delivered == 0 && !before) {
    const auto temporary = std::ranges::find_if_not(replies, &Reply::permanent);
    if (temporary == replies.end()) return answer_end(pass_on(replies[0], At::Message).reply);
    Reply later = pass_on(*temporary, At::Message).reply;
    if (!one_for_all) later.code = 451;
    return answer_end(later);
  }
  for (const Entry& entry : entries) {
    if (entry.standing == Standing::Delivered) act(Remember{begin.path, entry.path, {true, entry.reply, message_key}});
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const Reply& reply = replies[one_for_all ? 0 : i];
    act(Remember{
        begin.path, entries[taken[i]].path, {is_success(reply), pass_on(reply, At::Message).reply, message_key}});
  }
  answer_end(mixed_results());
}

void Relay::State::answer_end(const Reply& reply) {
  outcome.end = reply;
  act(AnswerEnd{end_id, reply});
  stage = Stage::Closing;
  leave_backend();
}

// Brings the connection into a state in which another transaction may have it, or gives it up.
void Relay::State::leave_backend() {
  if (link == Link::Opening || link == Link::Resetting) return;  // its answer brings us here again
  if (link == Link::None) return finish();
  // Behind DATA and in a body RSET would be text of the message.
  const bool in_data =
      std::ranges::any_of(awaited.begin() + static_cast<std::ptrdiff_t>(awaited_head), awaited.end(),
                          [](const Awaited& each) { return each.what == Await::Data || each.what == Await::Final; });
  if (in_data) {
    if (body_sent) outcome.body_sent = outcome.in_doubt = true;
    act(Drop{});
    forget_connection();
    return finish();
  }
  if (mail_sent && !settled) {
    link = Link::Resetting;
    return perform(SendReset{}, Await::Reset);
  }
  act(Release{});
  forget_connection();
  finish();
}

}  // namespace anechoic::smtp
