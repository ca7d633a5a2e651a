// SPDX-License-Identifier: Apache-2.0
// What is to be done after a run on an mbox that did not end in order.
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "outside/mailboxes/mbox_target.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

// How many bytes behind the target's old end are the beginning of what the batch was to append.
Result<std::uint64_t> appended_so_far(const MboxBatch& batch, int mailbox, int target) {
  std::uint64_t at = batch.into_size;
  bool same = true;
  std::string mine;
  std::string theirs;
  const auto compare = [&](std::string_view expected) -> Result<void> {
    const auto found = read_at(target, at, expected.size(), theirs);
    if (!found) return std::unexpected(found.error());
    const auto [a, b] = std::ranges::mismatch(expected, *found);
    at += static_cast<std::uint64_t>(a - expected.begin());
    same = a == expected.end();
    return {};
  };
  if (auto done = compare(batch.lead); !done) return std::unexpected(done.error());
  const auto read = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
    std::string last;
    for (std::uint64_t done = 0; same && done < message.size;) {
      const auto bytes = read_at(mailbox, message.offset + done,
                                 static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, message.size - done)), mine);
      if (!bytes) return std::unexpected(bytes.error());
      if (bytes->empty()) same = false;
      done += bytes->size();
      last = (last + std::string(bytes->substr(bytes->size() - std::min<std::size_t>(bytes->size(), 2))));
      last.erase(0, last.size() - std::min<std::size_t>(last.size(), 2));
      if (auto compared = compare(*bytes); !compared) return compared;
    }
    return same ? compare(filler(last)) : Result<void>{};
  });
  if (!read) return std::unexpected(read.error());
  return at - batch.into_size;
}

// Takes back what a commit had appended when it ended. Returns what remains to be told.
Result<std::string> take_back(const MboxBatch& batch, const std::string& path) {
  const auto mailbox = LockedMbox::open(path, {});
  if (!mailbox) return std::unexpected(mailbox.error());
  const auto target = LockedMbox::open(batch.into, {});
  if (!target && target.error().code == Errc::NotFound) return "";
  if (!target) return std::unexpected(target.error());
  const auto size = size_of(target->fd(), batch.into);
  if (!size) return std::unexpected(size.error());
  if (batch.appends && *size > batch.into_size) {
    const auto ours = appended_so_far(batch, mailbox->fd(), target->fd());
    if (!ours) return std::unexpected(ours.error());
    if (batch.into_size + *ours != *size)
      return "; " + batch.into + " was changed meanwhile and may hold copies of messages that are still in the mailbox";
    if (::ftruncate(target->fd(), static_cast<off_t>(batch.into_size)) != 0) return fail_errno(batch.into, errno);
    if (auto done = sync(target->fd(), batch.into); !done) return std::unexpected(done.error());
  }
  const auto left = size_of(target->fd(), batch.into);
  if (batch.creates && left && *left == 0) ::unlink(batch.into.c_str());
  return "";
}

// The mailbox has the messages again; what is left to do is the target.
Result<void> finish_undo(const MboxBatch& batch, const std::string& path) {
  auto scene = Scene::open(batch, path, [] { return false; });
  if (!scene) return std::unexpected(scene.error());
  if (!scene->target) return {};
  const auto size = size_of(scene->target->fd(), batch.into);
  if (!size) return std::unexpected(size.error());
  return *size >= batch.undo_into_size ? cut_from_target(batch, *scene) : Result<void>{};
}

}  // namespace

bool MboxMailbox::unfinished() const {
  const unsigned batches = own_.batches();
  if (batches == 0) return false;
  const auto batch = read_batch(own_.batch(batches));
  return batch && (!batch->done || batch->undoing);
}

Result<std::string> MboxMailbox::recover_batch(const MboxBatch& batch) {
  const bool aside = exists(own_.aside());
  if (batch.undoing) {
    if (aside) {  // the mailbox was not replaced
      if (::unlink(own_.aside().c_str()) != 0) return fail_errno(own_.aside(), errno);
      auto log = UndoLog::append_to(batch.file);
      if (!log) return std::unexpected(log.error());
      if (auto done = log->add({"not-undone"}); !done) return std::unexpected(done.error());
      if (auto done = log->sync(); !done) return std::unexpected(done.error());
      return "an undo was interrupted before it changed " + path();
    }
    if (auto done = finish_undo(batch, path()); !done) return std::unexpected(done.error());
    if (auto done = remove_undo_log(batch.file); !done) return std::unexpected(done.error());
    return "an interrupted undo was finished: " + std::to_string(batch.messages) + " messages are back in " + path();
  }
  if (batch.done) {
    if (aside) ::unlink(own_.aside().c_str());  // of an undo that had not come far
    return "";
  }
  if (batch.appends && !aside) {  // the mailbox was replaced
    auto log = UndoLog::append_to(batch.file);
    if (!log) return std::unexpected(log.error());
    if (auto done = log->add({"done"}); !done) return std::unexpected(done.error());
    if (auto done = log->sync(); !done) return std::unexpected(done.error());
    return "an interrupted run had moved its " + std::to_string(batch.messages) + " messages to " + batch.into;
  }
  std::string rest;
  if (batch.appends || batch.creates) {
    auto told = take_back(batch, path());
    if (!told) return told;
    rest = std::move(*told);
  }
  if (aside && ::unlink(own_.aside().c_str()) != 0) return fail_errno(own_.aside(), errno);
  if (auto done = remove_undo_log(batch.file); !done) return std::unexpected(done.error());
  return batch.appends ? "an interrupted run was taken back: " + path() + " is as it was" + rest : "";
}

Result<Recovered> MboxMailbox::recover() {
  Recovered told;
  const auto last = lock_last_batch(own_);
  if (!last) return std::unexpected(last.error());
  if (!*last) return told;
  const auto batch = read_batch((*last)->file);
  if (!batch) return std::unexpected(batch.error());
  auto line = recover_batch(*batch);
  if (!line) return std::unexpected(line.error());
  if (!line->empty()) told.push_back(std::move(*line));
  return told;
}

}  // namespace anechoic::mailboxes
