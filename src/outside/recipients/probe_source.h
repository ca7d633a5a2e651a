// SPDX-License-Identifier: Apache-2.0
// The backend itself as a source ("call-forward"): what it said of an address before, kept for a while.
//
// In front of a backend the live RCPT decides (R10a), so a miss is Nothing, not a probe; a cached negative is answered
// without the backend. Probes serve what no live answer can tell:
//   - the accept-all test of each domain (R9): an address made up at random; until its first result find() says Wait,
//     and when it can't be had, Down. Made anew when it is old, while the former result holds.
//   - the canary, which must exist, else the source is Down (R8): then positives are served, also expired ones, and
//     nothing is learned to be absent.
//   - positives that are asked for in the last tenth of their life.
// All of them are begun by find(), so a source that nobody asks is silent; at most `probes` are in flight, further
// tests queue, further refreshes are left. Use never lengthens the life of an answer.
//
// What is learned is written behind to the store and loaded at start.
// Lifetime: prober, store and clock outlive the source; answers of the prober that come later are dropped.   Threads:
// any.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "outside/recipients/cache_store.h"
#include "outside/recipients/probe_cache.h"
#include "outside/recipients/prober.h"
#include "outside/recipients/source.h"

namespace anechoic::recipients {

struct ProbeOptions {
  std::string name;  // of the source, in the settings
  judge::RecipientMode mode = judge::RecipientMode::Observe;
  std::optional<mail::Mailbox> canary;
  bool case_sensitive = false;
  std::chrono::seconds positive_lifetime = std::chrono::hours(12);
  std::chrono::seconds negative_lifetime = std::chrono::minutes(10);
  std::chrono::seconds stale_lifetime = std::chrono::hours(24 * 7);  // positives, while the source is down
  std::chrono::seconds test_interval = std::chrono::hours(1);        // accept-all
  std::chrono::seconds canary_interval = std::chrono::minutes(5);
  std::chrono::seconds retry = std::chrono::seconds(30);  // after a test that could not be made
  unsigned probes = 10;                                   // in flight
  std::size_t entries = 200'000;                          // cached
};

class ProbeSource final : public Source, public std::enable_shared_from_this<ProbeSource> {
 public:
  struct Ports {
    Prober& prober;
    RecipientCacheStore* store = nullptr;  // null: nothing survives a restart
    const Clock& clock;
    AlarmSink alarm;
    std::function<std::uint64_t()> random;  // any thread
  };

  // Made by std::make_shared. Loads nothing yet.
  ProbeSource(ProbeOptions options, Ports ports);
  ~ProbeSource() override;

  // Takes over what the store has; at start, before there are threads. Errors: those of the store.
  [[nodiscard]] Result<void> load();

  [[nodiscard]] SourceAnswer find(const mail::Mailbox& mailbox) override;
  void wait(const mail::Mailbox& mailbox, std::move_only_function<void()> ready) override;
  void learn(const mail::Mailbox& mailbox, const smtp::Reply& live) override;
  [[nodiscard]] SourceReport show(const mail::Mailbox& mailbox) override;
  bool forget(const mail::Mailbox& mailbox) override;

 private:
  enum class Purpose : std::uint8_t { Canary, AcceptAll, Refresh };
  struct Job {
    Purpose purpose;
    mail::Mailbox mailbox;
  };
  // A test that is made anew from time to time.
  struct Test {
    bool pending = false;  // queued or in flight
    SteadyTime due{};
    std::string failed;  // why the last attempt told nothing; "" = it did
  };
  struct DomainTest : Test {
    std::optional<bool> accepts_all;
    WallTime tested_at{};
    std::vector<std::move_only_function<void()>> waiting;
  };
  // What is to be done when the lock is no longer held.
  struct Afterwards {
    std::vector<Job> jobs;
    std::vector<std::move_only_function<void()>> ready;
    std::vector<Alarm> alarms;
    std::vector<CachedRecipient> rows;
  };
  // What the tests say of a domain.
  struct Health {
    std::optional<bool> accepts_all;
    bool pending = false;
    std::string down;  // "" = it is well
  };

  [[nodiscard]] Health look(const std::string& domain, Afterwards& after);
  void start_jobs(Afterwards& after);
  void perform(Afterwards after);
  void probed(const Job& job, const Result<smtp::Reply>& result);
  void canary_probed(const Result<smtp::Reply>& result, Afterwards& after);
  void domain_probed(const std::string& domain, const Result<smtp::Reply>& result, Afterwards& after);
  void put(const std::string& key, bool exists);
  void refresh(const mail::Mailbox& mailbox, const std::string& key);
  [[nodiscard]] SourceAnswer from_cache(const mail::Mailbox& mailbox, const Health& health, bool may_refresh);
  [[nodiscard]] mail::Mailbox made_up(const std::string& domain) const;

  const ProbeOptions options_;
  const Ports ports_;
  ProbeCache cache_;

  std::mutex mutex_;  // of all below; never held while a port is called
  Test canary_;
  std::map<std::string, DomainTest, std::less<>> domains_;
  std::deque<Job> queue_;
  unsigned in_flight_ = 0;
  std::set<std::string> refreshing_;  // keys
  SteadyTime refresh_after_{};        // a refresh that failed holds back the others for a while
};

}  // namespace anechoic::recipients
