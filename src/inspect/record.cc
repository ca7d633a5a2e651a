// SPDX-License-Identifier: Apache-2.0
#include "inspect/record.h"

#include <utility>

#include "judge/verdict/reasons.h"

namespace anechoic::inspect {
namespace {

using judge::Action;
namespace reasons = judge::reasons;

constexpr std::size_t kSignals = 12;  // kept in a row; the classifier names the weightiest first

Action action_of(const smtp::Reply& reply) {
  if (reply.positive()) {
    return Action::Accept;
  }
  return reply.permanent() ? Action::Reject : Action::Defer;
}

// Why the relay refused what we had accepted. Its own replies are told apart by their codes (wire/smtp/relay.h).
std::string_view reason_of(const smtp::Reply& reply, bool relayed) {
  if (relayed) {
    return reasons::kBackend;
  }
  if (reply.enhanced.subject == 5 && reply.enhanced.detail == 3) {
    return reasons::kOtherGroup;
  }
  if (reply.enhanced.subject == 3 && reply.enhanced.detail == 5) {
    return reasons::kBackendAboutUs;
  }
  return reply.code == 451 && reply.enhanced.subject == 4 ? reasons::kBackendDown : reasons::kBackend;
}

}  // namespace

void describe_client(JournalRow& row, const judge::Client& client, const std::string& helo) {
  row.client = {client.address, client.port};
  row.client_name = client.name;
  row.tls = client.tls;
  row.helo = helo;
}

void Record::recipient(const mail::ForwardPath& path, const judge::Verdict& verdict) {
  const std::string_view reason = verdict.reasons().front().name;
  if (verdict.accepted()) {
    accepted_.push_back({path, reason});
  } else {
    refused(path, verdict.reply(), reason);
  }
}

void Record::refused(const mail::ForwardPath& path, const smtp::Reply& reply, std::string_view reason) {
  ++row_.refused;
  ++row_.refused_by_reason[reason];
  if (named_ < named_refusals_) {
    ++named_;
    row_.recipients.push_back({mail::to_string(path), smtp::to_string(reply), reason, false});
  }
  last_refusal_ = reply;
  last_refusal_reason_ = reason;
}

void Record::message(const judge::Verdict& verdict, bool at_end) {
  if (!verdict.accepted()) {
    message_refused_ = verdict;
  } else if (at_end) {
    end_accepted_ = true;
    for (const judge::Reason& reason : verdict.reasons())
      if (reason.name != reasons::kClean) noted_.push_back(reason);
  }
}

void Record::kind(judge::Classification found) {
  row_.kind = judge::to_string(found.kind);
  row_.automatic = found.automatic;
  row_.phrases_only = found.phrases_only;
  row_.signals = std::move(found.signals);
  if (row_.signals.size() > kSignals) row_.signals.resize(kSignals);
}

// Puts the relay's answers to the recipients that we had let pass. Both lists are nearly in the same order, so looking
// on from the last hit finds almost every one at once.
void Record::settle_recipients(const smtp::Outcome& relayed) {
  std::vector<const smtp::RelayedRecipient*> answers(accepted_.size(), nullptr);
  std::size_t at = 0;
  for (const smtp::RelayedRecipient& answer : relayed.recipients) {
    for (std::size_t tried = 0; tried < accepted_.size(); ++tried, ++at) {
      at = at >= accepted_.size() ? 0 : at;
      if (answers[at] == nullptr && accepted_[at].path == answer.path) {
        answers[at++] = &answer;
        break;
      }
    }
  }
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    const smtp::RelayedRecipient* answer = answers[i];
    if (answer != nullptr && !answer->reply.positive()) {
      refused(accepted_[i].path, answer->reply, reason_of(answer->reply, answer->relayed));
      continue;
    }
    ++row_.accepted;
    row_.recipients.push_back({mail::to_string(accepted_[i].path),
                               answer == nullptr ? std::string() : smtp::to_string(answer->reply), accepted_[i].reason,
                               true});
  }
}

void Record::settle_message(Ending& ending) {
  const smtp::Outcome& relayed = ending.relayed;
  std::string_view why;
  if (relayed.end) {
    row_.action = action_of(*relayed.end);
    row_.reply = smtp::to_string(*relayed.end);
    if (relayed.in_doubt) {
      why = reasons::kInDoubt;
    } else if (!relayed.end->positive()) {
      why = relayed.body_sent ? reasons::kBackend : reason_of(*relayed.end, false);
    }
  } else if (ending.last.code != 0) {
    row_.action = action_of(ending.last);
    row_.reply = smtp::to_string(ending.last);
  } else if (message_refused_) {
    row_.action = message_refused_->action();
    row_.reply = smtp::to_string(message_refused_->reply());
  } else if (end_accepted_) {
    row_.action = Action::Accept;
  } else if (row_.accepted == 0 && row_.refused > 0) {
    row_.action = action_of(last_refusal_);
    row_.reply = smtp::to_string(last_refusal_);
    why = last_refusal_reason_;
  } else {  // no message came: nothing was taken over
    row_.action = Action::Defer;
    why = ending.reasons.empty() ? reasons::kClientGone : why;
  }
  if (message_refused_) {
    row_.reasons = message_refused_->reasons();
  } else if (ending.reasons.empty()) {
    row_.reasons.push_back({why.empty() ? reasons::kClean : why, {}});
  } else if (!why.empty() && relayed.end) {
    row_.reasons.push_back({why, {}});
  }
  for (judge::Reason& reason : ending.reasons) {
    row_.reasons.push_back(std::move(reason));
  }
  for (judge::Reason& reason : noted_) row_.reasons.push_back(std::move(reason));
  if (!no_dsn_.empty()) row_.reasons.push_back({reasons::kNotifyNever, std::move(no_dsn_)});
  if (!no_dsn_observed_.empty()) row_.reasons.push_back({reasons::kNotifyNeverObserved, std::move(no_dsn_observed_)});
}

JournalRow Record::finish(Ending ending) {
  settle_recipients(ending.relayed);
  settle_message(ending);
  row_.backend = std::move(ending.backend);
  row_.octets = ending.octets;
  row_.in_doubt = ending.relayed.in_doubt;
  row_.failovers = ending.relayed.failovers;
  return std::move(row_);
}

}  // namespace anechoic::inspect
