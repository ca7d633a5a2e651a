// SPDX-License-Identifier: Apache-2.0
// The port through which what a probe source has learned survives a restart.
//
// Rows are keyed by (source, address); put() replaces the row of the same key. Wanted of the adapter: one table
//
//   recipient_cache(source TEXT, address TEXT, state INTEGER, asked_at INTEGER, expires INTEGER,
//                   PRIMARY KEY (source, address))        times in microseconds since 1970, UTC
//
// `address` is the key as the source compares it (`local@domain`, case already folded; any bytes but NUL, at most
// limits::kLocalPart + 1 + limits::kDomain octets); for the two states of the accept-all test (R9) it is `@domain`.
// Rows whose `expires` has passed may be dropped at any time; nothing else may be.
//
// load() blocks and is called at start only, before there are threads. put() and erase() never wait: they are written
// behind, and when the queue is full the row is lost and counted (it is a cache).   Errors: Io.
// Adapter: outside/store (cache.sqlite).   Threads: put() and erase() from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace anechoic::recipients {

// The numbers are the file format.
enum class CachedState : std::uint8_t {
  Absent = 0,      // the backend said that there is no such address
  Exists = 1,      // the backend took it
  Selective = 2,   // `@domain`: the random recipient was refused
  AcceptsAll = 3,  // `@domain`: the random recipient was taken (R9)
};

struct CachedRecipient {
  std::string source;  // its name in the settings
  std::string address;
  CachedState state = CachedState::Absent;
  WallTime asked_at{};  // when the backend said so
  WallTime expires{};   // when the row may be dropped (positives outlive their use, to be served stale: R8)

  friend bool operator==(const CachedRecipient&, const CachedRecipient&) = default;
};

class RecipientCacheStore {
 public:
  virtual ~RecipientCacheStore() = default;
  // All rows of one source that have not expired at `now`; at most `limit`, the latest asked first.
  [[nodiscard]] virtual Result<std::vector<CachedRecipient>> load(std::string_view source, WallTime now,
                                                                  std::size_t limit) = 0;
  virtual void put(CachedRecipient row) = 0;
  virtual void erase(std::string_view source, std::string_view address) = 0;
};

}  // namespace anechoic::recipients
