// SPDX-License-Identifier: Apache-2.0
// What all threads of the daemon share, and what outlives every load of the configuration.
// Threads: each member says so of itself. Lifetime: made first, destroyed last; see daemon.h.
#pragma once

#include <memory>

#include "app/alarms.h"
#include "app/config/settings.h"
#include "app/counting_journal.h"
#include "base/clock.h"
#include "base/id.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "outside/net/quota.h"
#include "outside/net/worker.h"
#include "outside/recipients/null_sender_table.h"
#include "outside/spool/spool.h"
#include "outside/store/cache_file.h"
#include "outside/store/mixed_results.h"
#include "outside/store/recipient_cache.h"
#include "outside/store/sqlite_journal.h"

namespace anechoic::app {

struct Shared {
  Shared(std::unique_ptr<observe::Log> log_of_events, std::uint64_t seed);

  SystemClock clock;
  std::unique_ptr<observe::Log> log;
  observe::Metrics metrics;
  Alarms alarms;
  IdSource ids;
  spool::Quota spool_quota;
  net::Quota connections;
  recipients::NullSenderTable null_senders;
  net::Worker resolver;                                  // name look-ups
  net::Worker disk;                                      // deliveries, certificates, reloads
  std::unique_ptr<store::SqliteJournal> sqlite_journal;  // null: the journal is off
  std::unique_ptr<CountingJournal> journal;
  std::unique_ptr<store::CacheFile> cache;
  std::unique_ptr<store::SqliteMixedResults> mixed_results;
  std::unique_ptr<store::SqliteRecipientCache> recipient_cache;

  // Opens the files in state_dir, made if it is missing.   Errors: Io, Refused: with what to do.
  [[nodiscard]] Result<void> open_store(const config::Settings& settings);
  // Gauges that are read rather than counted.
  void update_gauges();
};

// Random bits from the system.
[[nodiscard]] std::uint64_t random_bits();

}  // namespace anechoic::app
