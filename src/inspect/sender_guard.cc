// SPDX-License-Identifier: Apache-2.0
#include "inspect/sender_guard.h"

#include <algorithm>
#include <utility>

namespace anechoic::inspect {
namespace {

using judge::Fact;

Fact<judge::Spf> spf_fact(const auth::spf::Outcome& outcome) {
  using enum auth::spf::Result;
  switch (outcome.result) {
    case None:
      return Fact<judge::Spf>::known(judge::Spf::None);
    case Neutral:
      return Fact<judge::Spf>::known(judge::Spf::Neutral);
    case Pass:
      return Fact<judge::Spf>::known(judge::Spf::Pass);
    case Fail:
      return Fact<judge::Spf>::known(judge::Spf::Fail);
    case SoftFail:
      return Fact<judge::Spf>::known(judge::Spf::SoftFail);
    case PermError:
      return Fact<judge::Spf>::known(judge::Spf::PermError);
    case TempError:
      break;
  }
  return Fact<judge::Spf>::unknown(outcome.problem.empty() ? "temporary error" : outcome.problem);
}

Fact<bool> reverse_path_fact(const auth::Evidence& evidence) {
  constexpr auto kPlace = auth::Place::ReversePath;
  if (std::ranges::find(evidence.proved, kPlace, &auth::Proved::place) != evidence.proved.end())
    return Fact<bool>::known(true);
  const auto unproved = std::ranges::find(evidence.not_proved, kPlace, &auth::NotProved::place);
  if (unproved == evidence.not_proved.end()) return {};
  return unproved->value == auth::Unproved::No ? Fact<bool>::known(false) : Fact<bool>::unknown(unproved->because);
}

Fact<bool> vouched_fact(const auth::Evidence& evidence) {
  if (!evidence.dkim) return {};
  if (std::ranges::any_of(*evidence.dkim, &auth::dkim::Outcome::vouches)) return Fact<bool>::known(true);
  if (evidence.arc && evidence.arc->trusted) return Fact<bool>::known(true);
  const auto unknown = std::ranges::find(*evidence.dkim, auth::dkim::Result::TempError, &auth::dkim::Outcome::result);
  if (unknown != evidence.dkim->end()) return Fact<bool>::unknown(unknown->reason);
  if (evidence.arc && evidence.arc->result == auth::arc::Result::TempError)
    return Fact<bool>::unknown(evidence.arc->reason);
  return Fact<bool>::known(false);
}

Fact<judge::Dmarc> dmarc_fact(const auth::Evidence& evidence) {
  if (!evidence.dmarc) return {};
  const auth::dmarc::Outcome& outcome = *evidence.dmarc;
  if (outcome.result == auth::dmarc::Result::TempError) return Fact<judge::Dmarc>::unknown(outcome.reason);
  return Fact<judge::Dmarc>::known({.failed = outcome.result == auth::dmarc::Result::Fail,
                                    .asks_for_reject = outcome.policy == auth::dmarc::Policy::Reject,
                                    .domain = outcome.from_domain});
}

class SenderWatch final : public Watch {
 public:
  SenderWatch(std::unique_ptr<SenderCheck> check, const judge::Ruleset& ruleset, const judge::Facts& facts)
      : check_(std::move(check)) {
    reverse_path_ = facts.reverse_path.value();
    if (facts.client.is_known()) {
      const judge::Client& client = facts.client.value();
      if (ruleset.relay_of(client.address) != nullptr) {
        behind_relay_ = true;
        return;
      }
      std::string helo = client.helo;
      if (helo.empty() && facts.helo.is_known()) helo = facts.helo.value();
      ask_spf(client.address, std::move(helo));
      return;
    }
    check_->reverse_path(reverse_path_);
  }

  Cancel contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) override {
    if (spf_) facts.sender.spf = *spf_;
    if (spf_ || !asking_ || !matters_at_rcpt(ruleset, facts)) {
      done();
      return {};
    }
    const unsigned number = ++waits_;
    waiting_.push_back({number, &facts, std::move(done)});
    return [this, number] { std::erase_if(waiting_, [number](const Waiting& one) { return one.number == number; }); };
  }

  void content(std::string_view bytes) override { check_->message(bytes); }

  void headers(const HeaderFacts& facts) override {
    if (!behind_relay_ || asking_) return;
    if (facts.relayed_client) return ask_spf(*facts.relayed_client, facts.relayed_helo);
    spf_ = Fact<judge::Spf>::unknown("the trusted relay names no client in its Received field");
    check_->reverse_path(reverse_path_);
  }

  Cancel contribute_end(judge::Facts& facts, Done done) override {
    finish_ = std::move(done);
    at_end_ = &facts;
    check_->finish([this](std::shared_ptr<const auth::Evidence> found) {
      evidence_ = std::move(found);
      if (!finish_) return;  // cancelled
      at_end_->sender = sender_facts(*evidence_);
      if (at_end_->sender.spf.not_asked() && spf_) at_end_->sender.spf = *spf_;
      std::exchange(finish_, {})();
    });
    return [this] { finish_ = {}; };
  }

  void give_up(judge::Facts& facts, const std::string& because) override {
    if (evidence_) return;
    facts.sender = {.spf = spf_.value_or(Fact<judge::Spf>::unknown(because)),
                    .reverse_path_proved = Fact<bool>::unknown(because),
                    .vouched = Fact<bool>::unknown(because),
                    .dmarc = Fact<judge::Dmarc>::unknown(because)};
  }

  std::shared_ptr<const auth::Evidence> evidence() const override {
    if (evidence_ || !outcome_) return evidence_;
    auto so_far = std::make_shared<auth::Evidence>();
    so_far->spf = outcome_;
    return so_far;
  }

 private:
  struct Waiting {
    unsigned number;
    judge::Facts* facts;
    Done done;
  };

  void ask_spf(const ip::Address& client, std::string helo) {
    asking_ = true;
    check_->envelope({.client = client, .helo = std::move(helo), .reverse_path = reverse_path_},
                     [this](const auth::spf::Outcome& outcome) { spf_answered(outcome); });
  }

  void spf_answered(const auth::spf::Outcome& outcome) {
    outcome_ = outcome;
    spf_ = spf_fact(outcome);
    // One at a time: what is told may cancel others, or end the transaction and this with it.
    for (const std::weak_ptr<bool> alive = alive_; !alive.expired() && !waiting_.empty();) {
      Waiting told = std::move(waiting_.front());
      waiting_.erase(waiting_.begin());
      told.facts->sender.spf = *spf_;
      told.done();
    }
  }

  static bool matters_at_rcpt(const judge::Ruleset& ruleset, const judge::Facts& facts) {
    if (!facts.recipient.is_known() || facts.reverse_path.value().is_null()) return false;
    const judge::Policy* policy = ruleset.policy_of(facts.recipient.value().mailbox.domain);
    return policy != nullptr && policy->modes.notify_never == judge::Mode::Enforce;
  }

  std::unique_ptr<SenderCheck> check_;
  mail::ReversePath reverse_path_;
  bool behind_relay_ = false;
  bool asking_ = false;
  std::optional<Fact<judge::Spf>> spf_;
  std::optional<auth::spf::Outcome> outcome_;
  unsigned waits_ = 0;
  std::vector<Waiting> waiting_;
  judge::Facts* at_end_ = nullptr;
  Done finish_;
  std::shared_ptr<const auth::Evidence> evidence_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

judge::Sender sender_facts(const auth::Evidence& evidence) {
  judge::Sender sender;
  if (evidence.spf) sender.spf = spf_fact(*evidence.spf);
  sender.reverse_path_proved = reverse_path_fact(evidence);
  sender.vouched = vouched_fact(evidence);
  sender.dmarc = dmarc_fact(evidence);
  return sender;
}

Guard::Cancel SenderGuard::contribute_rcpt(const judge::Ruleset& /*ruleset*/, judge::Facts& /*facts*/, Done done) {
  done();
  return {};
}

std::unique_ptr<Watch> SenderGuard::watch(const judge::Ruleset& ruleset, const judge::Facts& facts) {
  std::unique_ptr<SenderCheck> check = checks_.begin();
  if (!check) return nullptr;
  return std::make_unique<SenderWatch>(std::move(check), ruleset, facts);
}

}  // namespace anechoic::inspect
