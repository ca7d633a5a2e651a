// SPDX-License-Identifier: Apache-2.0
#include "inspect/transaction.h"

#include <algorithm>
#include <utility>

#include "inspect/record.h"
#include "inspect/state.h"
#include "judge/verdict/reasons.h"

namespace anechoic::inspect {
namespace {

// One open question: a RCPT, or the end. Those of RCPT are kept and used again, so that a transaction of a hundred
// recipients copies the client's facts once.
struct Question {
  judge::Facts facts;
  Transaction::RcptDone done;
  Guard::Cancel cancel;
  std::size_t next = 0;       // who is asked next: the guards, then the watches
  bool contributing = false;  // inside contribute_...()
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
  std::vector<std::unique_ptr<Watch>> watches;
  std::vector<std::unique_ptr<Question>> open;
  std::vector<std::unique_ptr<Question>> idle;
  std::unique_ptr<Question> at_end;
  bool any_accepted = false;
  unsigned no_dsn = 0;           // recipients for which the backend is asked for no DSN
  unsigned no_dsn_observed = 0;  // ... would be, if their domain enforced it

  [[nodiscard]] judge::Verdict decided(judge::Stage stage, const judge::Facts& on) const {
    return soften(judge::decide(stage, on, *session.ruleset), *session.ruleset);
  }
  Question& ask(const mail::ForwardPath& path, RcptDone done);
  void advance(Question& question);
  void answered(Question& question);
  [[nodiscard]] Guard::Cancel contribute(Question& question, std::size_t who);
  void decide_rcpt(Question& question);
  void decide_end();
  void accepted(const mail::Mailbox& mailbox, bool without_dsn);
  void note_no_dsn();
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
  question.next = 0;
  return question;
}

Guard::Cancel Transaction::State::contribute(Question& question, std::size_t who) {
  const std::vector<std::unique_ptr<Guard>>& guards = session.inspector.guards_;
  auto done = [this, &question] { answered(question); };
  if (&question == at_end.get()) return watches[who]->contribute_end(question.facts, std::move(done));
  if (who < guards.size()) return guards[who]->contribute_rcpt(*session.ruleset, question.facts, std::move(done));
  return watches[who - guards.size()]->contribute_rcpt(*session.ruleset, question.facts, std::move(done));
}

// Asks one after the other; those that answer at once cost no turn of the event loop. May destroy *this by way of the
// question's callback.
void Transaction::State::advance(Question& question) {
  const bool ending = &question == at_end.get();
  const std::size_t all = watches.size() + (ending ? 0 : session.inspector.guards_.size());
  while (question.next < all) {
    question.contributing = true;
    question.answered = false;
    Guard::Cancel cancel = contribute(question, question.next++);
    question.contributing = false;
    if (!question.answered) {
      question.cancel = std::move(cancel);
      return;
    }
  }
  if (ending) return decide_end();
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
  const mail::ForwardPath& path = question.facts.recipient.value();
  record.recipient(path, verdict);
  if (verdict.accepted()) accepted(path.mailbox, verdict.notify_never());
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

// What the recipients agree on: see judge::Facts::modes.
void Transaction::State::accepted(const mail::Mailbox& mailbox, bool without_dsn) {
  const judge::Policy* policy = session.ruleset->policy_of(mailbox.domain);
  judge::SenderModes modes;
  if (policy != nullptr && !mail::is_role_account(mailbox)) modes = policy->modes;
  facts.modes = any_accepted ? judge::common(facts.modes, modes) : modes;
  any_accepted = true;
  if (without_dsn) ++no_dsn;
  if (policy == nullptr || policy->modes.notify_never == judge::Mode::Observe) ++no_dsn_observed;
}

void Transaction::State::decide_end() {
  facts.sender = std::move(at_end->facts.sender);
  EndDone done = std::move(at_end->done);
  at_end.reset();
  judge::Verdict verdict = decided(judge::Stage::End, facts);
  record.message(verdict, true);
  done(std::move(verdict));
}

void Transaction::State::note_no_dsn() {
  const auto recipients = [](unsigned count) {
    return std::to_string(count) + (count == 1 ? " recipient" : " recipients");
  };
  if (no_dsn > 0) record.no_dsn(recipients(no_dsn));
  const bool by_relay = facts.client.is_known() && session.ruleset->relay_of(facts.client.value().address) != nullptr;
  if (no_dsn_observed > 0 && !by_relay && judge::wants_no_dsn(facts))
    record.no_dsn_observed(recipients(no_dsn_observed));
}

void Transaction::State::write(Ending ending) {
  note_no_dsn();
  const Clock& clock = session.inspector.clock_;
  JournalRow row = record.finish(std::move(ending));
  row.id = id;
  row.at = at;
  row.took = std::chrono::duration_cast<std::chrono::microseconds>(clock.steady() - started);
  describe_client(row, session.client, session.helo);
  for (const std::unique_ptr<Watch>& watch : watches) {
    if (auto evidence = watch->evidence()) row.sender = std::move(evidence);
  }
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
  if (state_->at_end && state_->at_end->cancel) state_->at_end->cancel();
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
  for (const std::unique_ptr<Guard>& guard : state_->session.inspector.guards_) {
    if (auto watch = guard->watch(*state_->session.ruleset, state_->facts)) state_->watches.push_back(std::move(watch));
  }
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
  for (const std::unique_ptr<Watch>& watch : state_->watches) watch->headers(facts);
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

void Transaction::content(std::string_view bytes) {
  for (const std::unique_ptr<Watch>& watch : state_->watches) watch->content(bytes);
}

void Transaction::end(std::string_view message, EndDone done) {
  state_->classify(message);
  if (state_->watches.empty()) {
    judge::Verdict verdict = state_->decided(judge::Stage::End, state_->facts);
    state_->record.message(verdict, true);
    return done(std::move(verdict));
  }
  state_->at_end = std::make_unique<Question>();
  state_->at_end->facts = state_->facts;
  state_->at_end->done = std::move(done);
  state_->advance(*state_->at_end);
}

void Transaction::give_up(const std::string& because) {
  if (state_->at_end) {
    if (Guard::Cancel cancel = std::exchange(state_->at_end->cancel, {})) cancel();
    for (const std::unique_ptr<Watch>& watch : state_->watches) watch->give_up(state_->at_end->facts, because);
    return state_->decide_end();
  }
  // A callback may change the list of open questions, so it is gone through anew for each.
  const std::size_t guards = state_->session.inspector.guards_.size();
  const auto waits_for_watch = [guards](const std::unique_ptr<Question>& one) { return one->next > guards; };
  for (auto found = std::ranges::find_if(state_->open, waits_for_watch); found != state_->open.end();
       found = std::ranges::find_if(state_->open, waits_for_watch)) {
    Question& question = **found;
    if (Guard::Cancel cancel = std::exchange(question.cancel, {})) cancel();
    state_->decide_rcpt(question);
  }
}

std::shared_ptr<const auth::Evidence> Transaction::evidence() const {
  for (const std::unique_ptr<Watch>& watch : state_->watches) {
    if (auto evidence = watch->evidence()) return evidence;
  }
  return nullptr;
}

void Transaction::outcome(Ending ending) {
  if (state_->over) {
    return;
  }
  state_->over = true;
  state_->write(std::move(ending));
}

}  // namespace anechoic::inspect
