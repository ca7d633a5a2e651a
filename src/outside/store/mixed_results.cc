// SPDX-License-Identifier: Apache-2.0
#include "outside/store/mixed_results.h"

#include <deque>
#include <mutex>
#include <unordered_map>

namespace anechoic::store {
namespace {

std::string enhanced_text(const smtp::EnhancedCode& code) {
  if (!code.present()) return {};
  return std::to_string(code.klass) + '.' + std::to_string(code.subject) + '.' + std::to_string(code.detail);
}

std::string key_of(std::string_view sender, std::string_view recipient) {
  std::string key(sender);
  key += '\n';  // in neither path
  key += recipient;
  return key;
}

}  // namespace

struct SqliteMixedResults::State {
  struct Entry {
    smtp::Remembered what;
    WallTime expires;
  };

  State(const MixedResultsOptions& given, CacheFile& cache) : options(given), file(cache) {}

  const MixedResultsOptions options;
  CacheFile& file;
  std::mutex mutex;
  std::unordered_map<std::string, Entry> entries;
  std::deque<std::pair<WallTime, std::string>> by_age;  // one lifetime for all, so the order of arrival is enough

  void keep(std::string key, smtp::Remembered what, WallTime expires, WallTime now) {
    const std::scoped_lock lock(mutex);
    by_age.emplace_back(expires, key);
    entries.insert_or_assign(std::move(key), Entry{std::move(what), expires});
    while (!by_age.empty() && (by_age.front().first <= now || by_age.size() > options.entries)) {
      const auto found = entries.find(by_age.front().second);
      // A later result for the same key has a later place in the queue.
      if (found != entries.end() && found->second.expires == by_age.front().first) entries.erase(found);
      by_age.pop_front();
    }
  }

  [[nodiscard]] Result<void> load() {
    auto database = file.open_to_read();
    if (!database) return std::unexpected(std::move(database).error());
    auto statement = database->prepare(
        "SELECT sender,recipient,delivered,code,enhanced,text,message_key,expires FROM mixed_results"
        " WHERE expires>? ORDER BY expires");
    if (!statement) return std::unexpected(std::move(statement).error());
    const WallTime now = file.clock().wall();
    statement->bind(now.time_since_epoch().count());
    while (true) {
      auto row = statement->step();
      if (!row) return std::unexpected(std::move(row).error());
      if (!*row) return {};
      smtp::Remembered what;
      what.delivered = statement->integer(2) != 0;
      what.reply.code = static_cast<std::uint16_t>(statement->integer(3));
      if (auto code = smtp::parse_enhanced(statement->text(4))) what.reply.enhanced = *code;
      what.reply.text = statement->text(5);
      what.message_key = statement->text(6);
      const WallTime expires{std::chrono::microseconds{statement->integer(7)}};
      keep(key_of(statement->text(0), statement->text(1)), std::move(what), expires, now);
    }
  }
};

SqliteMixedResults::SqliteMixedResults(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteMixedResults::~SqliteMixedResults() = default;

Result<std::unique_ptr<SqliteMixedResults>> SqliteMixedResults::open(const MixedResultsOptions& options,
                                                                     CacheFile& file) {
  auto state = std::make_unique<State>(options, file);
  // Without the file (disk full at the start) there is nothing to load, and nothing to stop for.
  if (auto loaded = state->load();
      !loaded && !is_temporary(loaded.error().code) && loaded.error().code != Errc::NotFound) {
    return std::unexpected(std::move(loaded).error());
  }
  return std::unique_ptr<SqliteMixedResults>(new SqliteMixedResults(std::move(state)));
}

void SqliteMixedResults::put(const smtp::Remember& remember, std::move_only_function<void()> done) {
  const WallTime now = state_->file.clock().wall();
  const WallTime expires = now + state_->options.lifetime;
  std::string sender = mail::to_string(remember.sender);
  std::string recipient = mail::to_string(remember.recipient);
  state_->keep(key_of(sender, recipient), remember.what, expires, now);
  auto shared = std::make_shared<std::move_only_function<void()>>(std::move(done));
  auto change = [sender = std::move(sender), recipient = std::move(recipient), what = remember.what,
                 expires](Database& database) -> Result<void> {
    auto statement = database.prepare("INSERT OR REPLACE INTO mixed_results VALUES(?,?,?,?,?,?,?,?)");
    if (!statement) return std::unexpected(std::move(statement).error());
    const std::string enhanced = enhanced_text(what.reply.enhanced);
    statement->bind(sender).bind(recipient).bind(std::int64_t{what.delivered}).bind(std::int64_t{what.reply.code});
    statement->bind(enhanced).bind(what.reply.text).bind(what.message_key).bind(expires.time_since_epoch().count());
    return statement->run();
  };
  if (!state_->file.submit(std::move(change), CacheFile::Durable::Yes, [shared] { (*shared)(); })) (*shared)();
}

std::optional<smtp::Remembered> SqliteMixedResults::find(const mail::ReversePath& sender,
                                                         const mail::ForwardPath& recipient) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->entries.empty()) return std::nullopt;
  const auto found = state_->entries.find(key_of(mail::to_string(sender), mail::to_string(recipient)));
  if (found == state_->entries.end() || found->second.expires <= state_->file.clock().wall()) return std::nullopt;
  return found->second.what;
}

}  // namespace anechoic::store
