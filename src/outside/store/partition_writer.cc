// SPDX-License-Identifier: Apache-2.0
#include "outside/store/partition_writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <tuple>

#include "base/ip.h"
#include "judge/verdict/reasons.h"
#include "observe/log.h"
#include "outside/store/stored_row.h"

namespace anechoic::store {
namespace {

constexpr std::uint64_t kSmallestPartition = 64 * 1024;
constexpr std::uint64_t kLargestPartition = 256ULL << 20;
constexpr std::size_t kLookedAtForMarker = 2;  // a begun partition may be lost with the power: see begin_partition()

std::int64_t stamp(WallTime at) {
  return at.time_since_epoch().count();
}
WallTime time_of(std::int64_t stamp) {
  return WallTime{std::chrono::microseconds{stamp}};
}

inspect::JournalRow unclean_row(const UncleanStop& stop, const std::string& id) {
  inspect::JournalRow row;
  row.id = id;
  row.at = stop.last_heartbeat;
  row.took = stop.started - stop.last_heartbeat;
  row.door = "daemon";
  row.action = judge::Action::Defer;
  row.reasons.push_back({judge::reasons::kUncleanStop,
                         "the daemon ended without stopping in order; what happened "
                         "between " +
                             to_utc(stop.last_heartbeat) + " and " + to_utc(stop.started) + " may be missing here"});
  return row;
}

}  // namespace

PartitionWriter::PartitionWriter(const JournalOptions& options, const Clock& clock, observe::Log& log)
    : options_(options), clock_(clock), log_(log) {}

PartitionWriter::~PartitionWriter() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> PartitionWriter::lock_folder() {
  std::error_code error;
  std::filesystem::create_directories(options_.directory, error);
  if (error) return fail(Errc::Io, "making the journal's folder " + options_.directory + ": " + error.message());
  const std::string path = options_.directory + "/lock";
  lock_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0640);
  if (lock_ < 0) return fail_errno("opening " + path, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return fail(Errc::Refused, "another anechoic writes the journal in " + options_.directory +
                                   ": stop it, or give this one a state_dir of its own");
  }
  return {};
}

Result<Database> PartitionWriter::open_partition(const std::string& path) {
  auto database = Database::open(path);
  if (!database) return database;
  if (auto done = database->migrate(journal_schema()); !done) return std::unexpected(std::move(done).error());
  return database;
}

Result<std::optional<UncleanStop>> PartitionWriter::start() {
  if (auto locked = lock_folder(); !locked) return std::unexpected(std::move(locked).error());
  auto listed = list_partitions(options_.directory);
  if (!listed) return std::unexpected(std::move(listed).error());
  started_ = clock_.wall();
  std::optional<WallTime> heartbeat;
  for (std::size_t i = 0; i < listed->size(); ++i) {
    const Partition& partition = (*listed)[i];
    last_number_ = partition.number;
    const std::size_t from_end = listed->size() - i;
    if (from_end <= kLookedAtForMarker) {
      auto found = take_over(partition, from_end == 1);
      if (!found) return std::unexpected(std::move(found).error());
      if (*found) heartbeat = std::max(heartbeat, *found);
    } else if (!partition.is_sealed()) {
      checkpointer_.retire(partition.path);
    }
    std::error_code ignored;
    if (std::filesystem::exists(partition.path, ignored)) partitions_.push_back(partition);
  }
  std::optional<UncleanStop> unclean;
  if (heartbeat) {
    unclean = UncleanStop{.last_heartbeat = *heartbeat, .started = started_};
    untold_ = unclean_row(*unclean, options_.start_id);
  }
  // A full disk is met again at the first rows, which are then dropped and counted; mail goes on meanwhile.
  auto begun = database_ ? set_marker() : begin_partition();
  if (!begun && database_ && is_corrupt(begun.error())) {
    give_up_partition(begun.error());
    begun = begin_partition();
  }
  if (!begun && begun.error().code != Errc::Exhausted) return std::unexpected(std::move(begun).error());
  maintain();
  return unclean;
}

// Opens a partition of an earlier daemon and returns the heartbeat of its marker, if there is one. The newest is the
// one that is written on.
Result<std::optional<WallTime>> PartitionWriter::take_over(const Partition& partition, bool newest) {
  auto database = open_partition(partition.path);
  Result<std::int64_t> found = 0;
  if (database) {
    found = database->query_integer("SELECT coalesce(max(heartbeat), 0) FROM running");
  } else {
    found = std::unexpected(database.error());
  }
  if (!found && is_corrupt(found.error())) {
    database = std::unexpected(found.error());  // closes it
    partitions_.push_back(partition);
    give_up_partition(found.error());
    return std::optional<WallTime>{};
  }
  if (!found) return std::unexpected(std::move(found).error());
  if (newest) {
    database_ = std::move(*database);
    begun_ = started_;
  } else {
    superseded_.push_back(std::move(*database));
  }
  return *found > 0 ? std::optional(time_of(*found)) : std::nullopt;
}

Result<void> PartitionWriter::begin_partition() {
  const WallTime now = clock_.wall();
  Partition next = next_partition(options_.directory, last_number_ + 1, now);
  auto opened = open_partition(next.path);
  if (!opened) {
    next.remove();
    return std::unexpected(std::move(opened).error());
  }
  const bool continues = database_.has_value();
  if (continues) superseded_.push_back(std::move(*database_));
  database_ = std::move(*opened);
  if (auto marked = set_marker(); !marked) {
    database_.reset();
    if (continues) {
      database_ = std::move(superseded_.back());
      superseded_.pop_back();
    }
    next.remove();
    return marked;
  }
  last_number_ = next.number;
  begun_ = now;
  partitions_.push_back(std::move(next));
  return {};
}

// Sets the marker in the newest partition, then takes it from earlier ones: there is one at any time.
Result<void> PartitionWriter::set_marker() {
  const std::string now = std::to_string(stamp(clock_.wall()));
  if (auto begun = database_->begin(true); !begun) return begun;
  auto done = database_->execute("DELETE FROM running; INSERT INTO running VALUES(" + std::to_string(stamp(started_)) +
                                 "," + now + ")");
  if (done && untold_) done = insert(*untold_);
  if (done) done = database_->commit();
  if (!done) {
    database_->rollback();
    return done;
  }
  untold_.reset();
  for (Database& earlier : superseded_) {
    std::ignore = earlier.execute("DELETE FROM running");
    checkpointer_.retire(std::move(earlier));
  }
  superseded_.clear();
  return {};
}

Result<void> PartitionWriter::insert(const inspect::JournalRow& row) {
  auto statement = database_->prepare("INSERT INTO transactions VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!statement) return std::unexpected(std::move(statement).error());
  const std::string client = ip::to_string(row.client.address);
  const std::string details = encode_details(row);
  const std::string_view reason = row.reasons.empty() ? std::string_view{} : row.reasons.front().name;
  statement->bind(row.id).bind(stamp(row.at)).bind(row.took.count()).bind(row.door).bind(client);
  statement->bind(std::int64_t{row.client.port}).bind(row.client_name).bind(row.helo).bind(std::int64_t{row.tls});
  statement->bind(row.reverse_path).bind(std::int64_t{row.accepted}).bind(std::int64_t{row.refused});
  statement->bind(judge::to_string(row.action)).bind(reason).bind(row.reply).bind(row.backend).bind(row.message_id);
  statement->bind(static_cast<std::int64_t>(row.octets)).bind(std::int64_t{row.in_doubt});
  statement->bind(std::int64_t{row.failovers}).bind(details);
  return statement->run();
}

Result<void> PartitionWriter::write_once(std::span<const inspect::JournalRow> rows, std::optional<WallTime> heartbeat) {
  if (auto begun = database_->begin(false); !begun) return begun;
  for (const auto& row : rows) {
    if (auto done = insert(row); !done) return done;
  }
  if (heartbeat) {
    auto marker = database_->prepare("UPDATE running SET heartbeat=?");
    if (!marker) return std::unexpected(std::move(marker).error());
    if (auto done = marker->bind(stamp(*heartbeat)).run(); !done) return done;
  }
  return database_->commit();
}

Result<void> PartitionWriter::write(std::span<const inspect::JournalRow> rows, std::optional<WallTime> heartbeat) {
  for (int attempt = 0;; ++attempt) {
    if (!database_) {
      if (auto begun = begin_partition(); !begun) return begun;
    }
    auto done = write_once(rows, heartbeat);
    if (done) {
      checkpointer_.after_commit(*database_);
      return {};
    }
    database_->rollback();
    if (!is_corrupt(done.error()) || attempt > 0) return done;
    give_up_partition(done.error());
  }
}

void PartitionWriter::give_up_partition(const Error& error) {
  const Partition partition = std::move(partitions_.back());
  partitions_.pop_back();
  database_.reset();
  checkpointer_.forget();
  auto aside = set_aside(partition.path);
  if (!aside) partition.remove();
  log_.event(observe::Level::Error, "journal-corrupt",
             {{"file", partition.path},
              {"error", error.detail},
              {"kept-as", aside ? *aside : "nothing: " + aside.error().detail}});
}

std::uint64_t PartitionWriter::partition_octets() const {
  return std::clamp(options_.size / 16, kSmallestPartition, kLargestPartition);
}

void PartitionWriter::maintain() {
  const WallTime now = clock_.wall();
  if (database_ && !partitions_.empty() &&
      (partitions_.back().octets() >= partition_octets() || now - begun_ >= options_.partition_span)) {
    // On failure the full one is written on; the next call tries again.
    std::ignore = begin_partition();
  }
  delete_oldest();
}

void PartitionWriter::delete_oldest() {
  octets_ = 0;
  for (const Partition& partition : partitions_) octets_ += partition.octets();
  const std::uint64_t bound = options_.size - options_.size / 32;  // what may come before the next look
  while (octets_ > bound && partitions_.size() > 1) {
    octets_ -= std::min(octets_, partitions_.front().octets());
    partitions_.front().remove();
    partitions_.erase(partitions_.begin());
  }
}

void PartitionWriter::stop() {
  if (!database_) return;
  std::ignore = database_->execute("DELETE FROM running");
  checkpointer_.retire(std::move(*database_));
  database_.reset();
}

}  // namespace anechoic::store
