// SPDX-License-Identifier: Apache-2.0
// One connection to one SQLite file: statements prepared once, write-ahead log, versions of the schema. SQLite is seen
// by the .cc files of this room only.
//
// The write-ahead log is never checkpointed by a commit (that would stall whoever writes): see checkpointer.h.
//
// Errors: Exhausted (disk full), Unavailable (locked for longer than `busy`), Syntax (the file is corrupt, or no SQLite
// file at all: set_aside()), NotFound (read-only and no such file), Refused (made by a newer version), Io.
// Threads: one at a time.                                                                                    DESIGN 3d
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace anechoic::store {

// A prepared statement on loan from its Database's cache: values are bound, rows stepped through; it is reset when the
// loan ends. Texts that were bound must live until the last step. Only one loan of the same SQL at a time.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds the next parameter. A failure shows at step().
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view text);
  Statement& bind_null();

  [[nodiscard]] Result<bool> step();  // is there a row?
  [[nodiscard]] Result<void> run();   // steps to the end; resets, so that it can be bound and run again

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // valid until the next step

 private:
  friend class Database;
  Statement(sqlite3* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
  void note(int code);
  sqlite3* connection_;
  sqlite3_stmt* statement_;
  int next_parameter_ = 1;
  int failed_ = 0;
};

enum class CheckpointMode : std::uint8_t { Passive, Restart, Truncate };

class Database {
 public:
  struct Options {
    bool read_only = false;
    std::chrono::milliseconds busy{2000};
    int page_size = 4096;  // of a file that is made
  };

  // Opens or makes the file, in WAL mode.
  [[nodiscard]] static Result<Database> open(const std::string& path, const Options& options);
  [[nodiscard]] static Result<Database> open(const std::string& path) { return open(path, Options{}); }

  // Brings the schema to version steps.size(): step n takes it from version n to n + 1. Read-only: checks it only.
  [[nodiscard]] Result<void> migrate(std::span<const std::string_view> steps);
  [[nodiscard]] Result<void> execute(const std::string& sql);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);
  // The first column of the first row.
  [[nodiscard]] Result<std::int64_t> query_integer(std::string_view sql);

  // With `durable`, commit() returns after the sync; else a loss of power may take back the last transactions (never
  // the file's health).
  [[nodiscard]] Result<void> begin(bool durable);
  [[nodiscard]] Result<void> commit();
  void rollback();

  [[nodiscard]] Result<void> checkpoint(CheckpointMode mode);
  [[nodiscard]] int wal_pages() const;  // in the write-ahead log after the last commit of this connection
  // Leaves WAL mode, so that the file can be read by those who can't write beside it. Fails while others have it open.
  [[nodiscard]] Result<void> seal();
  [[nodiscard]] const std::string& path() const;

 private:
  struct Connection;
  struct Close {
    void operator()(Connection* connection) const;
  };
  explicit Database(std::unique_ptr<Connection, Close> connection) : connection_(std::move(connection)) {}
  std::unique_ptr<Connection, Close> connection_;
};

[[nodiscard]] inline bool is_corrupt(const Error& error) {
  return error.code == Errc::Syntax;
}

// Renames a corrupt file (and what SQLite keeps beside it) to PATH.corrupt-N. Returns the new name.
[[nodiscard]] Result<std::string> set_aside(const std::string& path);

}  // namespace anechoic::store
