// SPDX-License-Identifier: Apache-2.0
#include "auth/checks.h"

#include <algorithm>
#include <utility>

#include "auth/message_reader.h"
#include "auth/proved.h"
#include "mail/header_address.h"

namespace anechoic::auth {

namespace {

// SPF's part in DMARC: MAIL FROM's domain, which for the null sender is HELO's.
std::vector<dmarc::Authenticated> spf_identifiers(const Evidence& evidence) {
  if (!evidence.spf) return {};
  return {{evidence.spf->domain, evidence.spf->result == spf::Result::Pass,
           evidence.spf->result == spf::Result::TempError}};
}

std::vector<dmarc::Authenticated> dkim_identifiers(const Evidence& evidence) {
  std::vector<dmarc::Authenticated> identifiers;
  for (const dkim::Outcome& signature : *evidence.dkim) {
    identifiers.push_back({signature.domain, signature.vouches(),
                           signature.result == dkim::Result::TempError && !signature.partial_body});
  }
  return identifiers;
}

std::vector<std::string> domains_of(const std::vector<std::string>& addresses) {
  std::vector<std::string> domains;
  for (const std::string& address : addresses) domains.emplace_back(mail::domain_part(address));
  return domains;
}

// Behind the bound may stand another From.
dmarc::Outcome dmarc_of_cut_header() {
  dmarc::Outcome outcome;
  outcome.result = dmarc::Result::PermError;
  outcome.reason = "the message's header is too large to be checked";
  return outcome;
}

}  // namespace

// Shared by the Checks and its open questions, so that these may end after it.
struct Checks::State {
  State(CheckServices given, CheckOptions chosen)
      : services(given), options(std::move(chosen)), lookups(given.resolver, given.clock, options.budget) {}

  CheckServices services;
  CheckOptions options;
  Lookups lookups;
  Claims claims;
  Evidence evidence;
  std::unique_ptr<MessageReader> message;  // null: none was shown
  SpfDone spf_done;
  Done done;
  unsigned open = 0;       // checks whose outcome the proofs need
  bool finishing = false;  // finish() was called

  [[nodiscard]] WallTime now() const { return options.at.value_or(services.clock.wall()); }
  static void check_envelope(const std::shared_ptr<State>& state, const Envelope& envelope);
  static void check_message(const std::shared_ptr<State>& state);
  static void settle(const std::shared_ptr<State>& state);
  static Task<Evidence> conclude(std::shared_ptr<State> state);
};

void Checks::State::check_envelope(const std::shared_ptr<State>& state, const Envelope& envelope) {
  spf::Question question = spf::mail_from_question(envelope.client, envelope.helo, envelope.reverse_path, state->now());
  ++state->open;
  start(spf::check_host(state->lookups, std::move(question), state->options.spf), [state](spf::Outcome outcome) {
    state->evidence.spf = std::move(outcome);
    --state->open;
    // The callback may drop the Checks, and with it itself.
    if (SpfDone told = std::move(state->spf_done)) told(*state->evidence.spf);
    settle(state);
  });
  if (!state->options.check_helo || envelope.reverse_path.is_null()) return;  // the null sender is HELO's
  spf::Question helo = spf::mail_from_question(envelope.client, envelope.helo, mail::ReversePath{}, state->now());
  helo.identity = spf::Identity::Helo;
  ++state->open;
  start(spf::check_host(state->lookups, std::move(helo), state->options.spf), [state](spf::Outcome outcome) {
    state->evidence.helo = std::move(outcome);
    --state->open;
    settle(state);
  });
}

void Checks::State::check_message(const std::shared_ptr<State>& state) {
  const MessageReader& message = *state->message;
  state->open += 2;
  start(message.dkim(state->lookups, state->services.keys, state->now()), [state](std::vector<dkim::Outcome> outcomes) {
    state->evidence.dkim = std::move(outcomes);
    --state->open;
    settle(state);
  });
  start(message.arc(state->lookups, state->services.keys, state->now()), [state](arc::Outcome outcome) {
    state->evidence.arc = std::move(outcome);
    --state->open;
    settle(state);
  });
}

// Once nothing is open any more, the rest is asked: DMARC needs what the others found.
void Checks::State::settle(const std::shared_ptr<State>& state) {
  if (!state->finishing || state->open > 0) return;
  state->finishing = false;
  start(conclude(state), [state](const Evidence& evidence) {
    if (Done told = std::move(state->done)) told(evidence);
  });
}

Task<Evidence> Checks::State::conclude(std::shared_ptr<State> state) {
  Evidence evidence = std::move(state->evidence);
  Claims claims = std::move(state->claims);
  if (state->message && state->message->header().truncated()) {
    evidence.dmarc = dmarc_of_cut_header();
  } else if (state->message) {
    evidence.dmarc = co_await dmarc::evaluate(
        state->lookups, {domains_of(claims.from), spf_identifiers(evidence), dkim_identifiers(evidence)});
  }
  co_return co_await prove(state->lookups, std::move(evidence), std::move(claims));
}

Checks::Checks(CheckServices services, CheckOptions options)
    : state_(std::make_shared<State>(services, std::move(options))) {}

Checks::~Checks() {
  state_->spf_done = nullptr;
  state_->done = nullptr;
}

void Checks::envelope(const Envelope& envelope, SpfDone done) {
  state_->claims.reverse_path = envelope.reverse_path;
  state_->spf_done = std::move(done);
  State::check_envelope(state_, envelope);
}

void Checks::reverse_path(mail::ReversePath path) {
  state_->claims.reverse_path = std::move(path);
}

void Checks::message(std::string_view bytes) {
  if (!state_->message) state_->message = std::make_unique<MessageReader>(state_->options.dkim, state_->options.arc);
  state_->message->feed(bytes);
}

void Checks::finish(Done done) {
  const std::shared_ptr<State> state = state_;  // `done` may drop us
  state->done = std::move(done);
  state->finishing = true;
  if (state->message) {
    state->message->finish();
    Claims named = claims_of(state->message->header());
    named.reverse_path = std::move(state->claims.reverse_path);
    state->claims = std::move(named);
    ++state->open;  // until both checks have begun
    State::check_message(state);
    --state->open;
  }
  State::settle(state);
}

}  // namespace anechoic::auth
