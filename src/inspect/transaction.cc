// SPDX-License-Identifier: Apache-2.0
#include "inspect/transaction.h"

#include <utility>

#include "inspect/record.h"
#include "inspect/state.h"
#include "judge/verdict/reasons.h"

namespace anechoic::inspect {
namespace {

// One open RCPT question. Kept and used again, so that a transaction of a hundred recipients copies the client's facts
// once.
struct Question {
  judge::Facts facts;
  Transaction::RcptDone done;
  Guard::Cancel cancel;
  std::size_t next_guard = 0;
  bool contributing = false;  // inside contribute_rcpt()
  bool answered = false;      // ... and it has called back already
};

}  // namespace

struct Transaction::State {
  State(Session::State& of, std::string its_id)
      : session(of), id(std::move(its_id)), record(of.inspector.options_.journalled_refusals) {}

  Session::State& session;
  std::string id;
  Record record;
  WallTime at{};
  SteadyTime started{};
  bool mail_seen = false;
  bool over = false;
  judge::Facts facts;  // client, helo, reverse-path; then the headers'
  std::vector<std::unique_ptr<Question>> open;
  std::vector<std::unique_ptr<Question>> idle;

  [[nodiscard]] judge::Verdict decided(judge::Stage stage, const judge::Facts& on) const {
    return soften(judge::decide(stage, on, *session.ruleset), *session.ruleset);
  }
  Question& ask(const mail::ForwardPath& path, RcptDone done);
  void advance(Question& question);
  void answered(Question& question);
  void decide_rcpt(Question& question);
  void classify(std::string_view message);
  void write(Ending ending);
};

Question& Transaction::State::ask(const mail::ForwardPath& path, RcptDone done) {
  if (idle.empty()) {
    idle.push_back(std::make_unique<Question>());
    idle.back()->facts = facts;
  }
  open.push_back(std::move(idle.back()));
  idle.pop_back();
  Question& question = *open.back();
  question.facts.recipient = judge::Fact<mail::ForwardPath>::known(path);
  question.facts.recipient_status = {};
  question.facts.null_sender_rate = {};
  question.done = std::move(done);
  question.next_guard = 0;
  return question;
}

// Asks the guards one after the other; those that answer at once cost no turn of the event loop. May destroy *this by
// way of the question's callback.
void Transaction::State::advance(Question& question) {
  std::vector<std::unique_ptr<Guard>>& guards = session.inspector.guards_;
  while (question.next_guard < guards.size()) {
    Guard& guard = *guards[question.next_guard++];
    question.contributing = true;
    question.answered = false;
    Guard::Cancel cancel =
        guard.contribute_rcpt(*session.ruleset, question.facts, [this, &question] { answered(question); });
    question.contributing = false;
    if (!question.answered) {
      question.cancel = std::move(cancel);
      return;
    }
  }
  decide_rcpt(question);
}

void Transaction::State::answered(Question& question) {
  if (question.contributing) {
    question.answered = true;
    return;
  }
  question.cancel = {};
  advance(question);
}

void Transaction::State::decide_rcpt(Question& question) {
  // Counted now, not when it was asked: of two that were open together only the first may pass (R3).
  question.facts.accepted_recipients = record.accepted();
  judge::Verdict verdict = decided(judge::Stage::Rcpt, question.facts);
  record.recipient(question.facts.recipient.value(), verdict);
  RcptDone done = std::move(question.done);
  for (std::unique_ptr<Question>& slot : open) {
    if (slot.get() == &question) {
      idle.push_back(std::move(slot));
      slot = std::move(open.back());
      open.pop_back();
      break;
    }
  }
  done(std::move(verdict));
}

void Transaction::State::write(Ending ending) {
  const Clock& clock = session.inspector.clock_;
  JournalRow row = record.finish(std::move(ending));
  row.id = id;
  row.at = at;
  row.took = std::chrono::duration_cast<std::chrono::microseconds>(clock.steady() - started);
  describe_client(row, session.client, session.helo);
  if (mail_seen) {
    row.reverse_path = mail::to_string(facts.reverse_path.value());
  }
  session.inspector.journal_.append(std::move(row));
}

std::unique_ptr<Transaction> Session::begin() {
  const std::uint32_t number = ++state_->transactions;
  auto state = std::make_unique<Transaction::State>(*state_, state_->id.transaction(number));
  state->at = state_->inspector.clock_.wall();
  state->started = state_->inspector.clock_.steady();
  state->facts.client = judge::Fact<judge::Client>::known(state_->client);
  if (state_->greeted) {
    state->facts.helo = judge::Fact<std::string>::known(state_->helo);
  }
  return std::unique_ptr<Transaction>(new Transaction(std::move(state)));
}

Transaction::Transaction(std::unique_ptr<State> state) : state_(std::move(state)) {}

Transaction::~Transaction() {
  for (const std::unique_ptr<Question>& question : state_->open) {
    if (question->cancel) {
      question->cancel();
    }
  }
  if (!state_->over) {
    Ending ending;
    ending.reasons.push_back({judge::reasons::kInternal, "the door told no outcome"});
    state_->write(std::move(ending));
  }
}

const std::string& Transaction::id() const {
  return state_->id;
}

judge::Verdict Transaction::mail(const mail::ReversePath& path) {
  state_->facts.reverse_path = judge::Fact<mail::ReversePath>::known(path);
  state_->mail_seen = true;
  state_->idle.clear();
  return state_->decided(judge::Stage::Mail, state_->facts);
}

void Transaction::rcpt(const mail::ForwardPath& path, RcptDone done) {
  state_->advance(state_->ask(path, std::move(done)));
}

void Transaction::answered(const mail::ForwardPath& path, const smtp::Reply& live) {
  state_->record.live_answer(live);
  state_->facts.recipient = judge::Fact<mail::ForwardPath>::known(path);
  for (const std::unique_ptr<Guard>& guard : state_->session.inspector.guards_) {
    guard->learn_rcpt(state_->facts, live);
  }
}

judge::Verdict Transaction::headers(const HeaderFacts& facts) {
  state_->facts.received_fields = judge::Fact<unsigned>::known(facts.received_fields);
  state_->facts.own_received_fields = judge::Fact<unsigned>::known(facts.own_received_fields);
  state_->record.message_id(facts.message_id);
  if (facts.relayed_client) {
    state_->record.relayed_client(*facts.relayed_client);
  }
  judge::Verdict verdict = state_->decided(judge::Stage::Headers, state_->facts);
  state_->record.message(verdict, false);
  return verdict;
}

void Transaction::State::classify(std::string_view message) {
  const judge::Classifier* classifier = session.inspector.options_.classifier;
  if (classifier == nullptr || message.empty()) return;
  const mail::Message scanned = mail::scan_message(message);
  std::optional<std::string> sender;
  if (facts.reverse_path.is_known()) {
    const mail::ReversePath& path = facts.reverse_path.value();
    sender = path.mailbox ? mail::to_string(*path.mailbox) : std::string();
  }
  record.kind(classifier->classify({.message = scanned, .envelope_from = std::move(sender)}));
}

judge::Verdict Transaction::end(std::string_view message) {
  state_->classify(message);
  judge::Verdict verdict = state_->decided(judge::Stage::End, state_->facts);
  state_->record.message(verdict, true);
  return verdict;
}

void Transaction::outcome(Ending ending) {
  if (state_->over) {
    return;
  }
  state_->over = true;
  state_->write(std::move(ending));
}

}  // namespace anechoic::inspect
