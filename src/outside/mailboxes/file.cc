// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/file.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

Failure failed(const std::string& what, int error_number) {
  Failure failure = fail_errno(what, error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) failure.error().code = Errc::Exhausted;
  if (error_number == ENOENT) failure.error().code = Errc::NotFound;
  if (error_number == EACCES || error_number == EPERM || error_number == EROFS || error_number == ELOOP)
    failure.error().code = Errc::Refused;
  if (error_number == EEXIST) failure.error().code = Errc::Limit;
  return failure;
}

// Access lists and labels go along where the file system has them; their absence is no failure.
void copy_attributes(int fd, int of) {
  std::string names(64 * 1024, '\0');
  const ssize_t size = ::flistxattr(of, names.data(), names.size());
  if (size <= 0) return;
  std::string value(64 * 1024, '\0');
  for (const char* name = names.data(); name < names.data() + size; name += std::string_view(name).size() + 1) {
    const ssize_t length = ::fgetxattr(of, name, value.data(), value.size());
    if (length >= 0) ::fsetxattr(fd, name, value.data(), static_cast<std::size_t>(length), 0);
  }
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Fd> open_file(const std::string& path, int flags, unsigned mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode);
  if (fd < 0) return failed(path, errno);
  return Fd(fd);
}

Result<struct stat> status(int fd, std::string_view name) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) return failed(std::string(name), errno);
  return found;
}

bool exists(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed("writing", errno);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> sync(int fd, std::string_view name) {
  if (::fsync(fd) != 0) return failed("syncing " + std::string(name), errno);
  return {};
}

Result<void> sync_folder(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return failed(path, errno);
  return sync(fd.get(), path);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string canonical(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error) return path;
  const std::filesystem::path found = std::filesystem::weakly_canonical(absolute, error);
  return error ? absolute.string() : found.string();
}

Result<std::string_view> read_at(int fd, std::uint64_t offset, std::size_t most, std::string& buffer) {
  buffer.resize(std::max(buffer.size(), most));
  std::size_t have = 0;
  while (have < most) {
    const ssize_t got = ::pread(fd, buffer.data() + have, most - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("reading", errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return std::string_view(buffer).substr(0, have);
}

Result<void> Copier::add(std::string_view bytes) {
  if (to >= 0) {
    if (auto done = write_all(to, bytes); !done) return done;
  }
  if (first != nullptr) first->update(bytes);
  if (second != nullptr) second->update(bytes);
  written += bytes.size();
  last.append(bytes.substr(bytes.size() - std::min<std::size_t>(bytes.size(), 2)));
  last.erase(0, last.size() - std::min<std::size_t>(last.size(), 2));
  return {};
}

Result<void> Copier::copy(int from, std::uint64_t offset, std::uint64_t size) {
  while (size > 0) {
    const auto bytes = read_at(from, offset, static_cast<std::size_t>(std::min<std::uint64_t>(size, kPiece)), buffer);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return fail(Errc::Unavailable, "a mailbox became shorter while it was read");
    if (auto done = add(*bytes); !done) return done;
    offset += bytes->size();
    size -= bytes->size();
  }
  return {};
}

Result<void> make_like(int fd, int of) {
  struct stat wanted{};
  struct stat mine{};
  if (::fstat(of, &wanted) != 0 || ::fstat(fd, &mine) != 0) return failed("reading the owner", errno);
  if ((mine.st_uid != wanted.st_uid || mine.st_gid != wanted.st_gid) && ::fchown(fd, wanted.st_uid, wanted.st_gid) != 0)
    return failed("giving the new file the mailbox's owner and group", errno);
  copy_attributes(fd, of);
  if (::fchmod(fd, wanted.st_mode & 07777U) != 0) return failed("giving the new file the mailbox's mode", errno);
  return {};
}

Result<bool> make_folder_like(const std::string& path, const std::string& like) {
  struct stat wanted{};
  if (::stat(like.c_str(), &wanted) != 0) return failed(like, errno);
  if (::mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST) return failed("making " + path, errno);
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))
      return fail(Errc::Refused, path + " is no folder");
    return false;
  }
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.is_open()) return failed(path, errno);
  struct stat mine{};
  if (::fstat(fd.get(), &mine) == 0 && (mine.st_uid != wanted.st_uid || mine.st_gid != wanted.st_gid) &&
      ::fchown(fd.get(), wanted.st_uid, wanted.st_gid) != 0)
    return failed("giving " + path + " the mailbox's owner", errno);
  if (::fchmod(fd.get(), wanted.st_mode & 07777U) != 0) return failed("giving " + path + " the mailbox's mode", errno);
  return true;
}

Result<void> move_file(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno == EXDEV) return fail(Errc::Refused, to + " is on another file system; messages are moved within one");
  if (errno != EINVAL && errno != ENOSYS) return failed("moving " + from + " to " + to, errno);
  if (::link(from.c_str(), to.c_str()) != 0) return failed("moving " + from + " to " + to, errno);
  ::unlink(from.c_str());
  return {};
}

}  // namespace anechoic::mailboxes
