// SPDX-License-Identifier: Apache-2.0
// Putting files back, and what is to be done after a run that did not end in order.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#include "outside/mailboxes/files.h"

namespace anechoic::mailboxes {
namespace {

namespace fs = std::filesystem;

using Batch = FilesMailbox::Batch;

Result<Batch> read_batch_of(const std::string& file) {
  Batch batch;
  const auto read = read_undo_log(file, [&](const Words& words) -> Result<void> {
    if (words.front() == "into" && words.size() > 1) batch.into = words[1];
    if (words.front() == "creates") batch.creates = true;
    if (words.front() == "prepared") batch.prepared = true;
    if (words.front() == "skipped" && words.size() > 1) batch.skipped.insert(words[1]);
    if (words.front() == "done" || words.front() == "stopped") batch.ended = true;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return batch;
}

// Below the folder that it is joined to.
bool stays_below(const std::string& name) {
  const fs::path path(name);
  return !path.is_absolute() && std::ranges::none_of(path, [](const fs::path& step) { return step == ".."; });
}

// Names as this program writes them: a file that came with somebody's mail must not reach beyond the mailbox.
Result<void> each_move(const std::string& file, const std::function<Result<void>(const Words&)>& use) {
  return read_undo_log(file, [&](const Words& words) -> Result<void> {
    if (words.front() != "m" || words.size() < 4) return {};
    if (!stays_below(words[1]) || !stays_below(words[3]) || words[2].contains('/') || words[2] == "..")
      return fail(Errc::Syntax, file + " names files outside the mailbox, so it is none of this program's; remove it");
    return use(words);
  });
}

// The names that files of these unique parts have in the target now.
std::map<std::string, std::string, std::less<>> present_names(const std::string& target,
                                                              const std::set<std::string, std::less<>>& wanted) {
  std::map<std::string, std::string, std::less<>> found;
  for (const std::string folder : {"/cur", "/new"}) {
    std::error_code error;
    for (fs::directory_iterator entry(target + folder, error), end; !error && entry != end; entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      const std::string_view unique = parse_maildir_name(name).unique;
      if (!wanted.contains(unique)) continue;
      std::string path = folder;
      path += '/';
      path += name;
      found.emplace(unique, std::move(path));
    }
  }
  return found;
}

// Where a message goes whose flags were changed in the target: its keywords come back, seen mail belongs into cur/.
std::string restored_place(const std::string& path, const Words& move, std::string_view name_now) {
  const MaildirName original = parse_maildir_name(move[2]);
  std::string flags;
  for (const char c : parse_maildir_name(name_now).flags)
    if (c >= 'A' && c <= 'Z') flags += c;
  for (const char c : original.flags)
    if (c < 'A' || c > 'Z') flags += c;
  const std::string folder = move[1].substr(0, move[1].size() - 3) + "cur";
  return path + "/" + folder + "/" + std::string(original.unique) + std::string(original.sizes) + ":2," + flags;
}

bool is_empty(const std::string& folder) {
  std::error_code error;
  return !fs::exists(folder, error) || (fs::is_empty(folder, error) && !error);
}

// Removes a target that a batch made and nobody uses.
void remove_empty(const std::string& target, bool maildir) {
  std::error_code ignored;
  if (!maildir) {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::recursive_directory_iterator(target, ignored))
      if (entry.is_directory(ignored)) folders.push_back(entry.path());
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) ::rmdir(folder->c_str());
    ::rmdir(target.c_str());
    return;
  }
  if (!is_empty(target + "/cur") || !is_empty(target + "/new") || !is_empty(target + "/tmp")) return;
  // A server's own files in it: then it stays.
  for (const auto& entry : fs::directory_iterator(target, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != "cur" && name != "new" && name != "tmp" && name != "maildirfolder") return;
  }
  ::unlink((target + "/maildirfolder").c_str());
  for (const char* name : {"/cur", "/new", "/tmp", ""}) ::rmdir((target + name).c_str());
}

}  // namespace

bool FilesMailbox::unfinished() const {
  const unsigned batches = own_.batches();
  if (batches == 0) return false;
  const auto batch = read_batch_of(own_.batch(batches));
  return batch && !batch->ended;
}

Result<Recovered> FilesMailbox::recover() {
  Recovered told;
  const auto last = lock_last_batch(own_);
  if (!last) return std::unexpected(last.error());
  if (!*last) return told;
  const std::string& file = (*last)->file;
  const auto batch = read_batch_of(file);
  if (!batch) return std::unexpected(batch.error());
  if (batch->ended) return told;
  if (!batch->prepared) {
    if (auto done = remove_undo_log(file); !done) return std::unexpected(done.error());
    return told;
  }
  const auto count = count_moves(file, *batch);
  if (!count) return std::unexpected(count.error());
  if (count->moved == 0 &&
      (exists(batch->into + (maildir_ ? "/cur" : "")) || count->unmoved.size() == count->planned)) {
    if (batch->creates) remove_empty(batch->into, maildir_);
    if (auto done = remove_undo_log(file); !done) return std::unexpected(done.error());
    return told;
  }
  auto log = UndoLog::append_to(file);
  if (!log) return std::unexpected(log.error());
  for (const std::string& name : count->unmoved)
    if (auto done = log->add({"skipped", name}); !done) return std::unexpected(done.error());
  if (auto done = log->add({"stopped"}); !done) return std::unexpected(done.error());
  if (auto done = log->sync(); !done) return std::unexpected(done.error());
  told.push_back("an interrupted run had moved " + std::to_string(count->moved) + " of " +
                 std::to_string(count->planned) + " messages to " + batch->into + "; the others are where they were");
  return told;
}

// Messages that are where they were were not moved, whatever has their names in the target.
Result<FilesMailbox::Moves> FilesMailbox::count_moves(const std::string& file, const Batch& batch) const {
  Moves count;
  std::set<std::string, std::less<>> wanted;
  const auto counted = each_move(file, [&](const Words& move) -> Result<void> {
    ++count.planned;
    if (exists(path() + "/" + (move[1].empty() ? "" : move[1] + "/") + move[2]))
      count.unmoved.push_back(move[3]);
    else if (maildir_)
      wanted.insert(std::string(parse_maildir_name(move[3]).unique));
    else if (exists(batch.into + "/" + move[3]))
      ++count.moved;
    return {};
  });
  if (!counted) return std::unexpected(counted.error());
  if (maildir_) count.moved = present_names(batch.into, wanted).size();
  return count;
}

Result<void> FilesMailbox::undo_batch(const std::string& file, const Stop& stop, Undone& undone) {
  const auto batch = read_batch_of(file);
  if (!batch) return std::unexpected(batch.error());
  const std::string inner = maildir_ ? "/cur/" : "/";
  std::set<std::string> changed;
  std::set<std::string, std::less<>> renamed;  // in the target, by others
  std::uint64_t absent = 0;
  const auto put_back = [&](const std::string& from, std::string to) -> Result<bool> {
    if (!exists(from)) return false;  // before the folders are looked at, which may be on two file systems
    if (!exists(folder_of(to))) {
      if (auto made = make_folder_like(folder_of(to), path()); !made) return std::unexpected(made.error());
    }
    to = folder_of(to) + "/" +
         free_name(name_of(to), [&](const std::string& name) { return exists(folder_of(to) + "/" + name); });
    if (auto moved = move_file(from, to); !moved) {
      if (moved.error().code == Errc::NotFound) return false;
      return std::unexpected(moved.error());
    }
    changed.insert(folder_of(to));
    ++undone.messages;
    return true;
  };
  const auto first = each_move(file, [&](const Words& move) -> Result<void> {
    undone.stopped = undone.stopped || stop();
    if (undone.stopped || batch->skipped.contains(move[3])) return {};
    const std::string to = path() + "/" + (move[1].empty() ? "" : move[1] + "/") + move[2];
    const auto done = put_back(batch->into + inner + move[3], to);
    if (!done) return std::unexpected(done.error());
    if (*done || exists(to)) return {};  // the other case: it was never moved, or is back already
    ++absent;
    if (maildir_) renamed.insert(std::string(parse_maildir_name(move[3]).unique));
    return {};
  });
  if (!first) return first;
  if (absent > 0 && !undone.stopped && !exists(batch->into + (maildir_ ? "/cur" : "")))
    return fail(Errc::NotFound, batch->into + ", to which " + std::to_string(absent) + " messages of " + path() +
                                    " were moved, is not there; bring it back and run --undo again, or remove " + file +
                                    " if you deleted it together with them");
  if (!maildir_) undone.missing += absent;
  if (!renamed.empty() && !undone.stopped) {
    const auto present = present_names(batch->into, renamed);
    const auto second = each_move(file, [&](const Words& move) -> Result<void> {
      const std::string_view unique = parse_maildir_name(move[3]).unique;
      if (!renamed.contains(unique)) return {};
      const auto now = present.find(unique);
      if (now == present.end()) {
        ++undone.missing;
        return {};
      }
      const auto done = put_back(batch->into + now->second, restored_place(path(), move, now->second));
      if (!done) return std::unexpected(done.error());
      if (!*done) ++undone.missing;
      return {};
    });
    if (!second) return second;
  }
  changed.insert(batch->into + (maildir_ ? "/cur" : ""));
  for (const std::string& folder : changed) (void)sync_folder(folder);
  if (undone.stopped) return {};
  if (batch->creates) remove_empty(batch->into, maildir_);
  return remove_undo_log(file);
}

Result<Undone> FilesMailbox::undo(const Stop& stop) {
  Undone undone;
  if (!own_.any()) return undone;
  const auto lock = RunLock::take(own_.lock());
  if (!lock) return std::unexpected(lock.error());
  for (unsigned number = own_.batches(); number > 0 && !undone.stopped; --number) {
    if (auto done = undo_batch(own_.batch(number), stop, undone); !done) return std::unexpected(done.error());
  }
  return undone;
}

}  // namespace anechoic::mailboxes
