// SPDX-License-Identifier: Apache-2.0
// Mailboxes in which each message is a file: a Maildir with its Maildir++ folders, and a folder of message files.
//
// A message is moved by rename, one by one, so each is always in exactly one place. In a Maildir a moved message gets a
// new unique name in the target's cur/ with its flags (the servers' tables of names and UIDs stay true); letters of
// keywords mean something only with the table of their own folder, so they are left behind and come back with undo.
// tmp/ is never looked at. A message that somebody else renamed or took away meanwhile stays as he left it.
// Threads: none; one owner.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "outside/mailboxes/lock.h"
#include "outside/mailboxes/mailbox.h"
#include "outside/mailboxes/undo_log.h"

namespace anechoic::mailboxes {

class FilesMailbox final : public Mailbox {
 public:
  // `format` is Maildir or Folder. `leave_out` as for open().
  FilesMailbox(const std::string& path, Format format, const std::string& leave_out);

  [[nodiscard]] Result<std::uint64_t> extent() override;
  [[nodiscard]] Result<void> walk(const Visitor& visitor) override;
  [[nodiscard]] std::uint64_t skipped() const override { return skipped_; }
  [[nodiscard]] bool unfinished() const override;
  [[nodiscard]] Result<Recovered> recover() override;
  [[nodiscard]] Result<void> begin(const std::string& into, const Stop& stop) override;
  [[nodiscard]] Result<void> mark(const MessageRef& ref) override;
  [[nodiscard]] Result<Moved> commit(const Stop& stop) override;
  void abandon() override;
  [[nodiscard]] Result<Undone> undo(const Stop& stop) override;

  // What an undo file says, without its list of messages.
  struct Batch {
    std::string into;
    bool creates = false;
    bool prepared = false;
    bool ended = false;
    std::set<std::string, std::less<>> skipped;  // names in the target that are not ours
  };

 private:
  struct Plan {
    RunLock lock;
    UndoLog log;
    std::string into;  // the target's path
    std::uint64_t marked = 0;
  };
  [[nodiscard]] std::vector<std::string> folders() const;  // below path(), those with messages
  [[nodiscard]] bool is_left_out(const std::string& folder) const;
  [[nodiscard]] bool is_message(const std::string& name) const;
  [[nodiscard]] Result<std::string> target_of(const std::string& into) const;
  [[nodiscard]] std::string new_name(const MessageRef& ref);
  // `name`, or with a number in it the first that is not taken: 1.eml, 1.2.eml ...
  [[nodiscard]] std::string free_name(const std::string& name,
                                      const std::function<bool(const std::string&)>& taken) const;
  [[nodiscard]] Result<void> make_target(const std::string& target) const;
  struct Moves {
    std::uint64_t planned = 0;
    std::uint64_t moved = 0;
    std::vector<std::string> unmoved;  // by their names in the target
  };
  [[nodiscard]] Result<Moves> count_moves(const std::string& file, const Batch& batch) const;
  [[nodiscard]] Result<void> undo_batch(const std::string& file, const Stop& stop, Undone& undone);

  OwnFiles own_;
  bool maildir_;
  bool only_eml_ = false;              // folder: it has *.eml files, so others are not messages
  std::vector<std::string> left_out_;  // paths
  std::optional<Plan> plan_;
  std::uint64_t counter_ = 0;
  std::uint64_t skipped_ = 0;
};

// The parts of a Maildir file's name: "base,S=12:2,RSa".
struct MaildirName {
  std::string_view unique;  // up to the first comma of the base
  std::string_view sizes;   // ",S=12,W=14"
  std::string_view flags;   // standard ones and keywords, "" = none
};
[[nodiscard]] MaildirName parse_maildir_name(std::string_view name);

}  // namespace anechoic::mailboxes
