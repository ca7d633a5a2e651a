// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <sstream>
#include <thread>

#include "base/ascii.h"

namespace anechoic::mailboxes {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{50};
constexpr std::time_t kStaleAfter = 300;  // seconds; as liblockfile has it
constexpr std::string_view kMark = "anechoic\n";

enum class Took { Yes, Busy, Forbidden };

bool kernel_lock(int fd) {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

void kernel_unlock(int fd) {
  struct flock lock{};
  lock.l_type = F_UNLCK;
  lock.l_whence = SEEK_SET;
  ::fcntl(fd, F_OFD_SETLK, &lock);
}

// The pid that one of us wrote into the lock file; 0 = it is of another program.
pid_t writer_of(const std::string& lock_file) {
  auto fd = open_file(lock_file, O_RDONLY);
  if (!fd) return 0;
  std::string buffer;
  const auto text = read_at(fd->get(), 0, 64, buffer);
  if (!text || !text->ends_with(kMark)) return 0;
  const auto pid = ascii::parse_number<unsigned>(text->substr(0, text->find('\n')));
  return pid ? static_cast<pid_t>(*pid) : 0;
}

std::string text_of(const std::string& path) {
  const auto fd = open_file(path, O_RDONLY);
  std::string buffer;
  const auto text = fd ? read_at(fd->get(), 0, 4096, buffer) : Result<std::string_view>("");
  return std::string(text.value_or(""));
}

// Is the process one of ours, and older than the file? Else it has its writer's number by chance.
bool may_have_made(pid_t process, std::time_t made, std::time_t now) {
  constexpr std::time_t kClocks = 2;
  constexpr int kStarted = 20;  // words of proc(5)'s stat behind the name
  const std::string folder = "/proc/" + std::to_string(process);
  const std::string name = text_of(folder + "/comm");
  if (!name.empty() && name != text_of("/proc/self/comm")) return false;
  std::istringstream state(text_of(folder + "/stat"));
  state.ignore(4096, ')');
  std::string word;
  for (int i = 0; i < kStarted; ++i) state >> word;
  struct timespec since_boot{};
  const auto ticks = ascii::parse_number<std::uint64_t>(word);
  if (!ticks || ::clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) return true;
  const auto age =
      since_boot.tv_sec - static_cast<std::time_t>(*ticks / static_cast<unsigned long>(::sysconf(_SC_CLK_TCK)));
  return now - age <= made + kClocks;
}

// `now` is the file server's clock: it just made a file for us.
bool is_stale(const std::string& lock_file, std::time_t now) {
  struct stat found{};
  if (::lstat(lock_file.c_str(), &found) != 0) return false;
  const pid_t writer = writer_of(lock_file);
  if (writer == ::getpid()) return true;  // of a predecessor with our number: we hold none here
  if (writer != 0 && ::kill(writer, 0) != 0 && errno == ESRCH) return true;
  if (writer != 0 && may_have_made(writer, found.st_mtime, now)) return false;
  return found.st_mtime + kStaleAfter < now;
}

// The name under which a lock file is made.
std::string making_of(const std::string& path) {
  return folder_of(path) + "/." + name_of(path) + ".anechoic-lock";
}

// Made under another name first: nobody sees it without its text, and link() is exclusive on NFS, too.
Result<Took> lock_file_taken(const std::string& path, const std::string& lock_file) {
  const std::string making = making_of(path);
  ::unlink(making.c_str());
  auto fd = open_file(making, O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (!fd && fd.error().code == Errc::Refused) return Took::Forbidden;
  if (!fd) return std::unexpected(fd.error());
  if (auto wrote = write_all(fd->get(), std::to_string(::getpid()) + "\n" + std::string(kMark)); !wrote)
    return std::unexpected(wrote.error());
  struct stat made{};
  ::fstat(fd->get(), &made);
  bool taken = ::link(making.c_str(), lock_file.c_str()) == 0;
  if (!taken && is_stale(lock_file, made.st_mtime)) {
    ::unlink(lock_file.c_str());
    taken = ::link(making.c_str(), lock_file.c_str()) == 0;
  }
  ::unlink(making.c_str());
  return taken ? Took::Yes : Took::Busy;
}

bool is_same_file(int fd, const std::string& path) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

Result<Fd> open_or_make(const std::string& path, const LockedMbox::Options& options, bool& created) {
  auto fd = open_file(path, O_RDWR | O_APPEND);
  if (fd || fd.error().code != Errc::NotFound || !options.create) return fd;
  auto made = open_file(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0600);
  if (!made) return made;
  created = true;
  if (options.like >= 0) {
    if (auto like = make_like(made->get(), options.like); !like) return std::unexpected(like.error());
  }
  return made;
}

Failure not_locked(const std::string& path) {
  return fail(Errc::Timeout, path + " stays locked by another program (" + path +
                                 ".lock, or fcntl); close mail programs that have it open and try again");
}

}  // namespace

Result<LockedMbox> LockedMbox::open(const std::string& path, const Options& options) {
  const auto end = steady_clock::now() + options.patience;
  const std::string lock_file = path + ".lock";
  bool created = false;
  while (true) {
    auto fd = open_or_make(path, options, created);
    if (!fd) return std::unexpected(fd.error());
    const auto found = status(fd->get(), path);
    if (!found) return std::unexpected(found.error());
    if (!S_ISREG(found->st_mode)) return fail(Errc::Refused, path + " is no ordinary file");
    if (found->st_nlink > 1)
      return fail(Errc::Refused, path +
                                     " has a second name (hard link), which replacing it would leave behind; "
                                     "remove the other name first");
    if (kernel_lock(fd->get())) {
      const auto taken = lock_file_taken(path, lock_file);
      if (!taken) return std::unexpected(taken.error());
      if (*taken == Took::Forbidden)
        return fail(Errc::Refused, "no lock file can be made in " + folder_of(path) + ", so " + path +
                                       " can't be changed safely; run this as root, or with the right "
                                       "to write there (group mail for /var/mail)");
      if (*taken == Took::Yes) {
        LockedMbox locked(std::move(*fd), lock_file);
        locked.created_ = created;
        if (is_same_file(locked.fd(), path)) return locked;
        continue;  // replaced while we waited; the destructor gives up both
      }
      kernel_unlock(fd->get());
    }
    if (steady_clock::now() >= end || (options.stop && options.stop())) return not_locked(path);
    std::this_thread::sleep_for(kPause);
  }
}

LockedMbox::LockedMbox(LockedMbox&& other) noexcept
    : fd_(std::move(other.fd_)), lock_file_(std::exchange(other.lock_file_, {})), created_(other.created_) {}

LockedMbox::~LockedMbox() {
  if (!lock_file_.empty()) ::unlink(lock_file_.c_str());
}

void LockedMbox::refresh() const {
  ::utimensat(AT_FDCWD, lock_file_.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

Fd LockedMbox::release() {
  if (!lock_file_.empty()) ::unlink(std::exchange(lock_file_, {}).c_str());
  kernel_unlock(fd_.get());
  return std::move(fd_);
}

void remove_dead_lock(const std::string& path) {
  const std::string lock_file = path + ".lock";
  if (writer_of(lock_file) != 0 && is_stale(lock_file, 0)) ::unlink(lock_file.c_str());
  ::unlink(making_of(path).c_str());
}

Result<RunLock> RunLock::take(const std::string& path) {
  while (true) {
    auto fd = open_file(path, O_RDWR | O_CREAT, 0600);
    if (!fd) return std::unexpected(fd.error());
    if (!kernel_lock(fd->get()))
      return fail(Errc::Unavailable, "another triage is at work on this mailbox (it holds " + path + "); wait for it");
    if (is_same_file(fd->get(), path)) return RunLock(std::move(*fd), path);
  }
}

RunLock::~RunLock() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

}  // namespace anechoic::mailboxes
