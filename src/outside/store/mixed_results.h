// SPDX-License-Identifier: Apache-2.0
// The mixed results of LMTP backends (R3) in cache.sqlite: in memory to be found, on disk to outlive the process.
//
// Where the disk fails, the result is kept in memory only and `done` is called all the same: the client hears 451
// either way, and a second copy needs a crash within the next 24 h. CacheFile counts and logs it.
// Threads: any. Lifetime: the CacheFile outlives it.
#pragma once

#include <chrono>
#include <memory>

#include "inspect/mixed_results.h"
#include "outside/store/cache_file.h"

namespace anechoic::store {

struct MixedResultsOptions {
  std::chrono::hours lifetime{24};
  std::size_t entries = 100'000;  // beyond it the oldest are forgotten
};

class SqliteMixedResults final : public inspect::MixedResults {
 public:
  [[nodiscard]] static Result<std::unique_ptr<SqliteMixedResults>> open(const MixedResultsOptions& options,
                                                                        CacheFile& file);
  ~SqliteMixedResults() override;

  void put(const smtp::Remember& remember, std::move_only_function<void()> done) override;
  [[nodiscard]] std::optional<smtp::Remembered> find(const mail::ReversePath& sender,
                                                     const mail::ForwardPath& recipient) override;

 private:
  struct State;
  explicit SqliteMixedResults(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::store
