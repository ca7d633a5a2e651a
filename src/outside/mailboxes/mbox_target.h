// SPDX-License-Identifier: Apache-2.0
// A batch's messages in the mbox that they were moved to: where each is now, and taking them out again.
// Threads: none; one owner.
#pragma once

#include <optional>
#include <vector>

#include "outside/mailboxes/mbox.h"

namespace anechoic::mailboxes {

struct Span {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t own = 0;  // of it the message's, without the line ends that were put behind it
};

[[nodiscard]] Result<std::uint64_t> size_of(int fd, const std::string& path);
// Is [offset, offset + size) of the file there, with that digest?
[[nodiscard]] bool is_as_it_was(int fd, std::uint64_t offset, std::uint64_t size, const std::string& digest);

// The mailbox and the target of a batch, both locked, and where the messages are in the target.
struct Scene {
  LockedMbox mailbox;
  std::optional<LockedMbox> target;  // nothing: it is gone
  bool target_intact = false;        // the appended region is as it was written
  std::vector<Span> places;          // of the batch's messages in order; size 0 = that one is gone

  [[nodiscard]] static Result<Scene> open(const MboxBatch& batch, const std::string& path, const Stop& stop);
  [[nodiscard]] Span place_of(std::size_t message) const { return message < places.size() ? places[message] : Span{}; }
};

// Takes the messages that are back in the mailbox out of the target; an emptied one that the batch made is removed. One
// that has other messages behind them is replaced as a mailbox is (replace_mailbox()), and then no longer locked.
[[nodiscard]] Result<void> cut_from_target(const MboxBatch& batch, Scene& scene);

}  // namespace anechoic::mailboxes
