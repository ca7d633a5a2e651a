// SPDX-License-Identifier: Apache-2.0
#include "testing/relay_model.h"

#include <algorithm>
#include <array>

namespace anechoic::smtp::model {
namespace {

constexpr GroupId kGroup = 7;
constexpr GroupId kOtherGroup = 8;
constexpr std::string_view kKey = "<id@example.com>";

std::string local_part(AskId id) {
  return "u" + std::to_string(id);
}
// Fault 0 is `good`; the others are refusals and nonsense that a backend may answer.
Reply answer_of(unsigned fault, const Reply& good) {
  static const auto faults = std::to_array<Reply>({
      {450, {4, 2, 0}, "greylisted"},
      {550, {5, 1, 1}, "no such user"},
      {503, {5, 5, 1}, "bad sequence"},
      {550, {5, 7, 0}, "not you"},
      {354, {}, "go ahead"},
      {421, {4, 3, 2}, "as an answer"},
  });
  return fault == 0 ? good : faults[(fault - 1) % faults.size()];
}
constexpr unsigned kAnswers = 7;
constexpr unsigned kLosses = 4;

}  // namespace

void Model::add_recipient() {
  const auto id = static_cast<AskId>(questions_.size());
  Question& question = questions_[id];
  Recipient recipient{id, {{local_part(id), "example.org"}}, Proceed{kGroup}, std::nullopt};
  if (config_.remembered) {
    switch (choose_(7)) {
      case 1:
        recipient.remembered = Remembered{true, {250, {2, 0, 0}, "ok"}, std::string(kKey)};
        question.remembered = true;
        break;
      case 2:
        recipient.remembered = Remembered{false, {550, {5, 2, 2}, "full"}, std::string(kKey)};
        break;
      case 3:
        recipient.remembered = Remembered{false, {452, {4, 2, 2}, "full"}, std::string(kKey)};
        break;
      case 4:
        recipient.decision = Refuse{{550, {5, 1, 1}, "unknown"}};
        break;
      case 5:
        recipient.decision = Proceed{kOtherGroup};
        break;
      case 6:
        recipient.decision = Refuse{{250, {}, "a mistake of the owner"}};
        break;
      default:
        break;
    }
  }
  if (const auto* proceed = std::get_if<Proceed>(&recipient.decision)) {
    if (!group_) group_ = proceed->group;
    question.proceed = *group_ == proceed->group;
  }
  question.remembered = question.remembered && question.proceed;
  if (tracing_) note("client: rcpt " + std::to_string(id));
  give(recipient);
}

void Model::end_body() {
  ended_ = true;
  Decision decision = Proceed{};
  if (config_.remembered) {
    same_key_ = choose_(2) == 0;
    if (choose_(2) == 1) decision = Refuse{{554, {5, 7, 1}, "spam"}};
    refused_at_end_ = std::holds_alternative<Refuse>(decision);
  }
  if (tracing_) note(same_key_ ? "client: body" : "client: another body");
  give(BodyEnded{kEndId, decision, same_key_ ? std::string(kKey) : "<other@example.com>"});
}

void Model::abandon() {
  if (tracing_) note("client: abandon");
  abandoned_ = true;
  give(Abandon{});
}

// True if the client had something to do.
bool Model::client_moves() {
  if (abandoned_ || end_answer_ || finished_) return false;
  const bool open = std::ranges::any_of(questions_, [](const auto& each) { return !each.second.answer; });
  if (questions_.size() < config_.recipients && (config_.batch || !open)) {
    add_recipient();
    return true;
  }
  if (open || ended_) return false;
  const bool any = std::ranges::any_of(questions_, [](const auto& each) { return took(*each.second.answer); });
  // A client without recipients mostly goes away, but one may send the body all the same.
  if (any || choose_(2) == 1) {
    end_body();
  } else {
    abandon();
  }
  return true;
}

void Model::lose(unsigned how) {
  static const auto losses = std::to_array<Lost>({
      {{Errc::Unavailable, "closed"}, std::nullopt},
      {{Errc::Unavailable, "421"}, Reply{421, {4, 3, 2}, "going down"}},
      {{Errc::Timeout, "deadline"}, std::nullopt},
      {{Errc::Refused, "XFORWARD refused"}, Reply{503, {5, 5, 0}, "insufficient authorization"}},
  });
  if (tracing_) note("backend: lost " + losses[how % losses.size()].error.detail);
  inbox_.clear();
  on_connection_.clear();
  in_data_ = transaction_ = mail_seen_ = false;
  if (body_performed_ && !final_replies_) finals_lost_ = true;
  give(BackendEvent(losses[how % losses.size()]));
  if (connected_) broken("a lost connection was not dropped");
}

void Model::opening() {
  opening_ = false;
  const unsigned fault = choose_(config_.remembered ? 4 : 3);
  if (fault == 1) {
    if (tracing_) note("backend: unavailable");
    return give(BackendUnavailable{{Errc::Timeout, "no answer"}, std::nullopt});
  }
  if (fault == 2) {
    if (tracing_) note("backend: refuses us");
    return give(BackendUnavailable{{Errc::Refused, "banner"}, Reply{554, {}, "go away"}});
  }
  connected_ = true;
  Capabilities capabilities;
  capabilities.smtputf8 = fault != 3;
  if (tracing_) note(fault == 3 ? "backend: ready, without SMTPUTF8" : "backend: ready");
  give(BackendReady{capabilities});
}

void Model::finals(unsigned fault) {
  FinalReplies event;
  const std::size_t count = config_.lmtp ? on_connection_.size() : 1;
  if (fault == kAnswers - 1 && config_.lmtp && count > 1) {
    event.replies.assign(count + 1, {250, {}, "too many"});
    finals_lost_ = true;
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      event.replies.push_back(answer_of(i == 0 ? fault : choose_(3), {250, {2, 0, 0}, "queued"}));
    }
    for (std::size_t i = 0; i < on_connection_.size(); ++i) {
      delivered_[on_connection_[i]] = took(event.replies[config_.lmtp ? i : 0]);
    }
  }
  final_replies_ = true;
  in_data_ = false;
  // As Postfix does it: a refusal at the end may leave the transaction open.
  transaction_ = mail_seen_ = !std::ranges::all_of(event.replies, took);
  on_connection_.clear();
  if (tracing_) note("backend: final replies");
  give(BackendEvent(event));
}

void Model::event(const BackendCommand& command, unsigned fault) {
  if (std::holds_alternative<SendBody>(command)) return finals(fault);
  if (const auto* rcpt = std::get_if<SendRcpt>(&command)) {
    const Reply reply = transaction_ ? answer_of(fault, {250, {2, 1, 5}, "ok"}) : Reply{503, {5, 5, 1}, "need MAIL"};
    if (took(reply)) on_connection_.push_back(id_of(rcpt->path));
    if (tracing_) note("backend: rcpt " + std::to_string(reply.code));
    return give(BackendEvent(RcptReply{reply}));
  }
  if (std::holds_alternative<SendMail>(command)) {
    const Reply reply = answer_of(fault, {250, {2, 1, 0}, "ok"});
    transaction_ = took(reply);
    if (tracing_) note("backend: mail " + std::to_string(reply.code));
    return give(BackendEvent(MailReply{reply}));
  }
  if (std::holds_alternative<SendData>(command)) {
    // 354 is the good answer here, and 250 nonsense.
    const Reply reply = fault == 5 ? Reply{250, {}, "fine"} : answer_of(fault, {354, {}, "go ahead"});
    in_data_ = reply.code == 354;
    if (tracing_) note("backend: data " + std::to_string(reply.code));
    return give(BackendEvent(DataReply{reply}));
  }
  const Reply reply = answer_of(fault, {250, {2, 0, 0}, "reset"});
  transaction_ = mail_seen_ = mail_seen_ && !took(reply);
  on_connection_.clear();
  if (tracing_) note("backend: reset " + std::to_string(reply.code));
  give(BackendEvent(ResetReply{reply}));
}

void Model::backend_moves() {
  if (opening_) return opening();
  if (inbox_.empty()) return broken("the Relay waits, but nothing was asked of the backend");
  // The client may go away whenever the Relay waits.
  const bool may_abandon = !abandoned_ && !end_answer_;
  const unsigned what = choose_(kAnswers + kLosses + 1 + (may_abandon ? 1 : 0));
  if (what >= kAnswers + kLosses + 1) return abandon();
  if (what == kAnswers + kLosses) {
    // Nonsense from an adapter: an event of the wrong kind.
    if (tracing_) note("backend: an event out of turn");
    const bool reset = std::holds_alternative<SendReset>(inbox_.front());
    inbox_.clear();
    on_connection_.clear();
    transaction_ = mail_seen_ = false;
    if (body_performed_ && !final_replies_) finals_lost_ = true;
    give(reset ? BackendEvent(MailReply{{250, {}, "?"}}) : BackendEvent(ResetReply{{250, {}, "?"}}));
    if (connected_) broken("a connection that talks nonsense was not dropped");
    return;
  }
  if (what >= kAnswers) return lose(what - kAnswers);
  const BackendCommand command = inbox_.front();
  inbox_.erase(inbox_.begin());
  event(command, what);
}

std::string Model::run() {
  Begin begin;
  begin.path.mailbox = mail::Mailbox{"a", "example.com"};
  begin.parameters.smtputf8 = config_.remembered;
  give(begin);
  for (int steps = 0; !finished_ && error_.empty(); ++steps) {
    if (steps > 500) broken("it never ends");
    if (client_moves()) continue;
    if (relay_.finished()) break;
    if (!relay_.waits_for_backend()) {
      broken("nobody moves");
    } else {
      backend_moves();
    }
  }
  if (!error_.empty()) return error_;
  if (!relay_.finished() || relay_.waits_for_backend() || relay_.next()) broken("finished, but not over");
  for (const auto& [id, question] : questions_) {
    if (!question.answer) broken("a question was never answered");
  }
  if (ended_ && !end_answer_) broken("the end was never answered");
  // Whatever comes late is ignored.
  relay_.on(BackendEvent(Lost{}));
  relay_.on(Abandon{});
  relay_.on(BodyEnded{kEndId, Proceed{}, ""});
  if (relay_.next()) broken("an action behind the end");
  return error_;
}

}  // namespace anechoic::smtp::model
