// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/mbox.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "outside/mailboxes/mbox_splitter.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

Result<std::uint64_t> size_of(int fd, const std::string& path) {
  const auto found = status(fd, path);
  if (!found) return std::unexpected(found.error());
  return static_cast<std::uint64_t>(found->st_size);
}

bool is_same_file(const std::string& a, const std::string& b) {
  struct stat first{};
  struct stat second{};
  return a == b || (::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
                    first.st_dev == second.st_dev && first.st_ino == second.st_ino);
}

// Mail appended to a file that is no mbox would spoil it, and nobody would find the mail.
Result<void> holds_mail(const std::string& target) {
  constexpr std::string_view kFrom = "From ";
  if (ascii::lower(target).ends_with(".gz"))
    return fail(Errc::Refused, "--into " + target + " would be a compressed file; name a plain mbox");
  if (!exists(target)) return {};
  const auto fd = open_file(target, O_RDONLY);
  if (!fd) return std::unexpected(fd.error());
  std::string buffer;
  const auto head = read_at(fd->get(), 0, kFrom.size(), buffer);
  if (!head) return std::unexpected(head.error());
  if (head->empty() || *head == kFrom) return {};
  return fail(Errc::Refused, "--into " + target + " is no mbox (it does not begin with \"From \"); name a new file");
}

// A plain name is a file beside the mailbox; beside a system mailbox that would be somebody else's.
Result<std::string> target_of(const std::string& mailbox, const std::string& into) {
  const std::string folder = folder_of(mailbox);
  if (into.empty() || into.ends_with('/')) return fail(Errc::Syntax, "--into names no file");
  const bool is_path = into.find('/') != std::string::npos;
  if (!is_path && (folder == "/var/mail" || folder == "/var/spool/mail"))
    return fail(Errc::Refused, "--into " + into + " would be another user's mailbox in " + folder +
                                   "; give a path, as --into /home/USER/mail/" + into);
  const std::string target = is_path ? into : folder + "/" + into;
  struct stat found{};
  if (::lstat(target.c_str(), &found) == 0 && !S_ISREG(found.st_mode))
    return fail(Errc::Refused, target + " is no file; messages of an mbox go into another mbox");
  if (::stat(folder_of(target).c_str(), &found) != 0)
    return fail(Errc::NotFound,
                "there is no folder " + folder_of(target) + " for " + name_of(target) + "; make it first");
  std::string real = canonical(target);  // the undo file is read from other working directories, too
  if (is_same_file(real, mailbox)) return fail(Errc::Refused, "--into " + into + " is the mailbox itself");
  if (auto usable = holds_mail(real); !usable) return std::unexpected(usable.error());
  return real;
}

// Copies what stays; where what stood before it was moved, an empty line comes before it if none is there any more, or
// two messages would become one. Undo takes it out again.
Result<void> keep(int mailbox, std::uint64_t offset, std::uint64_t size, Copier& aside) {
  if (size > 0 && aside.written > 0) {
    std::string buffer;
    const std::uint64_t most = std::min<std::uint64_t>(aside.written, 3);
    const auto end = read_at(aside.to, aside.written - most, static_cast<std::size_t>(most), buffer);
    if (!end) return std::unexpected(end.error());
    auto* const whole = std::exchange(aside.first, nullptr);
    const auto added =
        aside.add(*end == "\n\r\n" ? "" : filler(end->substr(end->size() - std::min<std::size_t>(end->size(), 2))));
    aside.first = whole;
    if (!added) return added;
  }
  return aside.copy(mailbox, offset, size);
}

}  // namespace

MboxMailbox::MboxMailbox(const std::string& path)
    : Mailbox(path, Format::Mbox), own_{folder_of(path) + "/." + name_of(path) + ".anechoic-triage."} {}

Result<std::uint64_t> MboxMailbox::extent() {
  const auto fd = open_file(path(), O_RDONLY);
  if (!fd) return std::unexpected(fd.error());
  return size_of(fd->get(), path());
}

// The locks are held for a moment only: no message is being written then, so the size is that of whole messages.
Result<void> MboxMailbox::judged_state() {
  const auto locked = LockedMbox::open(path(), {.stop = plan_->stop});
  if (!locked) return std::unexpected(locked.error());
  const auto found = status(locked->fd(), path());
  if (!found) return std::unexpected(found.error());
  plan_->judged = *found;
  return {};
}

Result<void> MboxMailbox::walk(const Visitor& visitor) {
  if (plan_) {
    if (auto done = judged_state(); !done) return done;
  }
  const auto fd = open_file(path(), O_RDONLY);
  if (!fd) return std::unexpected(fd.error());
  const auto found = status(fd->get(), path());
  if (!found) return std::unexpected(found.error());
  if (plan_ && found->st_ino != plan_->judged.st_ino) return fail(Errc::Unavailable, path() + " was just replaced");
  const auto size = static_cast<std::uint64_t>(plan_ ? plan_->judged.st_size : found->st_size);

  std::uint64_t done = 0;
  MboxSplitter splitter([&](const MboxSplitter::Message& message) {
    const MessageRef ref{.offset = message.offset, .size = message.size, .folder = "", .name = ""};
    if (plan_) plan_->head = message.head;
    return visitor({message.head, message.from_line, ref, done});
  });
  crypto::Sha256 digest;
  std::string buffer;
  while (done < size) {
    const auto bytes =
        read_at(fd->get(), done, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - done)), buffer);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return fail(Errc::Unavailable, path() + " became shorter while it was read");
    done += bytes->size();
    if (plan_) digest.update(*bytes);
    if (!splitter.feed(*bytes)) return {};
  }
  splitter.finish();
  if (plan_) plan_->digest = digest.hex();
  return {};
}

Result<void> MboxMailbox::begin(const std::string& into, const Stop& stop) {
  auto target = target_of(path(), into);
  if (!target) return std::unexpected(target.error());
  auto lock = RunLock::take(own_.lock());
  if (!lock) return std::unexpected(lock.error());
  auto log = UndoLog::create(own_.batch(own_.batches() + 1));
  if (!log) return std::unexpected(log.error());
  for (const Words& words : {Words{"anechoic-triage", "1", "mbox"}, Words{"mailbox", path()}, Words{"into", *target}})
    if (auto added = log->add(words); !added) return added;
  plan_.emplace(Plan{std::move(*lock), std::move(*log), std::move(*target), stop, 0, {}, {}, {}});
  return {};
}

Result<void> MboxMailbox::mark(const MessageRef& ref) {
  ++plan_->marked;
  return plan_->log.add({"m", std::to_string(ref.offset), std::to_string(ref.size), identity_of(plan_->head)});
}

void MboxMailbox::abandon() {
  if (!plan_) return;
  plan_.reset();
  (void)recover();
}

// Copies what stays and what has come since it was judged; returns how much of the mailbox that covers.
Result<std::uint64_t> MboxMailbox::write_aside(const LockedMbox& mailbox, Copier& aside) {
  const auto judged = static_cast<std::uint64_t>(plan_->judged.st_size);
  crypto::Sha256 whole;
  crypto::Sha256 kept;
  crypto::Sha256 moved;
  Copier away{.first = &whole, .second = &moved};
  aside.first = &whole;
  aside.second = &kept;
  std::uint64_t at = 0;
  std::uint64_t moved_size = 0;
  const auto walked = each_message(plan_->log.path(), [&](const MboxMessage& message) -> Result<void> {
    if (auto done = keep(mailbox.fd(), at, message.offset - at, aside); !done) return done;
    away.last.clear();
    if (auto done = away.copy(mailbox.fd(), message.offset, message.size); !done) return done;
    moved.update(filler(away.last));
    moved_size += message.size + filler(away.last).size();
    at = message.offset + message.size;
    return {};
  });
  if (!walked) return std::unexpected(walked.error());
  mailbox.refresh();
  if (auto done = keep(mailbox.fd(), at, judged - at, aside); !done) return std::unexpected(done.error());
  if (whole.hex() != plan_->digest) return fail(Errc::Unavailable, path() + " was changed while it was judged");
  const Words prepared{"prepared", std::to_string(aside.written), kept.hex(), std::to_string(moved_size), moved.hex()};
  if (auto done = plan_->log.add(prepared); !done) return std::unexpected(done.error());
  aside.first = aside.second = nullptr;
  const auto now = size_of(mailbox.fd(), path());
  if (!now) return now;
  if (auto done = aside.copy(mailbox.fd(), judged, *now - judged); !done) return std::unexpected(done.error());
  if (auto done = sync(aside.to, own_.aside()); !done) return std::unexpected(done.error());
  return now;
}

// Returns the number of messages.
Result<std::uint64_t> MboxMailbox::append_to_target(const LockedMbox& mailbox, const LockedMbox& target) {
  UndoLog& log = plan_->log;
  const auto before = size_of(target.fd(), plan_->into);
  if (!before) return before;
  // What stands at its end may lack the empty line that begins a message.
  std::string buffer;
  const auto end = read_at(target.fd(), *before - std::min<std::uint64_t>(*before, 2), 2, buffer);
  if (!end) return std::unexpected(end.error());
  const std::string_view lead = filler(*end);
  if (auto done = log.add({"target", std::to_string(*before), std::to_string(lead.size())}); !done)
    return std::unexpected(done.error());
  if (auto done = log.sync(); !done) return std::unexpected(done.error());

  Copier away{.to = target.fd()};
  std::uint64_t messages = 0;
  if (auto done = away.add(lead); !done) return std::unexpected(done.error());
  const auto appended = each_message(log.path(), [&](const MboxMessage& message) -> Result<void> {
    away.last.clear();
    if (auto done = away.copy(mailbox.fd(), message.offset, message.size); !done) return done;
    ++messages;
    return away.add(filler(away.last));
  });
  if (!appended) return std::unexpected(appended.error());
  target.refresh();
  if (auto done = sync(target.fd(), plan_->into); !done) return std::unexpected(done.error());
  return messages;
}

Result<Moved> MboxMailbox::commit(const Stop& stop) {
  Moved moved{.target = plan_->into};
  if (plan_->marked == 0) {
    abandon();
    return moved;
  }
  auto mailbox = LockedMbox::open(path(), {.stop = stop});
  if (!mailbox) return std::unexpected(mailbox.error());
  const auto found = status(mailbox->fd(), path());
  if (!found) return std::unexpected(found.error());
  if (found->st_ino != plan_->judged.st_ino || found->st_size < plan_->judged.st_size)
    return fail(Errc::Unavailable, path() + " was changed while it was judged");

  UndoLog& log = plan_->log;
  if (!exists(plan_->into)) {
    if (auto done = log.add({"creates"}); !done) return std::unexpected(done.error());
  }
  if (auto done = log.sync(); !done) return std::unexpected(done.error());
  const auto target = LockedMbox::open(plan_->into, {.create = true, .like = mailbox->fd(), .stop = stop});
  if (!target) return std::unexpected(target.error());

  ::unlink(own_.aside().c_str());
  const auto file = open_file(own_.aside(), O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  if (!file) return std::unexpected(file.error());
  if (auto done = make_like(file->get(), mailbox->fd()); !done) return std::unexpected(done.error());
  Copier aside{.to = file->get()};
  const auto covered = write_aside(*mailbox, aside);
  if (!covered) return std::unexpected(covered.error());
  if (stop()) return fail(Errc::Unavailable, "stopped before anything was moved");
  const auto messages = append_to_target(*mailbox, *target);
  if (!messages) return std::unexpected(messages.error());
  moved.messages = *messages;

  const auto rescued = replace_mailbox(path(), std::move(*mailbox), *covered, aside, own_.aside());
  if (!rescued) return std::unexpected(rescued.error());
  moved.rescued = *rescued;
  if (auto done = log.add({"done"}); !done) return std::unexpected(done.error());
  if (auto done = log.sync(); !done) return std::unexpected(done.error());
  plan_.reset();
  return moved;
}

}  // namespace anechoic::mailboxes
