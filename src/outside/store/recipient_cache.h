// SPDX-License-Identifier: Apache-2.0
// What probe sources have learned, in cache.sqlite.   Contract: outside/recipients/cache_store.h.
// Lifetime: the CacheFile outlives it.
#pragma once

#include "outside/recipients/cache_store.h"
#include "outside/store/cache_file.h"

namespace anechoic::store {

class SqliteRecipientCache final : public recipients::RecipientCacheStore {
 public:
  explicit SqliteRecipientCache(CacheFile& file) : file_(file) {}

  [[nodiscard]] Result<std::vector<recipients::CachedRecipient>> load(std::string_view source, WallTime now,
                                                                      std::size_t limit) override;
  void put(recipients::CachedRecipient row) override;
  void erase(std::string_view source, std::string_view address) override;

 private:
  CacheFile& file_;
};

}  // namespace anechoic::store
