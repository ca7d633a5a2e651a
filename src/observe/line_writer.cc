// SPDX-License-Identifier: Apache-2.0
#include "observe/line_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace anechoic::observe {

namespace {

Result<int> open_file(const std::string& file) {
  if (file.empty()) return STDERR_FILENO;
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return fail_errno(file, errno);
  return descriptor;
}

}  // namespace

Result<std::unique_ptr<LineWriter>> LineWriter::open(const std::string& file) {
  const Result<int> descriptor = open_file(file);
  if (!descriptor) return std::unexpected(descriptor.error());
  return std::unique_ptr<LineWriter>(new LineWriter(file, *descriptor));
}

LineWriter::LineWriter(std::string file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor), thread_([this] { run(); }) {}

LineWriter::~LineWriter() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (!file_.empty()) ::close(descriptor_);
}

void LineWriter::write(std::string_view line) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() + line.size() >= kQueuedOctets) {
      ++dropped_;
      return;
    }
    wake = queue_.empty();
    queue_ += line;
    queue_ += '\n';
  }
  if (wake) wake_.notify_one();
}

void LineWriter::run() {
  std::string batch;
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    wake_.wait_for(lock, kLinger, [this] { return stopping_; });
    batch.swap(queue_);
    busy_ = true;
    lock.unlock();
    const std::uint64_t lost = put(batch);
    batch.clear();
    lock.lock();
    busy_ = false;
    dropped_ += lost;
    written_.notify_all();
  }
}

std::uint64_t LineWriter::put(std::string_view lines) {
  if (torn_ && ::write(descriptor_, "\n", 1) == 1) torn_ = false;
  while (!lines.empty()) {
    const ssize_t done = ::write(descriptor_, lines.data(), lines.size());
    if (done > 0) {
      torn_ = lines[static_cast<std::size_t>(done) - 1] != '\n';
      lines.remove_prefix(static_cast<std::size_t>(done));
    } else if (errno != EINTR) {
      break;
    }
  }
  return static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
}

void LineWriter::put_queue(std::unique_lock<std::mutex>& lock) {
  written_.wait(lock, [this] { return !busy_; });
  dropped_ += put(queue_);
  queue_.clear();
}

void LineWriter::flush() {
  std::unique_lock lock(mutex_);
  put_queue(lock);
}

Result<void> LineWriter::reopen() {
  if (file_.empty()) return {};
  const Result<int> descriptor = open_file(file_);
  if (!descriptor) return std::unexpected(descriptor.error());
  std::unique_lock lock(mutex_);
  put_queue(lock);
  ::close(descriptor_);
  descriptor_ = *descriptor;
  torn_ = false;
  return {};
}

std::uint64_t LineWriter::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace anechoic::observe
