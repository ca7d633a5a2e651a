// SPDX-License-Identifier: Apache-2.0
// The mbox file as a Mailbox.
//
// It is replaced, never rewritten in place: the new file is written aside in the same folder, synced, and renamed over
// the old one while both locks are held (docs/decisions, mbox-by-rename). The old file has no name then, so an agent
// that had opened it before it waited for the lock sees that (Postfix: link count; Exim, Dovecot: it opens again); what
// one writes into it nevertheless is brought back for as long as somebody has it open.   Threads: none; one owner.
#pragma once

#include <optional>

#include "outside/mailboxes/lock.h"
#include "outside/mailboxes/mailbox.h"
#include "outside/mailboxes/undo_log.h"

namespace anechoic::mailboxes {

// What one batch says of itself, without its list of messages.
struct MboxBatch {
  std::string file;
  std::string into;
  bool creates = false;         // the target was not there
  std::uint64_t kept_size = 0;  // of what stays of it
  std::string kept_digest;
  std::uint64_t moved_size = 0;  // of what is appended to the target, behind the lead
  std::string moved_digest;
  bool appends = false;         // something may have been
  std::uint64_t into_size = 0;  // of the target before
  std::string lead;             // line ends between what was there and what is appended
  std::uint64_t messages = 0;
  bool done = false;
  bool undoing = false;              // the mailbox was about to be replaced, or is
  std::uint64_t undo_into_size = 0;  // of the target then
};
[[nodiscard]] Result<MboxBatch> read_batch(const std::string& file);

struct MboxMessage {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string identity;
};
// Gives each message of the batch to `use`, in the order of the mailbox.
[[nodiscard]] Result<void> each_message(const std::string& file,
                                        const std::function<Result<void>(const MboxMessage&)>& use);

// The same for a message that mail programs marked as seen: neither their status fields nor the "From " line count.
[[nodiscard]] std::string identity_of(std::string_view head);

// The line ends that are missing behind `last`, the last two bytes of a message, for the next one to begin.
[[nodiscard]] std::string_view filler(std::string_view last);

// Renames `aside`, which has the first `covered` bytes of the locked mailbox or what shall be there for them, over it,
// durably, and gives up the locks; then brings what was delivered into the old file into the new one. Returns how many
// bytes that were. Timeout: it is done, but the new one stayed locked; those bytes are in a file that the detail names.
[[nodiscard]] Result<std::uint64_t> replace_mailbox(const std::string& path, LockedMbox mailbox, std::uint64_t covered,
                                                    Copier& aside, const std::string& aside_path,
                                                    std::chrono::seconds patience = std::chrono::seconds(60));

class MboxMailbox final : public Mailbox {
 public:
  explicit MboxMailbox(const std::string& path);

  [[nodiscard]] Result<std::uint64_t> extent() override;
  [[nodiscard]] Result<void> walk(const Visitor& visitor) override;
  [[nodiscard]] bool unfinished() const override;
  [[nodiscard]] Result<Recovered> recover() override;
  [[nodiscard]] Result<void> begin(const std::string& into, const Stop& stop) override;
  [[nodiscard]] Result<void> mark(const MessageRef& ref) override;
  [[nodiscard]] Result<Moved> commit(const Stop& stop) override;
  void abandon() override;
  [[nodiscard]] Result<Undone> undo(const Stop& stop) override;

 private:
  struct Plan {
    RunLock lock;
    UndoLog log;
    std::string into;
    Stop stop;
    std::uint64_t marked = 0;
    std::string_view head;  // of the message being visited
    struct stat judged{};
    std::string digest;
  };
  [[nodiscard]] Result<void> judged_state();
  [[nodiscard]] Result<std::uint64_t> write_aside(const LockedMbox& mailbox, Copier& aside);
  [[nodiscard]] Result<std::uint64_t> append_to_target(const LockedMbox& mailbox, const LockedMbox& target);
  [[nodiscard]] Result<std::string> recover_batch(const MboxBatch& batch);
  [[nodiscard]] Result<void> undo_batch(const MboxBatch& batch, const Stop& stop, Undone& undone);

  OwnFiles own_;
  std::optional<Plan> plan_;
};

}  // namespace anechoic::mailboxes
