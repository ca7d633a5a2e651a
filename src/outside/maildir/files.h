// SPDX-License-Identifier: Apache-2.0
// The few file operations of a durable delivery, each as a Result. Disk full is Exhausted.   Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace anechoic::maildir {

class File {
 public:
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;
  ~File();

  [[nodiscard]] static Result<File> create(const std::string& path);  // fails if it exists
  [[nodiscard]] Result<void> write(std::string_view bytes);
  [[nodiscard]] Result<void> sync();

 private:
  explicit File(int fd) : fd_(fd) {}
  int fd_;
};

[[nodiscard]] Result<void> sync_folder(const std::string& path);
[[nodiscard]] Result<void> make_folder(const std::string& path);  // as it is if it exists
// `to` is on the same file system and does not exist.
[[nodiscard]] Result<void> move_file(const std::string& from, const std::string& to);

}  // namespace anechoic::maildir
