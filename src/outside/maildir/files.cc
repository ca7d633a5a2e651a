// SPDX-License-Identifier: Apache-2.0
#include "outside/maildir/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace anechoic::maildir {
namespace {

Failure failed(const std::string& what, int error_number) {
  Failure failure = fail_errno(what, error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) failure.error().code = Errc::Exhausted;
  if (error_number == ENAMETOOLONG) failure.error().code = Errc::Limit;
  return failure;
}

}  // namespace

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<File> File::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed("making " + path, errno);
  return File(fd);
}

Result<void> File::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(fd_, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed("writing a message", errno);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<void> File::sync() {
  if (::fsync(fd_) != 0) return failed("syncing a message", errno);
  return {};
}

Result<void> sync_folder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed("opening " + path, errno);
  const int done = ::fsync(fd);
  const int error_number = errno;
  ::close(fd);
  if (done != 0) return failed("syncing " + path, error_number);
  return {};
}

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("making " + path, errno);
  return {};
}

Result<void> move_file(const std::string& from, const std::string& to) {
  // Not rename(): it would replace a file of another delivery, should two ever agree on a name.
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return failed("moving a message to " + to, errno);
  if (::link(from.c_str(), to.c_str()) != 0) return failed("linking a message to " + to, errno);
  ::unlink(from.c_str());
  return {};
}

}  // namespace anechoic::maildir
