// SPDX-License-Identifier: Apache-2.0
#include "outside/store/recipient_cache.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace anechoic::store {
namespace {

std::int64_t stamp(WallTime at) {
  return at.time_since_epoch().count();
}
WallTime time_of(std::int64_t stamp) {
  return WallTime{std::chrono::microseconds{stamp}};
}

}  // namespace

Result<std::vector<recipients::CachedRecipient>> SqliteRecipientCache::load(std::string_view source, WallTime now,
                                                                            std::size_t limit) {
  file_.flush();
  auto database = file_.open_to_read();
  if (!database) return std::unexpected(std::move(database).error());
  auto statement = database->prepare(
      "SELECT address,state,asked_at,expires FROM recipient_cache WHERE source=? AND expires>?"
      " ORDER BY asked_at DESC LIMIT ?");
  if (!statement) return std::unexpected(std::move(statement).error());
  const auto most = std::min<std::uint64_t>(limit, std::numeric_limits<std::int64_t>::max());
  statement->bind(source).bind(stamp(now)).bind(static_cast<std::int64_t>(most));
  std::vector<recipients::CachedRecipient> rows;
  while (true) {
    auto row = statement->step();
    if (!row) return std::unexpected(std::move(row).error());
    if (!*row) return rows;
    const std::int64_t state = statement->integer(1);
    if (state < 0 || state > std::to_underlying(recipients::CachedState::AcceptsAll)) continue;
    rows.push_back({std::string(source), std::string(statement->text(0)), static_cast<recipients::CachedState>(state),
                    time_of(statement->integer(2)), time_of(statement->integer(3))});
  }
}

void SqliteRecipientCache::put(recipients::CachedRecipient row) {
  // A full queue loses the row and counts it.
  (void)file_.submit(
      [row = std::move(row)](Database& database) -> Result<void> {
        auto statement = database.prepare("INSERT OR REPLACE INTO recipient_cache VALUES(?,?,?,?,?)");
        if (!statement) return std::unexpected(std::move(statement).error());
        statement->bind(row.source).bind(row.address).bind(std::int64_t{std::to_underlying(row.state)});
        return statement->bind(stamp(row.asked_at)).bind(stamp(row.expires)).run();
      },
      CacheFile::Durable::No, {});
}

void SqliteRecipientCache::erase(std::string_view source, std::string_view address) {
  (void)file_.submit(
      [source = std::string(source), address = std::string(address)](Database& database) -> Result<void> {
        auto statement = database.prepare("DELETE FROM recipient_cache WHERE source=? AND address=?");
        if (!statement) return std::unexpected(std::move(statement).error());
        return statement->bind(source).bind(address).run();
      },
      CacheFile::Durable::No, {});
}

}  // namespace anechoic::store
