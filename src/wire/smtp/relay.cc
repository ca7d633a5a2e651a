// SPDX-License-Identifier: Apache-2.0
#include "wire/smtp/relay.h"

#include <algorithm>
#include <utility>

#include "wire/smtp/relay_state.h"

namespace anechoic::smtp {

bool Relay::State::is_asking() const {
  return std::ranges::any_of(entries, [](const Entry& entry) { return entry.standing == Standing::Asking; });
}

bool Relay::State::is_wanted(const Entry& entry) const {
  return entry.standing == Standing::Asking || entry.standing == Standing::Accepted;
}

void Relay::State::answer(Entry& entry, const Reply& reply, bool relayed, bool live) {
  entry.standing = is_success(reply) ? Standing::Accepted : Standing::Refused;
  entry.reply = reply;
  entry.relayed = relayed;
  act(AnswerRcpt{entry.id, reply, live});
}

void Relay::State::answer_asking(const Reply& reply, bool relayed) {
  for (Entry& entry : entries) {
    if (entry.standing == Standing::Asking) answer(entry, reply, relayed);
  }
}

void Relay::State::on(const Begin& input) {
  if (stage != Stage::Fresh) return;
  stage = Stage::Envelope;
  begin = input;
  needs_smtputf8 = input.parameters.smtputf8;
}

// What can be said without the backend. False: it has to be asked.
bool Relay::State::decide_locally(Entry& entry, const Recipient& input) {
  const auto refuse = [&](const Reply& reply) {
    answer(entry, own_refusal(reply, options.soft_bounce), false);
    return true;
  };
  if (stage != Stage::Envelope) return refuse(bad_sequence());
  if (const auto* refusal = std::get_if<Refuse>(&input.decision)) return refuse(refusal->reply);
  const GroupId wanted = std::get<Proceed>(input.decision).group;
  entry.notify_never = std::get<Proceed>(input.decision).notify_never;
  if (group && *group != wanted) return refuse(one_group_at_a_time());
  if (entry.path.mailbox.needs_utf8() && !needs_smtputf8) return refuse(smtp::needs_smtputf8());
  group = wanted;
  if (input.remembered && input.remembered->delivered) {
    entry.standing = Standing::Delivered;
    entry.delivered_key = input.remembered->message_key;
    entry.reply = accepted_recipient();
    act(AnswerRcpt{entry.id, entry.reply});
    return true;
  }
  // A refusal for now is no answer to a retry: only a permanent one is repeated without the backend.
  if (input.remembered && input.remembered->reply.permanent()) {
    answer(entry, sanitise(input.remembered->reply), true);
    return true;
  }
  if (mail_refusal) {
    answer(entry, mail_refusal->reply, mail_refusal->relayed);
    return true;
  }
  if (unavailable) return refuse(*unavailable);
  return doom && refuse(*doom);
}

void Relay::State::on(const Recipient& input) {
  if (stage == Stage::Done) return;
  Entry& entry = entries.emplace_back();
  entry.id = input.id;
  entry.path = input.path;
  if (!decide_locally(entry, input)) pump();
}

void Relay::State::on(const BodyEnded& input) {
  if (stage == Stage::Done) return;
  if (stage != Stage::Envelope) {
    act(AnswerEnd{input.id, own_reply(bad_sequence(), options.soft_bounce)});
    if (stage == Stage::Fresh) finish();
    return;
  }
  stage = Stage::Ended;
  end_id = input.id;
  message_key = input.message_key;
  if (const auto* refusal = std::get_if<Refuse>(&input.decision)) {
    answer_asking(abandoned(), false);
    return answer_end(own_refusal(refusal->reply, options.soft_bounce));
  }
  for (Entry& entry : entries) {
    // Another message of the same sender: it was not delivered yet.
    if (entry.standing == Standing::Delivered && (message_key.empty() || entry.delivered_key != message_key)) {
      entry.standing = Standing::Accepted;
    }
  }
  pump();
}

void Relay::State::on(const Abandon& /*input*/) {
  if (stage == Stage::Closing || stage == Stage::Done) return;
  answer_asking(abandoned(), false);
  if (stage == Stage::Ended) return answer_end(abandoned());
  stage = Stage::Closing;
  leave_backend();
}

// Does what the state asks for. Called after each input that changed it.
void Relay::State::pump() {
  if (stage != Stage::Envelope && stage != Stage::Ended) return;
  const bool ended = stage == Stage::Ended;
  if (ended && (mail_refusal || unavailable) &&
      std::ranges::any_of(entries, [&](const Entry& entry) { return is_wanted(entry); })) {
    condemn(unavailable ? *unavailable : mail_refusal->reply);
  }
  const bool asking = is_asking();
  if (ended && !asking) {
    if (doom) return answer_end(*doom);
    const auto count = [&](Standing standing) { return std::ranges::count(entries, standing, &Entry::standing); };
    if (count(Standing::Accepted) == 0) {
      const bool delivered = count(Standing::Delivered) != 0;
      return answer_end(delivered ? delivered_before() : own_reply(no_valid_recipients(), options.soft_bounce));
    }
  }
  if (!asking && !ended) return;
  if (link == Link::None) return open();
  if (link == Link::Up) send_missing();
}

void Relay::State::finish() {
  stage = Stage::Done;
  for (Entry& entry : entries) {
    outcome.recipients.push_back({std::move(entry.path), std::move(entry.reply), entry.relayed});
  }
  act(Finished{std::move(outcome)});
}

Relay::Relay(const RelayOptions& options) : state_(std::make_unique<State>(options)) {}
Relay::Relay(Relay&&) noexcept = default;
Relay& Relay::operator=(Relay&&) noexcept = default;
Relay::~Relay() = default;

void Relay::on(const RelayInput& input) {
  std::visit([this](const auto& each) { state_->on(each); }, input);
}

std::optional<RelayAction> Relay::next() {
  State& s = *state_;
  if (s.actions_head == s.actions.size()) return std::nullopt;
  RelayAction action = std::move(s.actions[s.actions_head++]);
  if (s.actions_head == s.actions.size()) {
    s.actions.clear();
    s.actions_head = 0;
  }
  return action;
}

bool Relay::waits_for_backend() const {
  const State& s = *state_;
  return s.stage != State::Stage::Done && (s.link == State::Link::Opening || s.is_waiting());
}

bool Relay::finished() const {
  return state_->stage == State::Stage::Done;
}

}  // namespace anechoic::smtp
