// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <set>

#include "base/ascii.h"
#include "outside/mailboxes/as_owner.h"
#include "outside/mailboxes/mbox_splitter.h"

namespace anechoic::mailboxes {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDepth = 16;  // of folders in a folder

using FolderHandle = std::unique_ptr<DIR, decltype([](DIR* folder) { ::closedir(folder); })>;

bool is_folder(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool is_file(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode);
}

// Is the folder, or the one in which it would be made, on the file system of `path`?
bool is_on_file_system_of(const std::string& path, std::string folder) {
  while (!exists(folder) && folder != "/") folder = folder_of(folder);
  struct stat here{};
  struct stat there{};
  return ::stat(path.c_str(), &here) == 0 && ::stat(folder.c_str(), &there) == 0 && here.st_dev == there.st_dev;
}

// Calls `use` with each name that does not begin with a dot; false ends it.
template <typename Use>
Result<void> each_name(const std::string& folder, const Use& use) {
  const FolderHandle handle(::opendir(folder.c_str()));
  if (!handle) {
    Failure failure = fail_errno(folder, errno);
    if (errno == ENOENT) failure.error().code = Errc::NotFound;
    return failure;
  }
  while (const dirent* entry = ::readdir(handle.get())) {
    if (entry->d_name[0] == '.') continue;
    if (!use(std::string(entry->d_name))) break;
  }
  return {};
}

bool has_suffix(std::string_view name) {
  return name.size() > 4 && ascii::iequals(name.substr(name.size() - 4), ".eml");
}

void add_folders(const std::string& root, const std::string& below, std::size_t depth,
                 std::vector<std::string>& found) {
  found.push_back(below);
  if (depth == kDepth) return;
  std::vector<std::string> inner;
  (void)each_name(below.empty() ? root : root + "/" + below, [&](const std::string& name) {
    const std::string folder = below.empty() ? name : below + "/" + name;
    if (is_folder(root + "/" + folder)) inner.push_back(folder);
    return true;
  });
  std::ranges::sort(inner);
  for (const std::string& folder : inner) add_folders(root, folder, depth + 1, found);
}

std::string host_name() {
  std::string name(HOST_NAME_MAX + 1, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  name.resize(name.find('\0'));
  for (char& c : name)
    if (c == '/' || c == ':' || c == ',' || !ascii::is_printable(c)) c = '_';
  return name.empty() ? "localhost" : name;
}

// A Maildir that a killed run had begun to make: its cur/ is made last.
bool is_half_made(const std::string& maildir) {
  bool foreign = false;
  const auto listed = each_name(maildir, [&](const std::string& name) {
    return !(foreign = name != "tmp" && name != "new" && name != "maildirfolder");
  });
  return listed && !foreign;
}

std::string below(const std::string& root, const std::string& folder) {
  std::string path = root;
  return path.append("/").append(folder);
}

std::string joined(const std::string& root, const std::string& folder, const std::string& name) {
  return below(folder.empty() ? root : below(root, folder), name);
}

}  // namespace

MaildirName parse_maildir_name(std::string_view name) {
  MaildirName parts;
  const std::size_t colon = name.rfind(":2,");
  if (colon != std::string_view::npos) {
    parts.flags = name.substr(colon + 3);
    name = name.substr(0, colon);
  }
  const std::size_t comma = std::min(name.find(','), name.size());
  parts.unique = name.substr(0, comma);
  parts.sizes = name.substr(comma);
  return parts;
}

FilesMailbox::FilesMailbox(const std::string& path, Format format, const std::string& leave_out)
    : Mailbox(path, format),
      own_{path + (format == Format::Maildir ? "/anechoic-triage." : "/.anechoic-triage.")},
      maildir_(format == Format::Maildir) {
  if (!leave_out.empty()) {
    if (auto target = target_of(leave_out)) left_out_.push_back(*target);
  }
  for (unsigned number = own_.batches(); number > 0; --number) {
    (void)read_undo_log(own_.batch(number), [&](const Words& words) -> Result<void> {
      if (words.front() == "into" && words.size() > 1) left_out_.push_back(canonical(words[1]));
      return {};
    });
  }
  if (maildir_) return;
  for (const std::string& folder : folders()) {
    (void)each_name(below(path, folder), [&](const std::string& name) { return !(only_eml_ = has_suffix(name)); });
    if (only_eml_) break;
  }
}

bool FilesMailbox::is_left_out(const std::string& folder) const {
  const std::string found = canonical(path() + "/" + folder);
  return std::ranges::any_of(left_out_, [&](const std::string& out) {
    return found == out || (found.starts_with(out) && found[out.size()] == '/');
  });
}

std::vector<std::string> FilesMailbox::folders() const {
  std::vector<std::string> found;
  if (!maildir_) {
    add_folders(path(), "", 0, found);
    std::erase_if(found, [this](const std::string& folder) { return !folder.empty() && is_left_out(folder); });
    return found;
  }
  std::vector<std::string> maildirs{""};
  const FolderHandle handle(::opendir(path().c_str()));
  while (const dirent* entry = handle ? ::readdir(handle.get()) : nullptr) {
    const std::string name = entry->d_name;
    if (name.size() > 1 && name[0] == '.' && name != ".." && is_folder(path() + "/" + name + "/cur") &&
        !is_left_out(name))
      maildirs.push_back(name + "/");
  }
  std::ranges::sort(maildirs);
  for (const std::string& maildir : maildirs) {
    found.push_back(maildir + "new");
    found.push_back(maildir + "cur");
  }
  return found;
}

bool FilesMailbox::is_message(const std::string& name) const {
  return maildir_ || !only_eml_ || has_suffix(name);
}

Result<std::uint64_t> FilesMailbox::extent() {
  std::uint64_t files = 0;
  for (const std::string& folder : folders()) {
    (void)each_name(below(path(), folder), [&](const std::string&) {
      ++files;
      return true;
    });
  }
  return files;
}

Result<void> FilesMailbox::walk(const Visitor& visitor) {
  skipped_ = 0;
  std::string buffer;
  std::uint64_t done = 0;
  for (const std::string& folder : folders()) {
    std::optional<Error> failure;
    bool stopped = false;
    const auto listed = each_name(below(path(), folder), [&](const std::string& name) {
      ++done;
      if (!is_message(name)) return true;
      const std::string file = joined(path(), folder, name);
      if (is_folder(file)) return true;
      const auto fd = open_file(file, O_RDONLY);
      const auto found = fd ? status(fd->get(), file) : Result<struct stat>(std::unexpected(fd.error()));
      if (found ? !S_ISREG(found->st_mode) : !is_file(file)) {
        ++skipped_;
        return true;
      }
      if (!found) {
        failure = found.error();
        return false;
      }
      const auto bytes =
          read_at(fd->get(), 0, std::min(static_cast<std::size_t>(found->st_size), MboxSplitter::kHeadBytes), buffer);
      if (!bytes) {
        failure = bytes.error();
        return false;
      }
      const MessageRef ref{
          .offset = 0, .size = static_cast<std::uint64_t>(found->st_size), .folder = folder, .name = name};
      stopped = !visitor({*bytes, "", ref, done});
      return !stopped;
    });
    if (failure) return std::unexpected(*failure);
    if (!listed && listed.error().code != Errc::NotFound) return listed;
    if (stopped) return {};
  }
  return {};
}

Result<std::string> FilesMailbox::target_of(const std::string& into) const {
  if (into.empty()) return fail(Errc::Syntax, "--into names no folder");
  std::string target = into;
  while (target.size() > 1 && target.ends_with('/')) target.pop_back();
  if (target.find('/') == std::string::npos) {
    if (maildir_ && !target.starts_with('.')) target.insert(0, ".");
    if (target == "." || target == ".." || (!maildir_ && target.starts_with('.')))
      return fail(Errc::Syntax, "--into " + into + " is no name for a folder");
    target.insert(0, path() + "/");
  }
  if (canonical(target) == canonical(path())) return fail(Errc::Refused, "--into is the mailbox itself");
  if (exists(target) && !is_folder(target)) return fail(Errc::Refused, target + " is no folder");
  if (maildir_ && exists(target) && !is_folder(target + "/cur") && !is_half_made(target))
    return fail(Errc::Refused, target + " is no Maildir; messages of a Maildir go into another one");
  return canonical(target);  // the undo file is read from other working directories, too
}

std::string FilesMailbox::free_name(const std::string& name,
                                    const std::function<bool(const std::string&)>& taken) const {
  if (!taken(name)) return name;
  const MaildirName parts = parse_maildir_name(name);
  std::size_t at = maildir_ ? parts.unique.size() : name.rfind('.');
  if (at == std::string::npos || name.find('/', at) != std::string::npos) at = name.size();
  for (std::uint64_t number = 2;; ++number) {
    std::string numbered = name;
    numbered.insert(at, "." + std::to_string(number));
    if (!taken(numbered)) return numbered;
  }
}

std::string FilesMailbox::new_name(const MessageRef& ref) {
  if (!maildir_) {
    const std::string name = ref.folder.empty() ? ref.name : ref.folder + "/" + ref.name;
    // Nor a name that another message of the mailbox may want.
    return free_name(name, [&](const std::string& wanted) {
      return exists(plan_->into + "/" + wanted) || (wanted != name && exists(path() + "/" + wanted));
    });
  }
  struct timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const MaildirName old = parse_maildir_name(ref.name);
  std::string flags;
  for (const char c : old.flags)
    if (c >= 'A' && c <= 'Z') flags += c;
  std::string name = std::to_string(now.tv_sec) + ".M" + std::to_string(now.tv_nsec / 1000) + "P" +
                     std::to_string(::getpid()) + "Q" + std::to_string(++counter_) + "." + host_name();
  return name.append(old.sizes).append(":2,").append(flags);
}

Result<void> FilesMailbox::begin(const std::string& into, const Stop& /*stop*/) {
  auto target = target_of(into);
  if (!target) return std::unexpected(target.error());
  if (!is_on_file_system_of(path(), *target))
    return fail(Errc::Refused, "--into " + *target + " is on another file system than " + path() +
                                   "; messages are moved within one, so name a folder there");
  left_out_.push_back(*target);
  auto lock = RunLock::take(own_.lock());
  if (!lock) return std::unexpected(lock.error());
  auto log = UndoLog::create(own_.batch(own_.batches() + 1));
  if (!log) return std::unexpected(log.error());
  for (const Words& words : {Words{"anechoic-triage", "1", maildir_ ? "maildir" : "folder"}, Words{"mailbox", path()},
                             Words{"into", *target}})
    if (auto added = log->add(words); !added) return added;
  plan_.emplace(Plan{std::move(*lock), std::move(*log), std::move(*target), 0});
  return {};
}

Result<void> FilesMailbox::mark(const MessageRef& ref) {
  ++plan_->marked;
  return plan_->log.add({"m", ref.folder, ref.name, new_name(ref)});
}

Result<void> FilesMailbox::make_target(const std::string& target) const {
  if (auto made = make_folder_like(target, path()); !made) return std::unexpected(made.error());
  if (!maildir_) return {};
  for (const char* name : {"/tmp", "/new", "/cur"}) {
    if (auto made = make_folder_like(target + name, path() + "/cur"); !made) return std::unexpected(made.error());
  }
  if (folder_of(target) != path()) return {};
  // Maildir++: says that this Maildir is a folder of the one above.
  const auto sign = open_file(target + "/maildirfolder", O_WRONLY | O_CREAT, 0600);
  const auto like = open_file(path() + "/cur", O_RDONLY);
  if (!sign || !like) return std::unexpected((!sign ? sign : like).error());
  struct stat owner{};
  if (::fstat(like->get(), &owner) == 0 && acting_user() == 0 && ::fchown(sign->get(), owner.st_uid, owner.st_gid) != 0)
    return fail_errno(target, errno);
  return sync_folder(target);
}

Result<Moved> FilesMailbox::commit(const Stop& stop) {
  Moved moved{.target = plan_->into};
  if (plan_->marked == 0) {
    abandon();
    return moved;
  }
  UndoLog& log = plan_->log;
  if (!exists(plan_->into)) {
    if (auto done = log.add({"creates"}); !done) return std::unexpected(done.error());
  }
  if (auto done = log.add({"prepared"}); !done) return std::unexpected(done.error());
  if (auto done = log.sync(); !done) return std::unexpected(done.error());
  if (auto done = make_target(plan_->into); !done) return std::unexpected(done.error());

  std::set<std::string> changed{maildir_ ? plan_->into + "/cur" : plan_->into};
  std::string made;  // the target's inner folder that is known to exist
  const auto done = read_undo_log(log.path(), [&](const Words& words) -> Result<void> {
    if (words.front() != "m" || words.size() < 4 || moved.stopped) return {};
    if (stop()) {
      moved.stopped = true;
      return {};
    }
    if (!maildir_ && words[1] != made) {
      std::string inner = plan_->into;
      for (const fs::path& step : fs::path(words[1])) {
        inner += "/" + step.string();
        if (auto folder = make_folder_like(inner, path()); !folder) return std::unexpected(folder.error());
      }
      changed.insert(inner);
      made = words[1];
    }
    const std::string to = plan_->into + (maildir_ ? "/cur/" : "/") + words[3];
    if (auto renamed = move_file(joined(path(), words[1], words[2]), to); !renamed) {
      if (renamed.error().code != Errc::NotFound && renamed.error().code != Errc::Limit) return renamed;
      ++moved.gone;
      return log.add({"skipped", words[3]});
    }
    ++moved.messages;
    changed.insert(path() + "/" + words[1]);
    return {};
  });
  for (const std::string& folder : changed) (void)sync_folder(folder);
  if (!done) return std::unexpected(done.error());
  if (auto ended = log.add({moved.stopped ? "stopped" : "done"}); !ended) return std::unexpected(ended.error());
  if (auto synced = log.sync(); !synced) return std::unexpected(synced.error());
  plan_.reset();
  return moved;
}

void FilesMailbox::abandon() {
  if (!plan_) return;
  plan_.reset();
  (void)recover();
}

}  // namespace anechoic::mailboxes
