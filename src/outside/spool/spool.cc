// SPDX-License-Identifier: Apache-2.0
#include "outside/spool/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/limits.h"

namespace anechoic::spool {
namespace {

constexpr std::size_t kFirstBlock = 4096;
constexpr std::size_t kSearchStep = 16 * 1024;

Failure io_failure(std::string_view what, int error_number) {
  Failure failure = fail_errno(what, error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) failure.error().code = Errc::Exhausted;
  return failure;
}

// A file that has no name, so that nothing is left behind whatever happens to the process.
Result<int> open_unlinked(const std::string& directory) {
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return io_failure("spool directory " + directory, errno);
  }
  std::string name = directory + "/spool-XXXXXX";  // file systems without O_TMPFILE
  fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return io_failure("spool file in " + directory, errno);
  ::unlink(name.c_str());
  return fd;
}

Result<void> write_at(int fd, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return io_failure("writing the spool", errno);
    }
    offset += static_cast<std::uint64_t>(wrote);
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

// Adds `more` to a counter of the quota unless it would pass `bound`.
bool take(std::atomic<std::uint64_t>& counter, std::uint64_t more, std::uint64_t bound) {
  std::uint64_t held = counter.load(std::memory_order_relaxed);
  do {
    if (held > bound || more > bound - held) return false;
  } while (!counter.compare_exchange_weak(held, held + more, std::memory_order_relaxed));
  return true;
}

}  // namespace

struct Spool::State {
  State(const Options& given, Quota& shared) : options(given), quota(shared) {}

  Options options;
  Quota& quota;
  std::string memory;  // the body while it is small
  std::uint64_t memory_taken = 0;
  int fd = -1;
  std::uint64_t disk_taken = 0;
  std::uint64_t size = 0;
  std::string window;  // what read() and header_block() return of a file
  std::vector<Range> left_out;
  std::string joined;  // what read() returns of both sides of a range
  std::uint64_t left_out_octets = 0;

  Result<std::string_view> read(std::uint64_t offset, std::size_t most);  // of all octets

  // Room for `needed` octets in memory, taken from the quota in steps that double, as the string grows.
  bool reserve(std::uint64_t needed) {
    if (needed > options.memory) return false;
    if (needed <= memory_taken) return true;
    const std::uint64_t room =
        std::min(options.memory, std::max({needed, memory_taken * 2, std::uint64_t{kFirstBlock}}));
    if (!take(quota.memory, room - memory_taken, options.total_memory)) return false;
    memory_taken = room;
    memory.reserve(room);
    return true;
  }

  void drop_memory() {
    std::string().swap(memory);
    quota.memory.fetch_sub(std::exchange(memory_taken, 0), std::memory_order_relaxed);
  }

  // Quota first, so that all spools together never hold more than they may. Nothing changes when it fails.
  Result<void> append_to_file(std::uint64_t offset, std::string_view bytes) {
    if (!take(quota.disk, bytes.size(), options.total_disk)) {
      return fail(Errc::Exhausted, "the spools together hold as much as they may on disk");
    }
    if (auto written = write_at(fd, offset, bytes); !written) {
      quota.disk.fetch_sub(bytes.size(), std::memory_order_relaxed);
      return written;
    }
    disk_taken += bytes.size();
    return {};
  }

  Result<void> move_to_file() {
    auto opened = open_unlinked(options.directory);
    if (!opened) return std::unexpected(std::move(opened).error());
    fd = *opened;
    if (auto moved = append_to_file(0, memory); !moved) {
      ::close(std::exchange(fd, -1));
      return moved;
    }
    drop_memory();
    return {};
  }
};

Spool::Spool(const Options& options, Quota& quota) : state_(std::make_unique<State>(options, quota)) {}

Spool::~Spool() {
  clear();
}

Result<void> Spool::append(std::string_view bytes) {
  State& state = *state_;
  if (bytes.empty()) return {};
  if (state.fd < 0) {
    if (state.reserve(state.size + bytes.size())) {
      state.memory.append(bytes);
      state.size += bytes.size();
      return {};
    }
    if (auto moved = state.move_to_file(); !moved) return moved;
  }
  if (auto written = state.append_to_file(state.size, bytes); !written) return written;
  state.size += bytes.size();
  return {};
}

std::uint64_t Spool::size() const {
  return state_->size - state_->left_out_octets;
}

void Spool::leave_out(std::vector<Range> ranges) {
  state_->left_out = std::move(ranges);
  state_->left_out_octets = 0;
  for (const Range& range : state_->left_out) state_->left_out_octets += range.length;
}

Result<std::string_view> Spool::read(std::uint64_t offset, std::size_t most) {
  State& state = *state_;
  if (state.left_out.empty()) return state.read(offset, most);
  const std::uint64_t left = size() - std::min(offset, size());
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, left));
  // Where `offset` is among all octets, and how many follow it in one piece.
  auto range = state.left_out.begin();
  for (; range != state.left_out.end() && range->offset <= offset; ++range) offset += range->length;
  const auto in_one_piece = [&] { return range == state.left_out.end() || range->offset - offset >= wanted; };
  if (in_one_piece()) return state.read(offset, wanted);
  state.joined.clear();
  while (state.joined.size() < wanted) {
    const std::size_t missing = wanted - state.joined.size();
    const std::uint64_t reach = range == state.left_out.end() ? missing : range->offset - offset;
    auto piece = state.read(offset, static_cast<std::size_t>(std::min<std::uint64_t>(missing, reach)));
    if (!piece) return piece;
    state.joined += *piece;
    offset += piece->size();
    for (; range != state.left_out.end() && range->offset <= offset; ++range) offset += range->length;
  }
  return std::string_view(state.joined);
}

Result<std::string_view> Spool::State::read(std::uint64_t offset, std::size_t most) {
  State& state = *this;
  if (offset >= state.size || most == 0) return std::string_view{};
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, state.size - offset));
  if (state.fd < 0) return std::string_view(state.memory).substr(static_cast<std::size_t>(offset), wanted);
  state.window.resize(wanted);
  std::size_t have = 0;
  while (have < wanted) {
    const ssize_t got = ::pread(state.fd, state.window.data() + have, wanted - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failure("reading the spool", errno);
    if (got == 0) return fail(Errc::Io, "reading the spool: the file is shorter than what was written to it");
    have += static_cast<std::size_t>(got);
  }
  return std::string_view(state.window);
}

Result<std::string_view> Spool::header_block() {
  State& state = *state_;
  const std::uint64_t bound = std::min<std::uint64_t>(state.size, limits::kHeaderBytes);
  std::uint64_t reach = 0;
  while (reach < bound) {
    // A file is read from its beginning in growing pieces: header blocks are short, and the view must be in one piece.
    reach = state.fd < 0 ? bound : std::min<std::uint64_t>(bound, std::max<std::uint64_t>(kSearchStep, reach * 4));
    auto bytes = state.read(0, static_cast<std::size_t>(reach));
    if (!bytes) return bytes;
    if (bytes->starts_with("\r\n")) return bytes->substr(0, 2);  // no header fields at all
    if (const std::size_t end = bytes->find("\r\n\r\n"); end != std::string_view::npos)
      return bytes->substr(0, end + 4);
    if (reach == bound) return bytes;
  }
  return std::string_view{};
}

void Spool::clear() {
  State& state = *state_;
  state.drop_memory();
  if (state.fd >= 0) ::close(std::exchange(state.fd, -1));
  state.quota.disk.fetch_sub(std::exchange(state.disk_taken, 0), std::memory_order_relaxed);
  state.size = 0;
  leave_out({});
  std::string().swap(state.window);
}

}  // namespace anechoic::spool
