// SPDX-License-Identifier: Apache-2.0
// The probes of a ProbeSource: canary, accept-all test, refreshing. Everything under the lock only collects what is to
// be done; perform() does it when the lock is gone, for a port may call back at once.
#include <algorithm>
#include <utility>

#include "outside/recipients/address_rules.h"
#include "outside/recipients/live_answer.h"
#include "outside/recipients/probe_source.h"

namespace anechoic::recipients {
namespace {

// A bound on sessions that wait for the first test of a domain; more are told that the source is down.
constexpr std::size_t kWaiting = 10'000;

std::string why_not(const Result<smtp::Reply>& result) {
  return result ? "the backend answers " + smtp::to_string(*result) : result.error().detail;
}

}  // namespace

// The canary's and the domain's state, and which tests are due. The lock is held.
ProbeSource::Health ProbeSource::look(const std::string& domain, Afterwards& after) {
  const SteadyTime now = ports_.clock.steady();
  if (options_.canary && !canary_.pending && now >= canary_.due) {
    canary_.pending = true;
    queue_.push_back({Purpose::Canary, *options_.canary});
  }
  DomainTest& test = domains_[domain];
  if (!test.pending && now >= test.due) {
    test.pending = true;
    queue_.push_back({Purpose::AcceptAll, made_up(domain)});
  }
  start_jobs(after);
  Health health;
  health.accepts_all = test.accepts_all;
  health.pending = test.pending && test.failed.empty() && test.waiting.size() < kWaiting;
  health.down = canary_.failed;
  if (health.down.empty() && !health.accepts_all) {
    health.down = test.failed.empty() ? "the accept-all test is under way" : test.failed;
  }
  return health;
}

mail::Mailbox ProbeSource::made_up(const std::string& domain) const {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string local = "anechoic-test-";
  for (std::uint64_t bits = ports_.random(), i = 0; i < 12; ++i, bits >>= 5U) {
    local.push_back(kAlphabet[bits & 31U]);
  }
  return {std::move(local), domain};
}

void ProbeSource::start_jobs(Afterwards& after) {
  while (in_flight_ < std::max(1U, options_.probes) && !queue_.empty()) {
    after.jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
    ++in_flight_;
  }
}

void ProbeSource::perform(Afterwards after) {
  for (const Alarm& alarm : after.alarms) {
    ports_.alarm(alarm);
  }
  if (ports_.store != nullptr) {
    for (CachedRecipient& row : after.rows) {
      ports_.store->put(std::move(row));
    }
  }
  for (std::move_only_function<void()>& ready : after.ready) {
    ready();
  }
  for (const Job& job : after.jobs) {
    ports_.prober.probe(job.mailbox, [self = weak_from_this(), job](const Result<smtp::Reply>& result) {
      if (const auto source = self.lock()) {
        source->probed(job, result);
      }
    });
  }
}

void ProbeSource::probed(const Job& job, const Result<smtp::Reply>& result) {
  if (job.purpose == Purpose::Refresh) {
    const std::string key = key_of(job.mailbox, options_.case_sensitive);
    const Said said = result ? what_it_says(*result) : Said::Nothing;
    if (said != Said::Nothing) {
      put(key, said == Said::Exists);
    }
    const std::lock_guard lock(mutex_);
    refreshing_.erase(key);
    if (said == Said::Nothing) {
      refresh_after_ = ports_.clock.steady() + options_.retry;
    }
  }
  Afterwards after;
  {
    const std::lock_guard lock(mutex_);
    --in_flight_;
    if (job.purpose == Purpose::Canary) {
      canary_probed(result, after);
    } else if (job.purpose == Purpose::AcceptAll) {
      domain_probed(job.mailbox.domain, result, after);
    }
    start_jobs(after);
  }
  perform(std::move(after));
}

void ProbeSource::canary_probed(const Result<smtp::Reply>& result, Afterwards& after) {
  const bool well = result && what_it_says(*result) == Said::Exists;
  const bool was_well = canary_.failed.empty();
  canary_.pending = false;
  canary_.due = ports_.clock.steady() + (well ? options_.canary_interval : options_.retry);
  canary_.failed = well ? "" : "canary " + mail::to_string(*options_.canary) + ": " + why_not(result);
  if (well && !was_well) {
    after.alarms.push_back({name(), "the canary is taken again", true});
  } else if (!well && was_well) {
    after.alarms.push_back({name(), canary_.failed + "; the source counts as down", false});
  }
}

void ProbeSource::domain_probed(const std::string& domain, const Result<smtp::Reply>& result, Afterwards& after) {
  DomainTest& test = domains_[domain];
  test.pending = false;
  std::swap(after.ready, test.waiting);
  // 4xx (greylisting, an overload) says as little as no answer.
  if (!result || !(result->positive() || result->permanent())) {
    if (test.failed.empty() && !test.accepts_all) {
      after.alarms.push_back({name(),
                              "can't find out whether the backend accepts every address of " + domain + ": " +
                                  why_not(result) + "; until then the source counts as down for it",
                              false});
    }
    test.failed = "accept-all test of " + domain + ": " + why_not(result);
    test.due = ports_.clock.steady() + options_.retry;
    return;
  }
  const bool accepts_all = result->positive();
  if (accepts_all && test.accepts_all != true) {
    after.alarms.push_back({name(),
                            "the backend accepts every address of " + domain +
                                ", also one that can't exist: name another source for the domain, or set "
                                "catch_all = true; until then its mail is deferred",
                            false});
  } else if (!accepts_all && (test.accepts_all == true || (!test.accepts_all && !test.failed.empty()))) {
    after.alarms.push_back({name(), "the backend refuses unknown addresses of " + domain + " again", true});
  }
  test.accepts_all = accepts_all;
  test.failed.clear();
  test.tested_at = ports_.clock.wall();
  test.due = ports_.clock.steady() + options_.test_interval;
  after.rows.push_back({.source = name(),
                        .address = "@" + domain,
                        .state = accepts_all ? CachedState::AcceptsAll : CachedState::Selective,
                        .asked_at = test.tested_at,
                        .expires = test.tested_at + std::max(options_.stale_lifetime, options_.test_interval)});
}

void ProbeSource::refresh(const mail::Mailbox& mailbox, const std::string& key) {
  Afterwards after;
  {
    const std::lock_guard lock(mutex_);
    if (in_flight_ >= options_.probes || ports_.clock.steady() < refresh_after_ || !refreshing_.insert(key).second) {
      return;
    }
    ++in_flight_;
    after.jobs.push_back({Purpose::Refresh, mailbox});
  }
  perform(std::move(after));
}

}  // namespace anechoic::recipients
