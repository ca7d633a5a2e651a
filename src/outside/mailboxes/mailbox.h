// SPDX-License-Identifier: Apache-2.0
// Somebody's mailbox, read message by message and changed without loss, beside the servers that deliver into it.
//
// Formats: an mbox file, the same compressed by gzip (read only), a Maildir with its Maildir++ folders, a folder of
// message files (*.eml; where there are none, every file), one message file (read only).
//
// Moving is a transaction: begin(), walk() with mark() of what shall go, commit(). What is to be moved is on disk
// before anything is (docs/formats/triage.md), so a run that ends anywhere, kill -9 included, leaves every message
// where it was or where it was to go; recover() then finishes or takes back what was under way. undo() puts back what
// all commits moved and keeps what is new. Nothing is ever deleted but an emptied target that a commit had made.
//
// Locks: an mbox is locked by fcntl and then by a lock file, as Debian's programs do it; refused (Refused, Unavailable)
// where that can't be had. Maildirs and folders need none. A second run on the same mailbox is refused.
// Errors: the detail says what to do. Timeout: it stayed locked.   Memory: one message's head.   Threads: none; one
// owner.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace anechoic::mailboxes {

enum class Format : std::uint8_t { Mbox, MboxGzip, Maildir, Folder, File };
[[nodiscard]] std::string_view to_string(Format format);  // "mbox", "mbox.gz", "maildir", "folder", "file"

// Where one message is, for mark().
struct MessageRef {
  std::uint64_t offset = 0;  // mbox
  std::uint64_t size = 0;    // of the whole message
  std::string folder;        // others: below the mailbox's path, "" = itself, as "new", ".Sub/cur"
  std::string name;          // of the file
};

struct Incoming {
  std::string_view bytes;      // from its header on, at most MboxSplitter::kHeadBytes; valid during the call
  std::string_view from_line;  // mbox: the line before it
  const MessageRef& ref;
  std::uint64_t done;  // of extent(), for a progress bar
};

using Visitor = std::function<bool(const Incoming&)>;  // false: no more
using Stop = std::function<bool()>;                    // asked now and then; true: come to an end

struct Moved {
  std::uint64_t messages = 0;
  std::uint64_t gone = 0;     // marked, but taken away by somebody else meanwhile
  std::uint64_t rescued = 0;  // bytes of mail that were delivered into the replaced file, and brought back
  bool stopped = false;       // Maildir, folder: asked to stop before all were moved
  std::string target;         // path
};

struct Undone {
  std::uint64_t messages = 0;
  std::uint64_t missing = 0;  // no longer in the target
  bool in_place = true;       // every message is where it was; else (mbox that others changed) at the end
  bool stopped = false;
};

// What recover() found: lines for the user, empty if the last run ended in order.
using Recovered = std::vector<std::string>;

class Mailbox {
 public:
  virtual ~Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Format format() const { return format_; }

  // Bytes (mbox) or files; what Incoming::done counts towards.
  [[nodiscard]] virtual Result<std::uint64_t> extent() = 0;
  [[nodiscard]] virtual Result<void> walk(const Visitor& visitor) = 0;
  // What the last walk left out: links and special files among the messages, and files that vanished meanwhile.
  [[nodiscard]] virtual std::uint64_t skipped() const { return 0; }

  // True if a run on this mailbox did not end in order: recover() comes before anything else that changes it.
  [[nodiscard]] virtual bool unfinished() const { return false; }
  [[nodiscard]] virtual Result<Recovered> recover();
  // `into`: a name (a file beside the mbox, a Maildir++ folder, a folder in the folder), or a path if it has a slash.
  // `stop` also ends the waiting for locks, here and in walk().
  [[nodiscard]] virtual Result<void> begin(const std::string& into, const Stop& stop);
  [[nodiscard]] virtual Result<void> mark(const MessageRef& ref);
  // Unavailable: others changed what was judged; abandon(), then judge again.
  [[nodiscard]] virtual Result<Moved> commit(const Stop& stop);
  virtual void abandon() {}
  [[nodiscard]] virtual Result<Undone> undo(const Stop& stop);

 protected:
  Mailbox(std::string path, Format format) : path_(std::move(path)), format_(format) {}

 private:
  std::string path_;
  Format format_;
};

// Looks what `path` is and opens it. NotFound, Syntax (not a mailbox), Io.
// `leave_out`: the target of a later begin(), as given there; it is not walked. Also not walked: what earlier commits
// made.
[[nodiscard]] Result<std::unique_ptr<Mailbox>> open(const std::string& path, const std::string& leave_out = "");

}  // namespace anechoic::mailboxes
