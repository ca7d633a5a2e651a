// SPDX-License-Identifier: Apache-2.0
// The client's half: questions of the session are put to the inspector, its verdicts to the Relay.
#include "doors/gateway/exchange.h"

#include <algorithm>
#include <span>
#include <utility>

#include "auth/authentication_results.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "doors/gateway/bell.h"
#include "doors/gateway/own_results.h"
#include "doors/gateway/replies.h"
#include "judge/verdict/reasons.h"
#include "mail/header_scan.h"
#include "mail/received.h"

namespace anechoic::gateway {

namespace reasons = judge::reasons;

Exchange::Exchange(const Services& services, std::shared_ptr<const Setup> setup, ClientView client,
                   boost::asio::any_io_executor executor)
    : services_(services),
      setup_(std::move(setup)),
      client_(std::move(client)),
      executor_(std::move(executor)),
      inspected_(client_.inspected.begin()),
      relay_(setup_->options->relay) {}

Exchange::~Exchange() = default;

const std::string& Exchange::id() const {
  return inspected_->id();
}

void Exchange::answer(smtp::QuestionId id, const smtp::Reply& reply) {
  --open_questions_;
  client_.session.answer(id, reply);
}

bool Exchange::mail(const smtp::AskMail& question) {
  ++open_questions_;
  reverse_path_ = question.path;
  smtputf8_ = question.parameters.smtputf8;
  const judge::Verdict verdict = inspected_->mail(question.path);
  if (!verdict.accepted()) {
    answer(question.id, with_id(verdict.reply(), id()));
    abort("", verdict.reply());
    act();
    return false;
  }
  relay_.on(smtp::Begin{question.path, question.parameters, identity()});
  answer(question.id, replies::sender_ok());
  act();
  return true;
}

void Exchange::rcpt(const smtp::AskRcpt& question) {
  ++open_questions_;
  asked_.push_back({question.id, question.path, std::nullopt});
  inspected_->rcpt(question.path,
                   [this, id = question.id](judge::Verdict verdict) { guard_answered(id, std::move(verdict)); });
  take_guard_answers();
}

void Exchange::guard_answered(smtp::QuestionId id, judge::Verdict verdict) {
  const auto asked = std::ranges::find_if(asked_, [id](const Asked& one) { return one.id == id && !one.verdict; });
  if (asked == asked_.end()) return;  // given up on
  asked->verdict = std::move(verdict);
  if (bell_) bell_->ring();
}

// The Relay hears of recipients in their order, so that the first one fixes the group.
void Exchange::take_guard_answers() {
  std::size_t taken = 0;
  for (; taken < asked_.size() && asked_[taken].verdict; ++taken) {
    Asked& one = asked_[taken];
    if (over_) continue;
    const judge::Policy* policy = client_.inspected.ruleset().policy_of(recipient_domain(one.path, *setup_->ruleset));
    smtp::Decision decision = smtp::Refuse{one.verdict->reply()};
    if (one.verdict->accepted()) {
      decision = policy != nullptr ? smtp::Decision(smtp::Proceed{policy->group, one.verdict->notify_never()})
                                   : smtp::Refuse{replies::internal_error()};
    }
    std::optional<smtp::Remembered> remembered;
    if (one.verdict->accepted()) remembered = services_.mixed_results.find(reverse_path_, one.path);
    const mail::ForwardPath path = with_domain(one.path, *setup_->ruleset);
    const smtp::QuestionId id = one.id;
    relayed_.push_back(std::move(one));
    relay_.on(smtp::Recipient{id, path, std::move(decision), std::move(remembered)});
  }
  asked_.erase(asked_.begin(), asked_.begin() + static_cast<std::ptrdiff_t>(taken));
  act();
}

void Exchange::give_up_on_guards() {
  inspected_->give_up("no answer in time");
  for (Asked& one : asked_) {
    if (!one.verdict) {
      one.verdict = judge::Verdict::refuse(replies::source_down(), {reasons::kSourceDown, "no answer in time"});
    }
  }
}

void Exchange::data(const smtp::AskData& question) {
  ++open_questions_;
  spool_ = std::make_unique<spool::Spool>(setup_->options->spool, services_.spool_quota);
  answer(question.id, replies::start_input());
}

void Exchange::body(std::string_view bytes) {
  if (spool_error_ || !spool_) return;  // the rest is read and forgotten
  auto appended = spool_->append(bytes);
  if (!appended) {
    spool_error_ = std::move(appended.error());
  } else {
    inspected_->content(bytes);
  }
}

void Exchange::end(const smtp::AskEnd& question) {
  ++open_questions_;
  over_ = true;
  octets_ = question.octets;
  ending_ = question.id;
  ending_since_ = services_.clock.steady();
  if (auto refused = judge_headers()) {
    relay_.on(smtp::BodyEnded{*std::exchange(ending_, std::nullopt), std::move(*refused), message_id_});
    return act();
  }
  judge_end();
}

smtp::Refuse Exchange::refuse_for(const Error& error) {
  reasons_.push_back({reasons::kInternal, error.detail});
  return {replies::no_room()};
}

std::optional<smtp::Refuse> Exchange::judge_headers() {
  if (spool_error_) return refuse_for(*spool_error_);
  const auto block = spool_->header_block();
  if (!block) return refuse_for(block.error());
  const judge::TrustedRelay* relay = setup_->ruleset->relay_of(client_.inspected.client().address);
  const mail::HeaderScanResult scan =
      mail::scan_headers(*block, {setup_->ruleset->hostname, relay != nullptr ? relay->hops : 0});
  message_id_ = scan.message_id;
  const judge::Verdict verdict = inspected_->headers({.received_fields = scan.received_fields,
                                                      .own_received_fields = scan.own_received_fields,
                                                      .message_id = message_id_,
                                                      .relayed_client = scan.client,
                                                      .relayed_helo = scan.client_helo});
  if (!verdict.accepted()) return smtp::Refuse{verdict.reply()};
  return std::nullopt;
}

// The verdict comes at once or later; the client waits for it, and the backend's connection with it.
void Exchange::judge_end() {
  const auto beginning = spool_->read(0, limits::kJudgedBytes);
  if (!beginning) {
    relay_.on(smtp::BodyEnded{*std::exchange(ending_, std::nullopt), refuse_for(beginning.error()), message_id_});
    return act();
  }
  inspected_->end(*beginning, [this](judge::Verdict verdict) {
    end_verdict_ = std::move(verdict);
    if (bell_) bell_->ring();
  });
  take_end_verdict();
}

void Exchange::take_end_verdict() {
  if (!ending_ || !end_verdict_) return;
  smtp::Decision decision = decide_end(*end_verdict_);
  relay_.on(smtp::BodyEnded{*std::exchange(ending_, std::nullopt), std::move(decision), message_id_});
  act();
}

smtp::Decision Exchange::decide_end(const judge::Verdict& verdict) {
  if (!verdict.accepted()) return smtp::Refuse{verdict.reply()};
  if (message_id_.empty()) {
    auto key = body_key(*spool_);
    if (!key) return refuse_for(key.error());
    message_id_ = std::move(*key);
  }
  if (const auto prepared = prepare_message(); !prepared) return refuse_for(prepared.error());
  return smtp::Proceed{};
}

// Our fields stand above all others, the results above our Received: what is above it nobody else can have written.
Result<void> Exchange::prepare_message() {
  const judge::Client& client = client_.inspected.client();
  mail::Received field;
  field.helo = client_.helo;
  field.client = client.address;
  field.client_name = client.name;
  field.by = setup_->ruleset->hostname;
  field.with = mail::received_protocol(client_.extended, client.tls, smtputf8_);
  field.id = inspected_->id();
  if (accepted_ == 1) field.recipient = first_accepted_;
  field.at = services_.clock.wall();
  prepended_ = mail::write_received(field);
  if (!setup_->options->authentication_results) return {};
  std::span<const std::string> names = setup_->options->own_names;
  if (setup_->ruleset->relay_of(client.address) != nullptr) {
    names = names.first(std::min(names.size(), Options::kOwnHostNames));
  }
  auto forged = find_own_results(*spool_, names);
  if (!forged) return std::unexpected(std::move(forged).error());
  spool_->leave_out(std::move(*forged));
  if (const auto evidence = inspected_->evidence())
    prepended_.insert(0, auth::write_results(*evidence, setup_->options->authserv_id));
  return {};
}

void Exchange::abort(std::string_view reason, smtp::Reply last) {
  if (over_) return;  // the end of data is being answered: what comes of it is no longer the client's to say
  over_ = true;
  asked_.clear();
  relayed_.clear();
  open_questions_ = 0;
  if (!reason.empty()) reasons_.push_back({reason, ""});
  last_ = std::move(last);
  relay_.on(smtp::Abandon{});
  act();
}

Exchange::Waiting Exchange::waiting_for() const {
  if (finished()) return Waiting::No;
  if (opening_ || relay_.waits_for_backend()) return Waiting::ForBackend;
  if (!asked_.empty() || ending_ || held_end_) return Waiting::ForAnswers;
  return Waiting::No;
}

smtp::Identity Exchange::identity() const {
  const judge::Client& client = client_.inspected.client();
  smtp::Identity identity;
  identity.name = client.name.empty() ? "[UNAVAILABLE]" : client.name;
  identity.addr = ip::to_string(client.address);
  identity.port = client.port;
  identity.proto = client_.extended ? "ESMTP" : "SMTP";
  identity.helo = client_.helo;
  identity.ident = inspected_->id();
  identity.source = "REMOTE";
  return identity;
}

}  // namespace anechoic::gateway
