// SPDX-License-Identifier: Apache-2.0
#include "judge/verdict/decide_sender.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "judge/verdict/decide.h"
#include "judge/verdict/reasons.h"

namespace anechoic::judge {
namespace {

constexpr std::string_view kForbidden = "The sender's domain does not allow your server to use it (SPF)";
constexpr std::string_view kNotTheAuthor = "The author's domain asks for such mail to be rejected (DMARC)";
constexpr std::string_view kNotOurs = "The sender address is one of ours, and nothing proves that it is yours";

// What speaks against a message, and what is said to it.
struct Objection {
  std::string_view enforced;
  std::string_view observed;
  Mode mode;
  smtp::Reply reply;
  std::string detail;
};

template <typename T>
bool known(const Fact<T>& fact, const T& value) {
  return fact.is_known() && fact.value() == value;
}

// The evidence without which neither SPF nor DMARC refuses anything: a mailing list or a forwarder that signs, or whose
// own reverse-path passes, is not a forger. What could not be found out might have vouched.
bool nothing_vouches(const Sender& sender) {
  return sender.spf.is_known() && sender.spf.value() != Spf::Pass && known(sender.vouched, false);
}

std::optional<Objection> own_domain(const Facts& facts, const Ruleset& ruleset) {
  if (!facts.reverse_path.is_known() || facts.reverse_path.value().is_null()) return std::nullopt;
  const std::string& domain = facts.reverse_path.value().mailbox->domain;
  if (ruleset.policy_of(domain) == nullptr || !known(facts.sender.reverse_path_proved, false)) return std::nullopt;
  return Objection{.enforced = reasons::kOwnDomain,
                   .observed = reasons::kOwnDomainObserved,
                   .mode = facts.modes.own_domain,
                   .reply = {550, {5, 7, 1}, std::string(kNotOurs)},
                   .detail = domain};
}

std::optional<Objection> spf_fail(const Facts& facts) {
  if (!known(facts.sender.spf, Spf::Fail) || !nothing_vouches(facts.sender)) return std::nullopt;
  return Objection{.enforced = reasons::kSpfFail,
                   .observed = reasons::kSpfFailObserved,
                   .mode = facts.modes.spf,
                   .reply = {550, {5, 7, 23}, std::string(kForbidden)},
                   .detail = "no signature vouches for the message either"};
}

std::optional<Objection> dmarc_reject(const Facts& facts) {
  const Fact<Dmarc>& dmarc = facts.sender.dmarc;
  if (!dmarc.is_known() || !dmarc.value().failed || !dmarc.value().asks_for_reject) return std::nullopt;
  if (!nothing_vouches(facts.sender)) return std::nullopt;
  return Objection{.enforced = reasons::kDmarcReject,
                   .observed = reasons::kDmarcRejectObserved,
                   .mode = facts.modes.dmarc,
                   .reply = {550, {5, 7, 1}, std::string(kNotTheAuthor)},
                   .detail = dmarc.value().domain + (known(facts.sender.spf, Spf::Fail)
                                                         ? "; SPF fails, and no signature stands"
                                                         : "; SPF does not pass, and no signature stands")};
}

}  // namespace

SenderModes common(const SenderModes& one, const SenderModes& other) {
  const auto both = [](Mode a, Mode b) { return a == Mode::Enforce && b == Mode::Enforce ? a : Mode::Observe; };
  return {.spf = both(one.spf, other.spf),
          .dmarc = both(one.dmarc, other.dmarc),
          .own_domain = both(one.own_domain, other.own_domain),
          .notify_never = both(one.notify_never, other.notify_never)};
}

bool wants_no_dsn(const Facts& facts) {
  if (!facts.reverse_path.is_known() || facts.reverse_path.value().is_null()) return false;
  const Fact<Spf>& spf = facts.sender.spf;
  return known(spf, Spf::Fail) || known(spf, Spf::SoftFail) || known(spf, Spf::None);
}

Verdict decide_sender(const Facts& facts, const Ruleset& ruleset) {
  // R7: a trusted relay would have to bounce to the very address that was forged. Its mail is filed: the header tells.
  const TrustedRelay* relay = facts.client.is_known() ? ruleset.relay_of(facts.client.value().address) : nullptr;
  std::optional<Verdict> refused;
  std::optional<Verdict> observed;
  for (auto& objection : std::array{own_domain(facts, ruleset), spf_fail(facts), dmarc_reject(facts)}) {
    if (!objection) continue;
    if (objection->mode == Mode::Enforce && relay == nullptr) {
      const Reason reason{objection->enforced, objection->detail};
      if (refused) {
        refused->because(reason);
      } else {
        refused = Verdict::refuse(objection->reply, reason);
      }
      continue;
    }
    std::string detail = objection->detail;
    if (objection->mode == Mode::Enforce) detail += "; not refused, for it came by the trusted relay " + relay->name;
    const Reason reason{objection->observed, std::move(detail)};
    if (observed) {
      observed->because(reason);
    } else {
      observed = Verdict::accept(reason);
    }
  }
  if (!refused) return observed ? *std::move(observed) : Verdict::accept({reasons::kClean, {}});
  if (observed) {
    for (const Reason& reason : observed->reasons()) refused->because(reason);
  }
  return *std::move(refused);
}

}  // namespace anechoic::judge
