// SPDX-License-Identifier: Apache-2.0
// Reads the journal, also while the daemon writes it: for `anechoic explain` and `anechoic log`. Nothing is changed.
//
// Rows are seen some 50 ms after the transaction's end. A partition that is deleted or can't be read meanwhile is left
// out; unreadable() tells which.
//
// Errors: NotFound (no such folder, or nothing in it yet), Refused (permissions), Io.   Threads: one at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "outside/store/database.h"
#include "outside/store/stored_row.h"

namespace anechoic::store {

// All that are set must hold. Texts: without regard to ASCII case, anywhere in the address.
struct JournalFilter {
  std::optional<WallTime> since{};  // inclusive
  std::optional<WallTime> until{};  // exclusive
  std::optional<ip::Network> client{};
  std::string sender{};     // in the reverse-path; "<>" finds the null sender
  std::string recipient{};  // in one of the recipients named in the row
  std::string action{};     // exactly: accept, reject, defer, quarantine, suppress
  std::string reason{};     // exactly, of the row or of one of its recipients
  std::string kind{};       // exactly: dsn, auto-reply ...
  std::size_t limit = 100;
};

class JournalReader {
 public:
  [[nodiscard]] static Result<JournalReader> open(const std::string& directory);

  // The row of that transaction or session.
  [[nodiscard]] Result<std::optional<StoredRow>> find(std::string_view id);
  // All rows of a session, in order; `id` is that of one of them.
  [[nodiscard]] Result<std::vector<StoredRow>> find_session(std::string_view id);
  // The latest first.
  [[nodiscard]] Result<std::vector<StoredRow>> list(const JournalFilter& filter);
  [[nodiscard]] const std::vector<Error>& unreadable() const { return unreadable_; }

 private:
  explicit JournalReader(std::string directory) : directory_(std::move(directory)) {}
  [[nodiscard]] Result<void> each(const std::function<Result<bool>(Database&)>& look);

  std::string directory_;
  std::vector<Error> unreadable_;
};

}  // namespace anechoic::store
