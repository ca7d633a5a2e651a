// SPDX-License-Identifier: Apache-2.0
#include "outside/store/journal_reader.h"

#include <algorithm>
#include <ranges>

#include "outside/store/journal_files.h"

namespace anechoic::store {
namespace {

constexpr std::size_t kSessionPart = 13;  // of an id; base/id.h
constexpr std::string_view kColumns =
    "SELECT id,at,took,door,client,port,client_name,helo,tls,sender,accepted,refused,action,reply,backend,message_id,"
    "octets,in_doubt,failovers,details FROM transactions ";

StoredRow row_of(const Statement& at) {
  StoredRow row;
  int column = 0;
  const auto text = [&] { return std::string(at.text(column++)); };
  const auto number = [&] { return at.integer(column++); };
  row.id = text();
  row.at = WallTime{std::chrono::microseconds{number()}};
  row.took = std::chrono::microseconds{number()};
  row.door = text();
  row.client = text();
  row.port = static_cast<std::uint16_t>(number());
  row.client_name = text();
  row.helo = text();
  row.tls = number() != 0;
  row.reverse_path = text();
  row.accepted = static_cast<std::uint32_t>(number());
  row.refused = static_cast<std::uint32_t>(number());
  row.action = text();
  row.reply = text();
  row.backend = text();
  row.message_id = text();
  row.octets = static_cast<std::uint64_t>(number());
  row.in_doubt = number() != 0;
  row.failovers = static_cast<unsigned>(number());
  decode_details(at.text(column), row);
  return row;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains_folded(std::string_view text, std::string_view wanted) {
  return !std::ranges::search(text, wanted, {}, lower, lower).empty() || wanted.empty();
}

bool has_reason(const StoredRow& row, const std::string& reason) {
  return row.refused_by_reason.contains(reason) ||
         std::ranges::find(row.reasons, reason, &StoredReason::name) != row.reasons.end() ||
         std::ranges::find(row.recipients, reason, &StoredRecipient::reason) != row.recipients.end();
}

bool matches(const StoredRow& row, const JournalFilter& filter) {
  if (filter.client) {
    const auto address = ip::parse_address(row.client);
    if (!address || !filter.client->contains(*address)) return false;
  }
  if (!filter.reason.empty() && !has_reason(row, filter.reason)) return false;
  if (!filter.kind.empty() && row.kind != filter.kind) return false;
  return filter.recipient.empty() || std::ranges::any_of(row.recipients, [&](const StoredRecipient& recipient) {
           return contains_folded(recipient.address, filter.recipient);
         });
}

// A LIKE pattern for `%wanted%`; with the characters that mean something to LIKE taken literally.
std::string like_pattern(std::string_view wanted) {
  std::string pattern = "%";
  for (const char c : wanted) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

// Is it written in the details' JSON as it is, so that SQLite can look for it?
bool plain_in_json(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

// What SQLite can find out without the details being read; the rest is matches()'s.
class Query {
 public:
  explicit Query(const JournalFilter& filter) : sql_(std::string(kColumns) + "WHERE at>=? AND at<?") {
    numbers_ = {filter.since ? filter.since->time_since_epoch().count() : 0,
                filter.until ? filter.until->time_since_epoch().count() : INT64_MAX};
    if (!filter.sender.empty()) add(" AND sender LIKE ? ESCAPE '\\'", like_pattern(filter.sender));
    if (!filter.action.empty()) add(" AND action=?", filter.action);
    for (const std::string& wanted : {filter.recipient, filter.reason, filter.kind}) {
      if (!wanted.empty() && plain_in_json(wanted)) add(" AND details LIKE ? ESCAPE '\\'", like_pattern(wanted));
    }
    sql_ += " ORDER BY at DESC";
  }
  [[nodiscard]] Result<Statement> prepare(Database& database) const {
    auto statement = database.prepare(sql_);
    if (!statement) return statement;
    for (const std::int64_t number : numbers_) statement->bind(number);
    for (const std::string& text : texts_) statement->bind(text);
    return statement;
  }

 private:
  void add(std::string_view condition, std::string text) {
    sql_ += condition;
    texts_.push_back(std::move(text));
  }
  std::string sql_;
  std::vector<std::int64_t> numbers_;
  std::vector<std::string> texts_;
};

Result<bool> look_into(const Partition& partition, const std::function<Result<bool>(Database&)>& look) {
  auto database = Database::open(partition.path, {.read_only = true});
  if (!database) return std::unexpected(std::move(database).error());
  if (auto known = database->migrate(journal_schema()); !known) return std::unexpected(std::move(known).error());
  return look(*database);
}

}  // namespace

Result<JournalReader> JournalReader::open(const std::string& directory) {
  auto listed = list_partitions(directory);
  if (!listed) return std::unexpected(std::move(listed).error());
  if (listed->empty()) {
    return fail(Errc::NotFound,
                "there is no journal in " + directory + " yet: has the daemon run with this state_dir?");
  }
  return JournalReader(directory);
}

// The newest partition first, until `look` says that it has enough.
Result<void> JournalReader::each(const std::function<Result<bool>(Database&)>& look) {
  unreadable_.clear();
  auto listed = list_partitions(directory_);
  if (!listed) return std::unexpected(std::move(listed).error());
  for (const Partition& partition : std::views::reverse(*listed)) {
    auto more = look_into(partition, look);
    if (more && !*more) return {};
    if (!more && more.error().code != Errc::NotFound) unreadable_.push_back(more.error());
  }
  if (unreadable_.size() == listed->size() && !unreadable_.empty()) return std::unexpected(unreadable_.front());
  return {};
}

Result<std::optional<StoredRow>> JournalReader::find(std::string_view id) {
  std::optional<StoredRow> found;
  const std::string sql = std::string(kColumns) + "WHERE id=?";
  auto done = each([&](Database& database) -> Result<bool> {
    auto statement = database.prepare(sql);
    if (!statement) return std::unexpected(std::move(statement).error());
    auto row = statement->bind(id).step();
    if (!row) return std::unexpected(std::move(row).error());
    if (*row) found = row_of(*statement);
    return !found;
  });
  if (!done) return std::unexpected(std::move(done).error());
  return found;
}

Result<std::vector<StoredRow>> JournalReader::find_session(std::string_view id) {
  std::vector<StoredRow> found;
  const std::string first(id.substr(0, kSessionPart));
  const std::string behind = first + "~";  // behind all of base32
  const std::string sql = std::string(kColumns) + "WHERE id>=? AND id<? ORDER BY id";
  auto done = each([&](Database& database) -> Result<bool> {
    auto statement = database.prepare(sql);
    if (!statement) return std::unexpected(std::move(statement).error());
    statement->bind(first).bind(behind);
    while (true) {
      auto row = statement->step();
      if (!row) return std::unexpected(std::move(row).error());
      if (!*row) return true;
      found.push_back(row_of(*statement));
    }
  });
  if (!done) return std::unexpected(std::move(done).error());
  std::ranges::sort(found, {}, &StoredRow::id);
  return found;
}

Result<std::vector<StoredRow>> JournalReader::list(const JournalFilter& filter) {
  std::vector<StoredRow> found;
  const Query query(filter);
  auto done = each([&](Database& database) -> Result<bool> {
    auto statement = query.prepare(database);
    if (!statement) return std::unexpected(std::move(statement).error());
    while (found.size() < filter.limit) {
      auto row = statement->step();
      if (!row) return std::unexpected(std::move(row).error());
      if (!*row) return true;
      StoredRow read = row_of(*statement);
      if (matches(read, filter)) found.push_back(std::move(read));
    }
    return false;
  });
  if (!done) return std::unexpected(std::move(done).error());
  return found;
}

}  // namespace anechoic::store
