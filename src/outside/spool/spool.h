// SPDX-License-Identifier: Apache-2.0
// A message body between its arrival and its relaying: in memory up to a bound, then in an unlinked file. It is not a
// queue: what is in it has not been acknowledged, and it is gone with the process.
//
// Errors: Io, Exhausted (disk full, or the quota of all spools together): the message is then answered 452 4.3.1.
// Threads: one at a time; the Quota is shared by all threads.                                                DESIGN 3b
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace anechoic::spool {

struct Options {
  std::string directory = "/var/tmp";         // for unlinked files
  std::uint64_t memory = 256 * 1024;          // octets of one body kept in memory
  std::uint64_t total_memory = 256ULL << 20;  // of all bodies; beyond it even small ones go to a file
  std::uint64_t total_disk = 4ULL << 30;
};

// Counts what all spools hold.
struct Quota {
  std::atomic<std::uint64_t> memory{0};
  std::atomic<std::uint64_t> disk{0};
};

struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

class Spool {
 public:
  Spool(const Options& options, Quota& quota);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  [[nodiscard]] Result<void> append(std::string_view bytes);
  [[nodiscard]] std::uint64_t size() const;
  // The octets from `offset`, at most `most`; empty at the end. The view is valid until the next call.
  [[nodiscard]] Result<std::string_view> read(std::uint64_t offset, std::size_t most);
  // The header block (up to and with the empty line), at most limits::kHeaderBytes of it. Valid until the next call.
  [[nodiscard]] Result<std::string_view> header_block();
  // Octets that size() and read() pass over from now on: header fields that are not to be relayed. Ranges of the octets
  // as they were appended, ascending, apart, within them. Nothing may be appended afterwards; replaces earlier ranges.
  void leave_out(std::vector<Range> ranges);
  void clear();  // gives memory and file back; may be filled again

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::spool
