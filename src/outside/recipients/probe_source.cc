// SPDX-License-Identifier: Apache-2.0
// Finding, learning and reporting; the tests of the backend are in probe_tests.cc.
#include "outside/recipients/probe_source.h"

#include <algorithm>
#include <utility>

#include "outside/recipients/address_rules.h"
#include "outside/recipients/live_answer.h"

namespace anechoic::recipients {
namespace {

using Kind = SourceAnswer::Kind;

bool is_fresh(const CachedAnswer& answer, WallTime now) {
  // An answer from the future was given before the clock was set back: nobody knows how old it is.
  return now < answer.expires && answer.asked_at <= now + std::chrono::minutes(1);
}

bool may_be_stale(const CachedAnswer& answer, WallTime now, std::chrono::seconds lifetime) {
  return answer.exists && now < answer.asked_at + lifetime;
}

}  // namespace

ProbeSource::ProbeSource(ProbeOptions options, Ports ports)
    : Source(options.name, options.mode),
      options_(std::move(options)),
      ports_(std::move(ports)),
      cache_(options_.entries, ports_.random()) {}

ProbeSource::~ProbeSource() = default;

Result<void> ProbeSource::load() {
  if (ports_.store == nullptr) {
    return {};
  }
  const WallTime now = ports_.clock.wall();
  auto rows = ports_.store->load(name(), now, options_.entries);
  if (!rows) {
    return Failure(std::move(rows).error());
  }
  // The latest asked come first, and the cache drops what was put first.
  for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
    if (row->state == CachedState::Exists || row->state == CachedState::Absent) {
      const bool exists = row->state == CachedState::Exists;
      const WallTime expires = row->asked_at + (exists ? options_.positive_lifetime : options_.negative_lifetime);
      cache_.put(row->address, {.exists = exists, .asked_at = row->asked_at, .expires = expires});
    } else if (row->address.starts_with('@')) {
      DomainTest& test = domains_[row->address.substr(1)];
      test.accepts_all = row->state == CachedState::AcceptsAll;
      test.tested_at = row->asked_at;
      test.due = ports_.clock.steady() + options_.test_interval -
                 std::clamp<std::chrono::microseconds>(now - row->asked_at, std::chrono::microseconds(0),
                                                       options_.test_interval);
    }
  }
  return {};
}

SourceAnswer ProbeSource::find(const mail::Mailbox& mailbox) {
  Afterwards after;
  Health health;
  {
    const std::lock_guard lock(mutex_);
    health = look(mailbox.domain, after);
  }
  perform(std::move(after));
  return from_cache(mailbox, health, true);
}

SourceAnswer ProbeSource::from_cache(const mail::Mailbox& mailbox, const Health& health, bool may_refresh) {
  if (health.accepts_all == true) {
    return {.kind = Kind::AcceptsAll, .stale = false, .exact = false, .because = {}};
  }
  if (!health.accepts_all && health.pending) {
    return {.kind = Kind::Wait, .stale = false, .exact = false, .because = {}};
  }
  const std::string key = key_of(mailbox, options_.case_sensitive);
  const std::optional<CachedAnswer> cached = cache_.find(key);
  const WallTime now = ports_.clock.wall();
  if (!health.down.empty()) {
    if (cached && may_be_stale(*cached, now, options_.stale_lifetime)) {
      return {.kind = Kind::Exists, .stale = true, .exact = false, .because = {}};
    }
    return {.kind = Kind::Down, .stale = false, .exact = false, .because = health.down};
  }
  // A route is never asked through a source that lists nothing (R1).
  if (!cached || !is_fresh(*cached, now) || mail::is_routed(mailbox)) {
    return {};
  }
  if (cached->exists && may_refresh && now >= cached->expires - (options_.positive_lifetime / 10)) {
    refresh(mailbox, key);
  }
  return {.kind = cached->exists ? Kind::Exists : Kind::Absent, .stale = false, .exact = false, .because = {}};
}

void ProbeSource::wait(const mail::Mailbox& mailbox, std::move_only_function<void()> ready) {
  {
    const std::lock_guard lock(mutex_);
    const auto test = domains_.find(mailbox.domain);
    if (test != domains_.end() && test->second.pending) {
      test->second.waiting.push_back(std::move(ready));
      return;
    }
  }
  ready();
}

void ProbeSource::learn(const mail::Mailbox& mailbox, const smtp::Reply& live) {
  const Said said = what_it_says(live);
  if (said == Said::Nothing || mail::is_routed(mailbox)) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    const auto test = domains_.find(mailbox.domain);
    const bool accepts_all = test != domains_.end() && test->second.accepts_all == true;
    if (said == Said::Exists ? accepts_all : !canary_.failed.empty()) {
      return;  // a yes that means nothing, or a no of a backend that refuses its own canary
    }
  }
  put(key_of(mailbox, options_.case_sensitive), said == Said::Exists);
}

void ProbeSource::put(const std::string& key, bool exists) {
  const WallTime now = ports_.clock.wall();
  const std::chrono::seconds lifetime = exists ? options_.positive_lifetime : options_.negative_lifetime;
  const std::optional<CachedAnswer> before = cache_.find(key);
  if (before && before->exists == exists && is_fresh(*before, now) && now - before->asked_at < lifetime / 10) {
    return;  // every mail to a busy address brings the same news; a tenth of its life is exact enough
  }
  cache_.put(key, {.exists = exists, .asked_at = now, .expires = now + lifetime});
  if (ports_.store != nullptr) {
    ports_.store->put({.source = name(),
                       .address = key,
                       .state = exists ? CachedState::Exists : CachedState::Absent,
                       .asked_at = now,
                       .expires = now + (exists ? std::max(lifetime, options_.stale_lifetime) : lifetime)});
  }
}

SourceReport ProbeSource::show(const mail::Mailbox& mailbox) {
  SourceReport report;
  report.source = name();
  report.type = "probe";
  report.mode = mode();
  Health health;
  WallTime tested_at{};
  {
    const std::lock_guard lock(mutex_);
    health.down = canary_.failed;
    if (const auto test = domains_.find(mailbox.domain); test != domains_.end()) {
      health.accepts_all = test->second.accepts_all;
      health.pending = test->second.pending;
      tested_at = test->second.tested_at;
      if (health.down.empty() && !health.accepts_all) {
        health.down = test->second.failed;
      }
    }
  }
  report.answer = from_cache(mailbox, health, false);
  if (const auto cached = cache_.find(key_of(mailbox, options_.case_sensitive))) {
    report.asked_at = cached->asked_at;
    report.expires = cached->expires;
    report.details.emplace_back("cached", cached->exists ? "exists" : "absent");
  }
  report.details.emplace_back("accepts every address", !health.accepts_all   ? "not known yet"
                                                       : *health.accepts_all ? "yes"
                                                                             : "no");
  if (tested_at != WallTime{}) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(ports_.clock.wall() - tested_at);
    report.details.emplace_back("tested", std::to_string(age.count()) + " s ago");
  }
  if (options_.canary) {
    report.details.emplace_back("canary", mail::to_string(*options_.canary));
  }
  if (!health.down.empty()) {
    report.details.emplace_back("wrong", health.down);
  }
  return report;
}

bool ProbeSource::forget(const mail::Mailbox& mailbox) {
  const std::string key = key_of(mailbox, options_.case_sensitive);
  if (ports_.store != nullptr) {
    ports_.store->erase(name(), key);
  }
  return cache_.erase(key);
}

}  // namespace anechoic::recipients
