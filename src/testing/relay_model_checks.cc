// SPDX-License-Identifier: Apache-2.0
// The invariants: what each action of the Relay is held against.
#include <algorithm>

#include "testing/relay_model.h"

namespace anechoic::smtp::model {

void Model::drain() {
  while (std::optional<RelayAction> action = relay_.next()) {
    if (finished_) broken("an action behind Finished");
    std::visit([this](const auto& each) { on(each); }, *action);
  }
}

void Model::on(const OpenBackend& action) {
  if (tracing_) note("relay: open");
  if (connected_ || opening_) broken("a second connection was opened");
  if (action.group != group_) broken("another group was opened");
  if (action.another != (opened_ > 0)) broken("`another` is wrong");
  if (++opened_ > std::max(config_.options.attempts, 1U)) broken("too many attempts");
  if (body_performed_) broken("a connection was opened behind the body");
  opening_ = true;
}

// Nothing may be sent unless this connection knows exactly the recipients that the client was promised.
void Model::check_data() {
  if (!inbox_.empty()) broken("DATA behind unanswered commands");
  std::vector<AskId> promised;
  for (const auto& [id, question] : questions_) {
    if (!question.answer) {
      broken("DATA with an open question");
      return;
    }
    const bool left_out = question.remembered && same_key_;
    if (took(*question.answer) && !left_out) promised.push_back(id);
  }
  std::vector<AskId> known = on_connection_;
  std::ranges::sort(known);
  if (promised != known || known.empty()) broken("DATA for other recipients than those answered 250");
  if (!ended_ || abandoned_) broken("DATA without a judged body");
}

void Model::on(const Perform& action) {
  if (!connected_) return broken("a command without a connection");
  if (in_data_ && !std::holds_alternative<SendBody>(action.command)) broken("a command in place of the body");
  if (std::holds_alternative<SendMail>(action.command)) {
    if (tracing_) note("relay: MAIL");
    if (mail_seen_) broken("MAIL twice");
    mail_seen_ = true;
  } else if (std::holds_alternative<SendRcpt>(action.command)) {
    if (tracing_) note("relay: RCPT");
    if (!mail_seen_) broken("RCPT before MAIL");
  } else if (std::holds_alternative<SendData>(action.command)) {
    if (tracing_) note("relay: DATA");
    check_data();
  } else if (std::holds_alternative<SendBody>(action.command)) {
    if (tracing_) note("relay: body");
    if (!in_data_ || body_performed_) broken("a body without 354, or twice");
    body_performed_ = true;
  } else {
    if (tracing_) note("relay: RSET");
    if (!mail_seen_) broken("RSET without MAIL");
    const bool data = std::ranges::any_of(inbox_, [](const BackendCommand& each) {
      return std::holds_alternative<SendData>(each) || std::holds_alternative<SendBody>(each);
    });
    if (data) broken("RSET behind DATA");
  }
  inbox_.push_back(action.command);
}

void Model::on(const AnswerRcpt& action) {
  if (tracing_) note("relay: answer " + std::to_string(action.id) + " " + to_string(action.reply));
  const auto found = questions_.find(action.id);
  if (found == questions_.end() || found->second.answer) return broken("a question was answered twice, or never asked");
  Question& question = found->second;
  question.answer = action.reply;
  if (action.reply.code == 421 || action.reply.code / 100 == 3 || action.reply.code < 200)
    broken("an answer of no use");
  if (config_.options.soft_bounce && !question.proceed && action.reply.permanent())
    broken("our own 5xx in soft_bounce");
  if (!took(action.reply)) return;
  if (!question.proceed) broken("a refused recipient was accepted");
  if (question.remembered) return;
  if (std::ranges::count(on_connection_, action.id) != 1) broken("a recipient was accepted without the backend");
}

void Model::check_end() {
  const Reply& end = *end_answer_;
  if (end.code == 421 || end.code / 100 == 3 || end.code < 200) broken("an end of no use");
  if (took(end) && end.code != 250) broken("an odd success");
  bool all = true;
  bool any = false;
  bool left_out = false;
  for (const auto& [id, question] : questions_) {
    if (!question.answer || !took(*question.answer)) continue;
    any = true;
    if (question.remembered && same_key_) {
      left_out = true;
      continue;
    }
    const auto found = delivered_.find(id);
    all = all && found != delivered_.end() && found->second;
  }
  const bool good = any && all && !refused_at_end_ && !abandoned_ && !finals_lost_;
  if (took(end) != good) broken("the end is " + to_string(end) + ", but that is not what happened");
  const auto made = std::ranges::count_if(delivered_, [](const auto& each) { return each.second; });
  // A permanent refusal means that nobody has the message: else the sender is told of a failure that was none.
  if (end.permanent() && (made != 0 || finals_lost_)) broken("5xx although somebody has the message");
  const bool mixed = !delivered_.empty() && !finals_lost_ && !good && (made != 0 || left_out);
  if (mixed != (remembers_ != 0)) broken("mixed results and what is remembered do not agree");
  if (mixed && (end.code != 451 || remembers_ < delivered_.size())) broken("mixed results must be 451 and remembered");
}

void Model::on(const AnswerEnd& action) {
  if (tracing_) note("relay: end " + to_string(action.reply));
  if (action.id != kEndId || end_answer_ || !ended_) return broken("the end was answered twice, or never asked");
  end_answer_ = action.reply;
  check_end();
}

void Model::on(const Remember& action) {
  if (tracing_) note("relay: remember " + action.recipient.mailbox.local);
  ++remembers_;
  const AskId id = id_of(action.recipient);
  if (end_answer_) broken("remembered behind the answer");
  const auto found = delivered_.find(id);
  const bool has_it = found != delivered_.end() ? found->second : questions_[id].remembered;
  if (action.what.delivered != has_it) broken("a result was remembered wrongly");
}

void Model::on(const Alarm& action) {
  if (tracing_) note("relay: alarm " + action.text);
  if (++alarms_ > 1) broken("more than one alarm");
}

void Model::on(const Release& /*action*/) {
  if (tracing_) note("relay: release");
  if (!connected_ || !inbox_.empty() || mail_seen_) broken("a connection was released with a transaction open");
  connected_ = false;
}

void Model::on(const Drop& /*action*/) {
  if (tracing_) note("relay: drop");
  if (!connected_) broken("dropped without a connection");
  if (body_performed_ && !final_replies_) finals_lost_ = true;
  connected_ = in_data_ = mail_seen_ = transaction_ = false;
  inbox_.clear();
  on_connection_.clear();
}

void Model::on(const Finished& action) {
  if (tracing_) note("relay: finished");
  finished_ = true;
  const Outcome& outcome = action.outcome;
  if (connected_ || opening_) broken("finished with a connection");
  if (outcome.end != end_answer_) broken("Outcome::end is not what was answered");
  if (outcome.recipients.size() != questions_.size()) broken("Outcome::recipients is not whole");
  if (outcome.body_sent != body_performed_) broken("Outcome::body_sent is wrong");
  if (outcome.in_doubt != finals_lost_) broken("Outcome::in_doubt is wrong");
  if (outcome.failovers + 1 != std::max(opened_, 1U)) broken("Outcome::failovers is wrong");
}

}  // namespace anechoic::smtp::model
