// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "inspect/record.h"
#include "inspect/state.h"
#include "judge/verdict/reasons.h"

namespace anechoic::inspect {

Inspector::Inspector(InspectorOptions options, std::vector<std::unique_ptr<Guard>> guards, Journal& journal,
                     const Clock& clock)
    : options_(options), guards_(std::move(guards)), journal_(journal), clock_(clock) {}
Inspector::~Inspector() = default;

// Commissioning (R2): the last digits stay, so that the postmaster sees which refusal it would have been.
judge::Verdict soften(judge::Verdict verdict, const judge::Ruleset& ruleset) {
  if (!ruleset.soft_bounce || !verdict.reply().permanent()) {
    return verdict;
  }
  smtp::Reply reply = verdict.reply();
  reply.code = static_cast<std::uint16_t>(reply.code - 100);
  if (reply.enhanced.present()) {
    reply.enhanced.klass = 4;
  }
  judge::Verdict softened = judge::Verdict::refuse(std::move(reply), verdict.reasons().front());
  for (std::size_t i = 1; i < verdict.reasons().size(); ++i) {
    softened.because(verdict.reasons()[i]);
  }
  return softened;
}

Session::Session(Inspector& inspector, std::shared_ptr<const judge::Ruleset> ruleset, SessionId id,
                 judge::Client client)
    : state_(std::make_unique<State>(State{.inspector = inspector,
                                           .ruleset = std::move(ruleset),
                                           .id = id,
                                           .client = std::move(client),
                                           .helo = {},
                                           .greeted = false,
                                           .at = {},
                                           .started = {},
                                           .transactions = 0,
                                           .finished = false,
                                           .refused = {}})) {
  state_->at = inspector.clock_.wall();
  state_->started = inspector.clock_.steady();
}

Session::~Session() = default;

judge::Verdict Session::State::decided(judge::Stage stage) {
  judge::Facts facts;
  facts.client = judge::Fact<judge::Client>::known(client);
  if (greeted) {
    facts.helo = judge::Fact<std::string>::known(helo);
  }
  judge::Verdict verdict = soften(judge::decide(stage, facts, *ruleset), *ruleset);
  if (!verdict.accepted()) {
    refused = verdict;
  }
  return verdict;
}

judge::Verdict Session::connect() {
  return state_->decided(judge::Stage::Connect);
}

judge::Verdict Session::helo(std::string name) {
  state_->helo = std::move(name);
  state_->greeted = true;
  return state_->decided(judge::Stage::Helo);
}

void Session::client_changed(judge::Client client) {
  state_->client = std::move(client);
}

const judge::Ruleset& Session::ruleset() const {
  return *state_->ruleset;
}

const judge::Client& Session::client() const {
  return state_->client;
}

void Session::finish(const Ending& ending) {
  if (state_->transactions > 0 || state_->finished) {
    return;
  }
  state_->finished = true;
  Record record(0);
  if (state_->refused) {
    record.message(*state_->refused, false);
  }
  const Clock& clock = state_->inspector.clock_;
  JournalRow row = record.finish(ending);
  row.id = state_->id.transaction(0);
  row.at = state_->at;
  row.took = std::chrono::duration_cast<std::chrono::microseconds>(clock.steady() - state_->started);
  describe_client(row, state_->client, state_->helo);
  state_->inspector.journal_.append(std::move(row));
}

}  // namespace anechoic::inspect
