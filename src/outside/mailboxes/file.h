// SPDX-License-Identifier: Apache-2.0
// The file operations under the mailboxes, each as a Result. A symbolic link is never followed in the last place of a
// path: the folders belong to users, and the program may be root's.   Threads: any.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "crypto/digest.h"

namespace anechoic::mailboxes {

class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  void close() { Fd(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

[[nodiscard]] Result<Fd> open_file(const std::string& path, int flags, unsigned mode = 0600);
[[nodiscard]] Result<struct stat> status(int fd, std::string_view name);
[[nodiscard]] bool exists(const std::string& path);  // also a dangling link
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);
[[nodiscard]] Result<void> sync(int fd, std::string_view name);
[[nodiscard]] Result<void> sync_folder(const std::string& path);
[[nodiscard]] std::string folder_of(const std::string& path);  // "." where there is none
[[nodiscard]] std::string name_of(const std::string& path);
// Absolute, without links, "." and ".."; what does not exist at its end is taken as it is.
[[nodiscard]] std::string canonical(const std::string& path);

// At most `most` bytes at `offset`, fewer at the end of the file.
[[nodiscard]] Result<std::string_view> read_at(int fd, std::uint64_t offset, std::size_t most, std::string& buffer);

// Appends pieces of files to a file, and to the digests that are given.
struct Copier {
  int to = -1;                      // -1: only the digests
  crypto::Sha256* first = nullptr;  // of all that is copied
  crypto::Sha256* second = nullptr;
  std::uint64_t written = 0;
  std::string last{};  // the last two bytes, fewer at the beginning
  std::string buffer{};

  // [offset, offset + size) of `from`; Unavailable if it is shorter.
  [[nodiscard]] Result<void> copy(int from, std::uint64_t offset, std::uint64_t size);
  [[nodiscard]] Result<void> add(std::string_view bytes);
};

// Gives the file the owner, the mode, the access lists and the other attributes of `of`.
[[nodiscard]] Result<void> make_like(int fd, int of);
// Makes the folder (as it is if it exists) with owner and mode of the folder `like`.
[[nodiscard]] Result<bool> make_folder_like(const std::string& path, const std::string& like);

// Moves a file to a name that does not exist, on the same file system. Limit: the name exists. NotFound: the file does
// not.
[[nodiscard]] Result<void> move_file(const std::string& from, const std::string& to);

}  // namespace anechoic::mailboxes
