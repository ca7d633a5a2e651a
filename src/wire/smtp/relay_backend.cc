// SPDX-License-Identifier: Apache-2.0
// The Relay's connection to the backend: opened, told what is missing, lost, replaced.
#include <algorithm>
#include <utility>

#include "wire/smtp/relay_state.h"

namespace anechoic::smtp {

void Relay::State::perform(BackendCommand command, Await what, std::size_t entry) {
  act(Perform{std::move(command)});
  awaited.push_back({what, static_cast<std::uint32_t>(entry)});
}

void Relay::State::open() {
  if (opened != 0) ++outcome.failovers;
  ++opened;
  link = Link::Opening;
  act(OpenBackend{*group, failed_before});
}

void Relay::State::on(const BackendReady& input) {
  if (link != Link::Opening) return;
  link = Link::Up;
  capabilities = input.capabilities;
  if (stage == Stage::Closing) return leave_backend();
  const bool eight_bit = begin.parameters.body == Body::EightBitMime;
  if ((needs_smtputf8 && !capabilities.smtputf8) || (eight_bit && !capabilities.eightbitmime)) {
    // We offered what this one can't take: another one of the group may, and at the client's next try our offer is
    // right again. So this is never a permanent refusal.
    act(Release{});
    forget_connection();
    if (opened >= std::max(options.attempts, 1U)) return give_up(missing_extension());
    return pump();
  }
  pump();
}

void Relay::State::on(const BackendUnavailable& input) {
  if (link != Link::Opening) return;
  link = Link::None;
  if (stage == Stage::Closing) return leave_backend();
  const bool about_us = input.error.code == Errc::Refused;
  if (about_us) alarm(input.reply ? input.error.detail + ": " + to_string(*input.reply) : input.error.detail);
  give_up(about_us ? misconfigured() : unreachable());
}

// Tells the backend what it does not know yet, all at once: the session underneath parts it where it must.
void Relay::State::send_missing() {
  if (mail_refusal) return;
  if (!mail_sent) {
    mail_sent = true;
    perform(SendMail{begin.path, begin.parameters, begin.identity}, Await::Mail);
  }
  bool all_taken = true;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
    if (!is_wanted(entry)) continue;
    if (!entry.on_backend) {
      entry.on_backend = true;
      perform(SendRcpt{entry.path, entry.notify_never}, Await::Rcpt, i);
    }
    all_taken = all_taken && entry.taken;
  }
  if (stage == Stage::Ended && all_taken && !is_waiting() && !data_sent) {
    data_sent = true;
    perform(SendData{}, Await::Data);
  }
}

void Relay::State::on(const BackendEvent& input) {
  if (link == Link::None) return;
  if (const auto* gone = std::get_if<Lost>(&input)) return lost(gone->error, gone->reply, gone->end_sent);
  if (link == Link::Opening) return;
  const auto of_kind = [](const BackendEvent& event) {
    if (std::holds_alternative<MailReply>(event)) return Await::Mail;
    if (std::holds_alternative<RcptReply>(event)) return Await::Rcpt;
    if (std::holds_alternative<DataReply>(event)) return Await::Data;
    return std::holds_alternative<FinalReplies>(event) ? Await::Final : Await::Reset;
  };
  if (!is_waiting() || next_awaited() != of_kind(input)) {
    return lost({Errc::Syntax, "an answer of the backend that nobody asked for"}, std::nullopt);
  }
  const Awaited now = awaited[awaited_head++];
  if (!is_waiting()) {
    awaited.clear();
    awaited_head = 0;
  }
  switch (now.what) {
    case Await::Mail:
      return on_mail(std::get<MailReply>(input).reply);
    case Await::Rcpt:
      return on_rcpt(now.entry, std::get<RcptReply>(input).reply);
    case Await::Data:
      return on_data(std::get<DataReply>(input).reply);
    case Await::Final:
      return on_final(std::get<FinalReplies>(input).replies);
    case Await::Reset:
      return on_reset(std::get<ResetReply>(input).reply);
  }
}

void Relay::State::on_mail(const Reply& reply) {
  if (is_success(reply) || stage == Stage::Closing) return;
  // Recipients answered 250 before this connection replaced another can't be served; what is asked anew gets the
  // refusal itself.
  mail_refusal = pass_on(reply, At::Envelope);
  answer_asking(mail_refusal->reply, mail_refusal->relayed);
  pump();
}

void Relay::State::on_rcpt(std::uint32_t index, const Reply& reply) {
  Entry& entry = entries[index];
  entry.taken = is_success(reply);
  if (entry.taken) taken.push_back(index);
  if (stage == Stage::Closing || mail_refusal) return;
  if (entry.standing == Standing::Asking) {
    const Passed passed = pass_on(reply, At::Envelope);
    answer(entry, passed.reply, passed.relayed, passed.relayed);
  } else if (!entry.taken && entry.standing == Standing::Accepted) {
    condemn(pass_on(reply, At::Envelope).reply);
  }
  pump();
}

void Relay::State::on_data(const Reply& reply) {
  if (reply.code == 354) {
    body_sent = true;
    return perform(SendBody{}, Await::Final);
  }
  if (reply.positive()) return lost({Errc::Syntax, "the backend answered DATA with neither 354 nor a refusal"}, {});
  answer_end(pass_on(reply, At::Data).reply);
}

void Relay::State::on_final(const std::vector<Reply>& replies) {
  outcome.body_sent = true;
  // After a refusal Postfix keeps the transaction open when its end-of-data restrictions were what refused.
  settled = std::ranges::all_of(replies, is_success);
  conclude(replies);
}

void Relay::State::on_reset(const Reply& reply) {
  if (is_success(reply)) {
    act(Release{});
  } else {
    act(Drop{});
  }
  forget_connection();
  finish();
}

void Relay::State::forget_connection() {
  link = Link::None;
  mail_sent = false;
  data_sent = false;
  awaited.clear();
  awaited_head = 0;
  taken.clear();
  for (Entry& entry : entries) entry.on_backend = entry.taken = false;
  failed_before = true;
}

void Relay::State::lost(const Error& error, const std::optional<Reply>& reply, bool end_sent) {
  if (link != Link::Opening) act(Drop{});
  forget_connection();
  if (stage == Stage::Closing) return finish();
  const bool about_us = error.code == Errc::Refused;
  if (about_us) alarm(reply ? error.detail + ": " + to_string(*reply) : error.detail);
  if (!end_sent) body_sent = false;  // aborting before the terminator is a clean cancel (RFC 5321 4.1.1.10)
  if (body_sent) {
    outcome.body_sent = true;
    outcome.in_doubt = true;
    return answer_end(silent());
  }
  if (opened >= std::max(options.attempts, 1U)) return give_up(about_us ? misconfigured() : unreachable());
  pump();
}

// A recipient was answered 250 and can't be served: an answer can't be unsaid, so that nothing is sent to anybody.
void Relay::State::condemn(const Reply& reply) {
  if (!doom) {
    doom = reply.temporary() ? reply : changed_its_mind();
    doom->code = 451;
  }
  answer_asking(*doom, false);
}

// There is no backend for the rest of this transaction.
void Relay::State::give_up(const Reply& reply) {
  unavailable = reply;
  answer_asking(reply, false);
  pump();
}

}  // namespace anechoic::smtp
