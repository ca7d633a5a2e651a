// SPDX-License-Identifier: Apache-2.0
#include "auth/proved.h"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "auth/dmarc/alignment.h"
#include "auth/dmarc/discover.h"
#include "base/ascii.h"
#include "mail/header_address.h"

namespace anechoic::auth {

namespace {

using dmarc::Aligned;

constexpr std::size_t kMostTold = 3;  // signatures that a `because` speaks of

struct Claim {
  std::string address;
  Place place = Place::ReversePath;
  unsigned fields = 1;  // of that place
};

struct Finding {
  std::string spf;  // domain that proves it; "" = none
  std::string dkim;
  bool unknown = false;
  std::vector<std::string> why;
};

// Alignment with one domain. Its DMARC record is asked for only where equal names don't settle it.
class Aligner {
 public:
  Aligner(dmarc::Records& records, dns::Name domain) : records_(records), domain_(std::move(domain)) {}
  Aligner(const Aligner&) = delete;
  Aligner& operator=(const Aligner&) = delete;

  [[nodiscard]] const dns::Name& domain() const { return domain_; }

  Task<Aligned> of(By by, std::string identifier) {
    const auto known = known_.find({by, identifier});
    if (known != known_.end()) co_return known->second;
    const Aligned aligned = co_await find_out(by, identifier);
    known_.emplace(std::pair(by, std::move(identifier)), aligned);
    co_return aligned;
  }

 private:
  Task<Aligned> find_out(By by, std::string identifier) {
    const Result<dns::Name> name = dmarc::to_name(identifier);
    if (!name) co_return Aligned::No;
    if (*name == domain_) co_return Aligned::Yes;
    if (!name->is_within(domain_.last(1))) co_return Aligned::No;
    if (!walk_) walk_ = co_await dmarc::walk_tree(records_, domain_);
    auto mode = dmarc::Alignment::Relaxed;
    if (const dmarc::Walk::Stop* const stop = dmarc::applicable_record(*walk_)) {
      mode = by == By::Spf ? stop->record->spf : stop->record->dkim;
    }
    const Aligned aligned = co_await dmarc::is_aligned(records_, *walk_, mode, *name);
    // A registry's record without psd=y makes one organization of all its customers (RFC 9989 4.10.2): no proof.
    const bool registry = aligned == Aligned::Yes && dmarc::organizational_domain(*walk_).labels() < 2;
    co_return registry ? Aligned::No : aligned;
  }

  dmarc::Records& records_;
  dns::Name domain_;
  std::optional<dmarc::Walk> walk_;
  std::map<std::pair<By, std::string>, Aligned> known_;
};

std::string_view field_of(Place place) {
  switch (place) {
    case Place::From:
      return "From";
    case Place::Sender:
      return "Sender";
    case Place::ReplyTo:
      return "Reply-To";
    case Place::ReversePath:
      break;
  }
  return "";
}

std::string spf_says(const spf::Outcome& outcome) {
  if (outcome.result == spf::Result::TempError) {
    return "SPF of " + outcome.domain + " could not be found out" +
           (outcome.problem.empty() ? "" : " (" + outcome.problem + ")");
  }
  return "SPF says " + std::string(spf::to_string(outcome.result)) + " for " + outcome.domain;
}

void judge_own_spf(const Evidence& evidence, const Claim& claim, Finding& finding) {
  if (evidence.helo && evidence.helo->result == spf::Result::Pass &&
      ascii::iequals(claim.address, "postmaster@" + evidence.helo->domain)) {
    finding.spf = evidence.helo->domain;
  }
  if (!evidence.spf || evidence.spf->identity != spf::Identity::MailFrom) {
    finding.why.emplace_back("SPF was not asked");
  } else if (evidence.spf->result == spf::Result::Pass) {
    finding.spf = evidence.spf->domain;
  } else {
    finding.unknown = evidence.spf->result == spf::Result::TempError;
    finding.why.push_back(spf_says(*evidence.spf));
  }
}

Task<Finding> judge_spf(const Evidence& evidence, Claim claim, Aligner& aligner) {
  Finding finding;
  if (claim.place == Place::ReversePath) {
    judge_own_spf(evidence, claim, finding);
    co_return finding;
  }
  if (!evidence.spf) {
    finding.why.emplace_back("SPF was not asked");
    co_return finding;
  }
  const spf::Outcome& outcome = *evidence.spf;
  const bool passed = outcome.result == spf::Result::Pass;
  if (!passed && outcome.result != spf::Result::TempError) {
    finding.why.push_back(spf_says(outcome));
    co_return finding;
  }
  const Aligned aligned = co_await aligner.of(By::Spf, outcome.domain);
  if (passed && aligned == Aligned::Yes) {
    finding.spf = outcome.domain;
    co_return finding;
  }
  finding.unknown = aligned != Aligned::No;
  if (!passed) {
    finding.why.push_back(spf_says(outcome));
  } else if (finding.unknown) {
    finding.why.push_back("SPF passed for " + outcome.domain + ", and whether that is aligned with " +
                          aligner.domain().to_string() + " could not be looked up");
  } else {
    finding.why.push_back("SPF passed for " + outcome.domain + ", which is not aligned with " +
                          aligner.domain().to_string());
  }
  co_return finding;
}

std::string whose(const dkim::Outcome& signature) {
  return "the signature of " + (signature.domain.empty() ? "nobody" : signature.domain);
}

// How often a signature signs the field of a place.
unsigned signs(const dkim::Outcome& signature, Place place) {
  unsigned times = 0;
  for (const std::string& name : signature.signed_headers) times += ascii::iequals(name, field_of(place)) ? 1 : 0;
  return times;
}

// Could a signature prove something of a place, were it aligned?
bool is_of_use(const dkim::Outcome& signature, const Claim& claim) {
  if (signature.result != dkim::Result::Pass && signature.result != dkim::Result::TempError) return false;
  if (signature.partial_body) return false;
  return claim.place == Place::ReversePath || signs(signature, claim.place) >= claim.fields;
}

// Why it does not prove the claim.
std::string why_not(const dkim::Outcome& signature, const Claim& claim, Aligned aligned, const dns::Name& domain) {
  const auto in_brackets = [](const std::string& text) { return text.empty() ? "" : " (" + text + ")"; };
  const bool temporary = signature.result == dkim::Result::TempError;
  if (signature.result != dkim::Result::Pass && !temporary) {
    return whose(signature) + " says " + std::string(dkim::to_string(signature.result)) + in_brackets(signature.reason);
  }
  if (signature.partial_body) return whose(signature) + " covers only a part of the body (l=)";
  if (!is_of_use(signature, claim)) {
    return whose(signature) + " does not sign " + (signs(signature, claim.place) > 0 ? "every " : "") +
           std::string(field_of(claim.place));
  }
  if (temporary) return "the key of " + signature.domain + " could not be fetched" + in_brackets(signature.reason);
  if (aligned == Aligned::No) return whose(signature) + " is not aligned with " + domain.to_string();
  return "whether " + whose(signature) + " is aligned with " + domain.to_string() + " could not be looked up";
}

// One signature: true if it proves the claim.
Task<bool> judge_signature(const dkim::Outcome& signature, Claim claim, Aligner& aligner, Finding& finding) {
  auto aligned = Aligned::No;
  if (is_of_use(signature, claim)) {
    aligned = co_await aligner.of(By::Dkim, signature.domain);
    if (aligned == Aligned::Yes && signature.result == dkim::Result::Pass) co_return true;
    if (aligned != Aligned::No) finding.unknown = true;
  }
  if (finding.why.size() < kMostTold) finding.why.push_back(why_not(signature, claim, aligned, aligner.domain()));
  co_return false;
}

Task<Finding> judge_dkim(const Evidence& evidence, Claim claim, Aligner& aligner) {
  Finding finding;
  if (!evidence.dkim) {
    finding.why.emplace_back("no message was shown");
    co_return finding;
  }
  if (evidence.dkim->empty()) finding.why.emplace_back("there is no DKIM signature");
  const std::string own = aligner.domain().to_string();
  // Those of the very domain first: they need no look-ups.
  for (const bool exact : {true, false}) {
    for (const dkim::Outcome& signature : *evidence.dkim) {
      if ((signature.domain == own) != exact) continue;
      if (co_await judge_signature(signature, claim, aligner, finding)) {
        finding.dkim = signature.domain;
        co_return finding;
      }
    }
  }
  if (evidence.dkim->size() > kMostTold) {
    finding.why.push_back(std::to_string(evidence.dkim->size() - kMostTold) +
                          " more signatures do not prove it either");
  }
  co_return finding;
}

std::string sentence(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out;
}

Task<bool> judge(dmarc::Records& records, Evidence& evidence, Claim claim) {
  const Result<dns::Name> domain = dmarc::to_name(mail::domain_part(claim.address));
  if (!domain) {
    evidence.not_proved.push_back(
        {claim.address, claim.place, Unproved::No, "it has no domain name that could vouch for it"});
    co_return false;
  }
  Aligner aligner(records, *domain);
  const Finding spf = co_await judge_spf(evidence, claim, aligner);
  const Finding dkim = co_await judge_dkim(evidence, claim, aligner);
  if (!spf.spf.empty()) evidence.proved.push_back({claim.address, claim.place, By::Spf, spf.spf});
  if (!dkim.dkim.empty()) evidence.proved.push_back({claim.address, claim.place, By::Dkim, dkim.dkim});
  if (!spf.spf.empty() || !dkim.dkim.empty()) co_return true;
  std::vector<std::string> why = spf.why;
  why.insert(why.end(), dkim.why.begin(), dkim.why.end());
  evidence.not_proved.push_back(
      {claim.address, claim.place, spf.unknown || dkim.unknown ? Unproved::Unknown : Unproved::No, sentence(why)});
  co_return false;
}

// The addresses of all fields of a name, each once, and how many fields there are.
unsigned collect(const mail::HeaderBlock& header, Place place, std::vector<std::string>& out) {
  unsigned fields = 0;
  std::unordered_set<std::string> seen;
  for (const mail::Field& field : header.fields()) {
    if (!ascii::iequals(field.name, field_of(place))) continue;
    ++fields;
    for (const mail::HeaderAddress& one : mail::parse_address_list(field.value)) {
      if (!one.address.empty() && seen.insert(one.address).second) out.push_back(one.address);
    }
  }
  return fields;
}

void add_claims(std::vector<Claim>& out, const std::vector<std::string>& addresses, Place place, unsigned fields) {
  for (std::size_t i = 0; i < std::min(addresses.size(), kMostAddresses); ++i) {
    out.push_back({addresses[i], place, fields});
  }
}

}  // namespace

Claims claims_of(const mail::HeaderBlock& header) {
  Claims claims;
  claims.from_fields = collect(header, Place::From, claims.from);
  claims.sender_fields = collect(header, Place::Sender, claims.sender);
  claims.reply_to_fields = collect(header, Place::ReplyTo, claims.reply_to);
  return claims;
}

Task<Evidence> prove(Lookups& lookups, Evidence evidence, Claims claims) {
  std::vector<Claim> all;
  if (claims.reverse_path && claims.reverse_path->mailbox) {
    all.push_back({mail::to_string(*claims.reverse_path->mailbox), Place::ReversePath, 1});
  }
  add_claims(all, claims.from, Place::From, claims.from_fields);
  add_claims(all, claims.sender, Place::Sender, claims.sender_fields);
  add_claims(all, claims.reply_to, Place::ReplyTo, claims.reply_to_fields);
  dmarc::Records records(lookups);
  for (const Claim& claim : all) (void)co_await judge(records, evidence, claim);
  co_return evidence;
}

}  // namespace anechoic::auth
