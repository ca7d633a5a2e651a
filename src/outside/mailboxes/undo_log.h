// SPDX-License-Identifier: Apache-2.0
// What a commit moves, on disk before it is moved and until it is undone: one text file a commit, beside the mailbox
// (docs/formats/triage.md).
//
// A line is words, %XX for what could end one. A line without its line end was being written when the program ended: it
// says nothing, and nothing of it was done. Batches are numbered from 1 without a gap.
// It says which files are moved where, so it is believed only of who runs this, of root, and, where root reads, of the
// owner of the folder that it lies in (as_owner.h: what is done then is done with his rights). Others: Refused.
// Threads: none; one owner.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "outside/mailboxes/file.h"
#include "outside/mailboxes/lock.h"

namespace anechoic::mailboxes {

// The names of the files that we put beside a mailbox.
struct OwnFiles {
  std::string prefix;  // "/var/mail/.alice.anechoic-triage.", "/home/alice/Maildir/anechoic-triage."

  [[nodiscard]] std::string batch(unsigned number) const { return prefix + std::to_string(number) + ".undo"; }
  [[nodiscard]] std::string lock() const { return prefix + "lock"; }
  [[nodiscard]] std::string aside() const { return prefix + "new"; }
  [[nodiscard]] unsigned batches() const;  // how many there are
  // Is there anything to undo or to tidy up? A killed run leaves its lock behind; taking it again removes it.
  [[nodiscard]] bool any() const { return batches() > 0 || exists(lock()); }
};

using Words = std::vector<std::string>;

class UndoLog {
 public:
  // Makes the file, which must not exist, with the owner of the folder it lies in.
  [[nodiscard]] static Result<UndoLog> create(const std::string& path);
  [[nodiscard]] static Result<UndoLog> append_to(const std::string& path);

  [[nodiscard]] Result<void> add(const Words& words);
  // Everything added is on disk afterwards, under its name.
  [[nodiscard]] Result<void> sync();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  UndoLog(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  [[nodiscard]] Result<void> flush();
  Fd fd_;
  std::string path_;
  std::string pending_;
};

// The latest batch, which a killed run may have left unended, held against other runs.
struct LastBatch {
  RunLock lock;
  std::string file;
};
// Nothing where no run left anything.   Errors: those of RunLock::take().
[[nodiscard]] Result<std::optional<LastBatch>> lock_last_batch(const OwnFiles& own);

// Gives each whole line to `use` in order; an error of `use` ends it.
[[nodiscard]] Result<void> read_undo_log(const std::string& path, const std::function<Result<void>(const Words&)>& use);
// True if a line begins with that word.
[[nodiscard]] bool has_line(const std::string& path, std::string_view word);
// Removes the file and makes that durable.
[[nodiscard]] Result<void> remove_undo_log(const std::string& path);

}  // namespace anechoic::mailboxes
