// SPDX-License-Identifier: Apache-2.0
#include "outside/store/database.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace anechoic::store {
namespace {

Errc errc_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Errc::Exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Errc::Unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::Syntax;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return Errc::Refused;
    default:
      return Errc::Io;
  }
}

Failure failure(sqlite3* connection, int code, std::string_view what) {
  std::string detail(what);
  detail += ": ";
  detail += connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code);
  Errc errc = errc_of(code);
  // A write that the disk had no room for is sometimes told as a plain I/O error.
  const int system_error = connection != nullptr ? sqlite3_system_errno(connection) : 0;
  if ((code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)) {
    errc = Errc::Exhausted;
  }
  return fail(errc, std::move(detail));
}

}  // namespace

// ---- Statement

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_parameter_(other.next_parameter_),
      failed_(other.failed_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::note(int code) {
  if (code != SQLITE_OK && failed_ == SQLITE_OK) failed_ = code;
}

Statement& Statement::bind(std::int64_t value) {
  note(sqlite3_bind_int64(statement_, next_parameter_++, value));
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  const char* data = text.data() == nullptr ? "" : text.data();
  note(sqlite3_bind_text64(statement_, next_parameter_++, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_null() {
  note(sqlite3_bind_null(statement_, next_parameter_++));
  return *this;
}

Result<bool> Statement::step() {
  const int code = failed_ != SQLITE_OK ? failed_ : sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(connection_, code, sqlite3_sql(statement_));
}

Result<void> Statement::run() {
  auto row = step();
  while (row && *row) row = step();
  sqlite3_reset(statement_);
  next_parameter_ = 1;
  failed_ = SQLITE_OK;
  if (!row) return std::unexpected(std::move(row).error());
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

// ---- Database

struct Database::Connection {
  sqlite3* handle = nullptr;
  std::string path;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements;
  int wal_pages = 0;
  std::optional<bool> durable;
  bool read_only = false;

  ~Connection() {
    for (const auto& [sql, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close(handle);
  }

  [[nodiscard]] Failure failed(int code, std::string_view what) const {
    return failure(handle, code, path + ": " + std::string(what));
  }
};

void Database::Close::operator()(Connection* connection) const {
  delete connection;
}

Result<Database> Database::open(const std::string& path, const Options& options) {
  std::unique_ptr<Connection, Close> connection(new Connection);
  connection->path = path;
  connection->read_only = options.read_only;
  if (options.read_only && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    return fail(Errc::NotFound, path + ": no such file");
  }
  const int mode = options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &connection->handle, mode | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) return connection->failed(code, "open");
  sqlite3_extended_result_codes(connection->handle, 1);
  sqlite3_busy_timeout(connection->handle, static_cast<int>(options.busy.count()));
  Database database(std::move(connection));
  Connection& made = *database.connection_;
  sqlite3_wal_hook(
      made.handle,
      [](void* context, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(context)->wal_pages = pages;
        return SQLITE_OK;
      },
      &made);  // in the place of the hook that checkpoints automatically
  std::string setup = "PRAGMA trusted_schema=OFF;";
  if (!options.read_only) {
    setup += "PRAGMA page_size=" + std::to_string(options.page_size) + ";PRAGMA journal_mode=WAL;";
    setup += "PRAGMA journal_size_limit=16777216;";
  }
  if (auto done = database.execute(setup); !done) return std::unexpected(std::move(done).error());
  return database;
}

Result<void> Database::migrate(std::span<const std::string_view> steps) {
  auto version = query_integer("PRAGMA user_version");
  if (!version) return std::unexpected(std::move(version).error());
  const auto wanted = static_cast<std::int64_t>(steps.size());
  if (*version > wanted) {
    return fail(Errc::Refused, connection_->path + " was written by a newer version of anechoic (schema " +
                                   std::to_string(*version) + ", known here: " + std::to_string(wanted) +
                                   "): use that version, or move the file away");
  }
  if (connection_->read_only) {
    if (*version == wanted) return {};
    return fail(Errc::Refused, connection_->path +
                                   " was written by an older version of anechoic: start the daemon "
                                   "once, it brings the file up to date");
  }
  for (auto at = *version; at < wanted; ++at) {
    std::string step = "BEGIN IMMEDIATE;";
    step += steps[static_cast<std::size_t>(at)];
    step += ";PRAGMA user_version=" + std::to_string(at + 1) + ";COMMIT";
    if (auto done = execute(step); !done) {
      rollback();
      return done;
    }
  }
  return {};
}

Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(connection_->handle, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return connection_->failed(code, sql.substr(0, 60));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  auto found = connection_->statements.find(sql);
  if (found == connection_->statements.end()) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(connection_->handle, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return connection_->failed(code, sql.substr(0, 60));
    found = connection_->statements.emplace(sql, statement).first;
  }
  return Statement(connection_->handle, found->second);
}

Result<std::int64_t> Database::query_integer(std::string_view sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(std::move(statement).error());
  auto row = statement->step();
  if (!row) return std::unexpected(std::move(row).error());
  if (!*row) return fail(Errc::NotFound, connection_->path + ": no row");
  return statement->integer(0);
}

Result<void> Database::begin(bool durable) {
  if (connection_->durable != durable) {
    if (auto set = execute(durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"); !set) return set;
    connection_->durable = durable;
  }
  auto statement = prepare("BEGIN IMMEDIATE");
  if (!statement) return std::unexpected(std::move(statement).error());
  return statement->run();
}

Result<void> Database::commit() {
  auto statement = prepare("COMMIT");
  if (!statement) return std::unexpected(std::move(statement).error());
  return statement->run();
}

void Database::rollback() {
  // Some failures have rolled back already; a second one then has nothing to do.
  if (sqlite3_get_autocommit(connection_->handle) == 0) {
    sqlite3_exec(connection_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Result<void> Database::checkpoint(CheckpointMode mode) {
  int native = SQLITE_CHECKPOINT_PASSIVE;
  if (mode == CheckpointMode::Restart) native = SQLITE_CHECKPOINT_RESTART;
  if (mode == CheckpointMode::Truncate) native = SQLITE_CHECKPOINT_TRUNCATE;
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle, nullptr, native, nullptr, nullptr);
  if (code != SQLITE_OK) return connection_->failed(code, "checkpoint");
  return {};
}

int Database::wal_pages() const {
  return connection_->wal_pages;
}

Result<void> Database::seal() {
  for (const auto& [sql, statement] : connection_->statements) sqlite3_finalize(statement);
  connection_->statements.clear();
  return execute("PRAGMA journal_mode=DELETE");
}

const std::string& Database::path() const {
  return connection_->path;
}

Result<std::string> set_aside(const std::string& path) {
  std::string aside;
  for (int number = 1;; ++number) {
    aside = path + ".corrupt-" + std::to_string(number);
    if (::access(aside.c_str(), F_OK) != 0) break;
  }
  if (std::rename(path.c_str(), aside.c_str()) != 0) return fail_errno("setting " + path + " aside", errno);
  for (const char* beside : {"-wal", "-shm", "-journal"}) {
    // Missing ones are as good as renamed ones.
    (void)std::rename((path + beside).c_str(), (aside + beside).c_str());
  }
  return aside;
}

}  // namespace anechoic::store
