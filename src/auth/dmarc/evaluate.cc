// SPDX-License-Identifier: Apache-2.0
#include "auth/dmarc/evaluate.h"

#include <algorithm>
#include <utility>

#include "auth/dmarc/alignment.h"
#include "auth/dmarc/discover.h"
#include "auth/dmarc/record.h"

namespace anechoic::auth::dmarc {

namespace {

// Either the one author domain, or why there is none.
struct Author {
  std::optional<dns::Name> domain;
  Result result = Result::None;
  std::string reason;
};

Author author_domain(const std::vector<std::string>& domains) {
  Author author;
  for (const std::string& text : domains) {
    if (text.empty() || text.starts_with('[')) continue;  // an address literal is no domain
    anechoic::Result<dns::Name> name = to_name(text);
    if (!name) {
      author.result = Result::PermError;
      author.reason = "the domain in From is not a domain name";
      continue;
    }
    if (author.domain && *author.domain != *name) {
      return {.domain = std::nullopt,
              .result = Result::None,
              .reason = "From has addresses of several domains (" + author.domain->to_string() + ", " +
                        name->to_string() + "): DMARC is not applied"};
    }
    author.domain = std::move(*name);
  }
  if (author.result == Result::PermError) author.domain.reset();
  if (!author.domain && author.reason.empty()) author.reason = "there is no domain in From";
  return author;
}

// What the identifiers of one mechanism come to.
struct Mechanism {
  std::string aligned;  // domain that passed and is aligned; "" = none
  std::string other;    // that passed and is not aligned
  std::string unknown;  // that could have been, had a look-up not failed
};

Task<Mechanism> align(Records& records, Walk author, Alignment mode, std::vector<Authenticated> identifiers) {
  // Equal names need no look-ups: they come first.
  std::ranges::partition(identifiers, [&](const Authenticated& one) {
    const anechoic::Result<dns::Name> name = to_name(one.domain);
    return one.passed && name && *name == author.start;
  });
  Mechanism found;
  for (const Authenticated& one : identifiers) {
    if (!one.passed && !one.temporary) continue;
    const anechoic::Result<dns::Name> name = to_name(one.domain);
    if (!name) continue;
    const Aligned aligned = co_await is_aligned(records, author, mode, *name);
    if (aligned == Aligned::Yes && one.passed) {
      found.aligned = name->to_string();
      break;
    }
    if (aligned != Aligned::No) {
      found.unknown = name->to_string();
    } else if (one.passed && found.other.empty()) {
      found.other = name->to_string();
    }
  }
  co_return found;
}

enum class Exists : std::uint8_t { Yes, No, Unknown };

// 3.2.13, A.4: a name exists unless the answer is NXDOMAIN, whatever the type that is asked for.
Task<Exists> exists(Lookups& lookups, dns::Name domain) {
  const SharedAnswer answer = co_await lookups.ask(std::move(domain), dns::Type::A);
  if (!is_definite(answer->found)) co_return Exists::Unknown;
  co_return answer->found == Found::NoSuchName ? Exists::No : Exists::Yes;
}

// Fills in what the record asks for. Says why that could not be found out, "" = it could.
Task<std::string> apply_policy(Records& records, dns::Name author, Walk::Stop stop, Outcome& outcome) {
  const Record& record = *stop.record;
  std::string problem;
  Relation relation = Relation::Itself;
  if (stop.domain != author) {
    relation = Relation::Subdomain;
    if (published_policy(record, Relation::NonexistentSubdomain) != published_policy(record, relation)) {
      const Exists found = co_await exists(records.lookups(), author);
      if (found == Exists::No) relation = Relation::NonexistentSubdomain;
      if (found == Exists::Unknown) problem = "whether " + author.to_string() + " exists could not be looked up";
    }
  }
  outcome.nonexistent = relation == Relation::NonexistentSubdomain;
  outcome.testing = record.testing;
  outcome.published = published_policy(record, relation);
  outcome.policy = record.testing ? one_level_lower(*outcome.published) : *outcome.published;
  co_return problem;
}

std::string not_aligned(const Outcome& outcome, const Mechanism& spf, const Mechanism& dkim) {
  const auto told = [&](std::string_view mechanism, const Mechanism& found) {
    return std::string(mechanism) +
           (found.other.empty() ? " has no pass that counts" : " passed for " + found.other + ", which is not aligned");
  };
  return "nothing that passed is aligned with " + outcome.from_domain + ": " + told("SPF", spf) + ", " +
         told("DKIM", dkim);
}

void conclude(Outcome& outcome, const Mechanism& spf, const Mechanism& dkim, const std::string& policy_problem) {
  outcome.aligned_spf_domain = spf.aligned;
  outcome.aligned_dkim_domain = dkim.aligned;
  outcome.spf_aligned = !spf.aligned.empty();
  outcome.dkim_aligned = !dkim.aligned.empty();
  if (outcome.spf_aligned || outcome.dkim_aligned) {
    outcome.result = Result::Pass;
  } else if (!spf.unknown.empty() || !dkim.unknown.empty()) {
    outcome.result = Result::TempError;
    outcome.reason = spf.unknown.empty() ? "DKIM of " + dkim.unknown : "SPF of " + spf.unknown;
    outcome.reason += ", which may be aligned with " + outcome.from_domain + ", could not be found out";
  } else if (!policy_problem.empty()) {
    outcome.result = Result::TempError;
    outcome.reason = policy_problem;
  } else {
    outcome.result = Result::Fail;
    outcome.reason = not_aligned(outcome, spf, dkim);
  }
}

}  // namespace

std::string_view to_string(Result result) {
  switch (result) {
    case Result::None:
      return "none";
    case Result::Pass:
      return "pass";
    case Result::Fail:
      return "fail";
    case Result::TempError:
      return "temperror";
    case Result::PermError:
      return "permerror";
  }
  return "none";
}

std::string_view to_string(Policy policy) {
  switch (policy) {
    case Policy::None:
      return "none";
    case Policy::Quarantine:
      return "quarantine";
    case Policy::Reject:
      return "reject";
  }
  return "none";
}

Task<Outcome> evaluate(Lookups& lookups, Question question) {
  Outcome outcome;
  Author author = author_domain(question.from_domains);
  if (!author.domain) {
    outcome.result = author.result;
    outcome.reason = std::move(author.reason);
    co_return outcome;
  }
  outcome.from_domain = author.domain->to_string();

  Records records(lookups);
  const Walk walk = co_await walk_tree(records, *author.domain);
  if (!walk.failed) outcome.organizational = organizational_domain(walk).to_string();
  const Walk::Stop* const stop = applicable_record(walk);
  if (stop == nullptr) {
    outcome.result = walk.failed ? Result::TempError : Result::None;
    outcome.reason = walk.failed ? "the DMARC record of " + walk.failed->to_string() + " could not be looked up (" +
                                       walk.failure + ")"
                                 : "there is no DMARC record for " + outcome.from_domain;
    co_return outcome;
  }
  outcome.domain = stop->domain.to_string();
  outcome.record = stop->record->text.substr(0, kMostRecordText);
  if (!stop->record->usable) {
    outcome.reason = "the DMARC record of " + outcome.domain + " is of no use: " + stop->record->problem +
                     ", and it has no valid rua";
    co_return outcome;
  }
  const std::string policy_problem = co_await apply_policy(records, *author.domain, *stop, outcome);
  const Mechanism spf = co_await align(records, walk, stop->record->spf, std::move(question.spf));
  const Mechanism dkim = co_await align(records, walk, stop->record->dkim, std::move(question.dkim));
  conclude(outcome, spf, dkim, policy_problem);
  co_return outcome;
}

Task<Organization> organizational_domain(Lookups& lookups, std::string domain) {
  const anechoic::Result<dns::Name> name = to_name(domain);
  if (!name) co_return Organization{};
  Records records(lookups);
  const Walk walk = co_await walk_tree(records, *name);
  if (walk.failed) co_return Organization{.domain = {}, .temporary = true};
  co_return Organization{.domain = organizational_domain(walk).to_string()};
}

}  // namespace anechoic::auth::dmarc
