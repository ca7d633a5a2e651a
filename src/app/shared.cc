// SPDX-License-Identifier: Apache-2.0
#include "app/shared.h"

#include <filesystem>
#include <random>
#include <system_error>

#include "app/reason_words.h"
#include "judge/kind/classify.h"
#include "judge/verdict/reasons.h"

namespace anechoic::app {

namespace {

observe::Labels labels() {
  observe::Labels all{.actions = {"accept", "reject", "defer", "quarantine", "suppress"}, .reasons = {}, .kinds = {}};
  for (const ReasonWords& words : all_reasons()) all.reasons.emplace_back(words.name);
  for (const judge::Kind kind : judge::kEveryKind) all.kinds.emplace_back(judge::to_string(kind));
  return all;
}

Result<void> make_folder(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (error)
    return fail(Errc::Io, path + " can't be made: " + error.message() +
                              "; make it for the user that runs anechoic, or set state_dir");
  if (made) fs::permissions(path, fs::perms::owner_all, error);
  return {};
}

}  // namespace

std::uint64_t random_bits() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

Shared::Shared(std::unique_ptr<observe::Log> log_of_events, std::uint64_t seed)
    : log(std::move(log_of_events)),
      metrics(labels()),
      alarms(*log, metrics.gateway(), clock),
      ids(clock, static_cast<std::uint32_t>(seed)),
      connections(net::Quota::Options{}),
      null_senders({}, random_bits()),
      resolver("resolve", 4, 4096),
      disk("disk", 8, 4096) {}

Result<void> Shared::open_store(const config::Settings& settings) {
  for (const std::string& folder : {settings.state_dir, settings.file_in_state("spool")})
    if (const auto made = make_folder(folder); !made) return made;
  if (settings.journal.enabled) {
    store::JournalOptions options;
    options.directory = settings.file_in_state("journal");
    options.size = settings.journal.size;
    options.start_id = ids.next().transaction(0);
    auto opened = store::SqliteJournal::open(options, clock, *log);
    if (!opened) return std::unexpected(opened.error());
    sqlite_journal = std::move(*opened);
  }
  journal = std::make_unique<CountingJournal>(metrics.gateway(), *log, sqlite_journal.get());
  store::CacheOptions options;
  options.file = settings.file_in_state("cache.sqlite");
  auto file = store::CacheFile::open(options, clock, *log);
  if (!file) return std::unexpected(file.error());
  cache = std::move(*file);
  auto mixed = store::SqliteMixedResults::open({}, *cache);
  if (!mixed) return std::unexpected(mixed.error());
  mixed_results = std::move(*mixed);
  recipient_cache = std::make_unique<store::SqliteRecipientCache>(*cache);
  return {};
}

void Shared::update_gauges() {
  const observe::GatewayMetrics& gateway = metrics.gateway();
  gateway.spool_memory.set(static_cast<double>(spool_quota.memory.load()));
  gateway.spool_disk.set(static_cast<double>(spool_quota.disk.load()));
  metrics.recipients().sources_down.set(static_cast<double>(alarms.count(judge::reasons::kSourceDown)));
  metrics.set_log_dropped(log->dropped());
  if (!sqlite_journal) return;
  const store::JournalStats stats = sqlite_journal->stats();
  const observe::JournalMetrics& journal_metrics = metrics.journal();
  journal_metrics.rows.add(static_cast<double>(stats.written) - journal_metrics.rows.value());
  journal_metrics.dropped.add(static_cast<double>(stats.dropped) - journal_metrics.dropped.value());
  journal_metrics.failing.set(stats.failing ? 1 : 0);
  journal_metrics.queue.set(static_cast<double>(stats.queued));
  journal_metrics.octets.set(static_cast<double>(stats.octets));
}

}  // namespace anechoic::app
