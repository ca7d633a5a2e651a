// SPDX-License-Identifier: Apache-2.0
// Putting back what was moved out of an mbox.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "outside/mailboxes/mbox_target.h"

namespace anechoic::mailboxes {
namespace {

Result<void> copy_message(const Scene& scene, Span place, Copier& to) {
  if (to.written > 0 && !to.last.ends_with('\n')) {
    if (auto done = to.add(filler(to.last)); !done) return done;
  }
  return to.copy(scene.target->fd(), place.offset, place.own);
}

// How many line ends stand at `offset`, where a message that stayed begins behind one that was moved.
Result<std::uint64_t> gap_at(int mailbox, std::uint64_t offset) {
  std::string buffer;
  const auto bytes = read_at(mailbox, offset, 2, buffer);
  if (!bytes) return std::unexpected(bytes.error());
  return std::min(bytes->find_first_not_of('\n'), bytes->size());
}

// The mailbox as it was, with what has come since behind it.
Result<void> merge(const MboxBatch& batch, const Scene& scene, std::uint64_t size, Copier& aside, Undone& undone) {
  std::uint64_t from = 0;        // in the mailbox as it is
  std::uint64_t moved_away = 0;  // bytes of messages that stood before
  std::uint64_t gaps = 0;        // line ends that were put between messages that stayed
  std::size_t number = 0;
  bool missing = false;  // the last one
  const auto pass_gap = [&]() -> Result<void> {
    const auto gap = gap_at(scene.mailbox.fd(), from);
    if (!gap) return std::unexpected(gap.error());
    gaps += *gap;
    if (missing) return {};  // then it is needed still
    from += *gap;
    return {};
  };
  const auto merged = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
    if (number > 0 && message.offset - moved_away + gaps > from) {
      if (auto done = pass_gap(); !done) return done;
    }
    const std::uint64_t until = message.offset - moved_away + gaps;
    if (auto done = aside.copy(scene.mailbox.fd(), from, until - from); !done) return done;
    from = until;
    moved_away += message.size;
    const Span place = scene.place_of(number++);
    missing = place.size == 0;
    ++(missing ? undone.missing : undone.messages);
    return place.size == 0 ? Result<void>{} : copy_message(scene, place, aside);
  });
  if (!merged) return merged;
  if (from < batch.kept_size) {
    if (auto done = pass_gap(); !done) return done;
  }
  if (from < size && aside.written > 0 && !aside.last.ends_with('\n')) {
    if (auto done = aside.add(filler(aside.last)); !done) return done;
  }
  return aside.copy(scene.mailbox.fd(), from, size - from);
}

// Somebody else changed what had stayed: the messages go to the end.
Result<void> append_all(const Scene& scene, std::uint64_t messages, std::uint64_t size, Copier& aside, Undone& undone) {
  if (auto done = aside.copy(scene.mailbox.fd(), 0, size); !done) return done;
  for (std::size_t number = 0; number < messages; ++number) {
    const Span place = scene.place_of(number);
    ++(place.size == 0 ? undone.missing : undone.messages);
    if (place.size == 0) continue;
    undone.in_place = false;
    if (aside.written > 0) {
      if (auto done = aside.add(filler(aside.last)); !done) return done;
    }
    if (auto done = copy_message(scene, place, aside); !done) return done;
  }
  return {};
}

}  // namespace

Result<void> MboxMailbox::undo_batch(const MboxBatch& batch, const Stop& stop, Undone& undone) {
  auto opened = Scene::open(batch, path(), stop);
  if (!opened) return std::unexpected(opened.error());
  std::optional<Scene> scene(std::move(*opened));
  if (!scene->target)
    return fail(Errc::NotFound, batch.into + ", to which " + std::to_string(batch.messages) + " messages of " + path() +
                                    " were moved, is not there; bring it back and run --undo again, or remove " +
                                    batch.file + " if you deleted it together with them");
  const auto size = size_of(scene->mailbox.fd(), path());
  if (!size) return std::unexpected(size.error());
  ::unlink(own_.aside().c_str());
  const auto file = open_file(own_.aside(), O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  if (!file) return std::unexpected(file.error());
  if (auto done = make_like(file->get(), scene->mailbox.fd()); !done) return done;
  Copier aside{.to = file->get()};
  const bool exact =
      *size >= batch.kept_size && is_as_it_was(scene->mailbox.fd(), 0, batch.kept_size, batch.kept_digest);
  auto written =
      exact ? merge(batch, *scene, *size, aside, undone) : append_all(*scene, batch.messages, *size, aside, undone);
  if (written) written = sync(file->get(), own_.aside());
  if (written && stop()) written = fail(Errc::Unavailable, "stopped before anything was put back");
  if (!written) {
    ::unlink(own_.aside().c_str());
    return written;
  }
  const auto into_size = scene->target ? size_of(scene->target->fd(), batch.into) : Result<std::uint64_t>(0);
  if (!into_size) return std::unexpected(into_size.error());
  auto log = UndoLog::append_to(batch.file);
  if (!log) return std::unexpected(log.error());
  if (auto done = log->add({"undoing", std::to_string(*into_size)}); !done) return done;
  if (auto done = log->sync(); !done) return done;
  const auto replaced = replace_mailbox(path(), std::move(scene->mailbox), *size, aside, own_.aside());
  if (!replaced && exists(own_.aside())) return std::unexpected(replaced.error());
  if (auto done = cut_from_target(batch, *scene); !done) return done;
  scene.reset();  // a lock that outlives a kill here would be forgotten together with the batch
  if (auto done = remove_undo_log(batch.file); !done) return done;
  return replaced ? Result<void>{} : std::unexpected(replaced.error());
}

Result<Undone> MboxMailbox::undo(const Stop& stop) {
  Undone undone;
  if (!own_.any()) return undone;
  const auto lock = RunLock::take(own_.lock());
  if (!lock) return std::unexpected(lock.error());
  for (unsigned number = own_.batches(); number > 0; --number) {
    const auto batch = read_batch(own_.batch(number));
    if (!batch) return std::unexpected(batch.error());
    if (auto done = undo_batch(*batch, stop, undone); !done) return std::unexpected(done.error());
  }
  return undone;
}

}  // namespace anechoic::mailboxes
