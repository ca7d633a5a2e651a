// SPDX-License-Identifier: Apache-2.0
// The journal on disk: a folder of partitions, each an SQLite file of its own, which is deleted whole when the journal
// has reached its size. Partitions are numbered; the highest is being written.
//
//   journal/00000041-20261121T000000Z.sqlite     full, sealed (no write-ahead log)
//   journal/00000042-20261122T061500Z.sqlite     being written
//   journal/lock                                 held by the daemon that writes
//
// Threads: pure, but for the folder.                                                         docs/formats/journal.md
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace anechoic::store {

struct Partition {
  std::uint64_t number = 0;
  std::string path;

  [[nodiscard]] std::uint64_t octets() const;  // with what SQLite keeps beside it; 0 if it is gone
  [[nodiscard]] bool is_sealed() const;
  void remove() const;
};

// Oldest first. Files with other names are left alone. Errors: NotFound (no such folder), Io.
[[nodiscard]] Result<std::vector<Partition>> list_partitions(const std::string& directory);
[[nodiscard]] Partition next_partition(const std::string& directory, std::uint64_t number, WallTime now);

// The schema of a partition, for Database::migrate().
[[nodiscard]] std::span<const std::string_view> journal_schema();

// "2026-11-22T06:15:00Z"; what the journal's sentences say.
[[nodiscard]] std::string to_utc(WallTime at);

}  // namespace anechoic::store
