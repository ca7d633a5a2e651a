// SPDX-License-Identifier: Apache-2.0
// Putting back what was moved out of an mbox, and what is to be done after a run that did not end in order.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <vector>

#include "outside/mailboxes/mbox.h"
#include "outside/mailboxes/mbox_splitter.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

struct Span {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

Result<std::uint64_t> size_of(int fd, const std::string& path) {
  const auto found = status(fd, path);
  if (!found) return std::unexpected(found.error());
  return static_cast<std::uint64_t>(found->st_size);
}

// Is [offset, offset + size) of the file there, with that digest?
bool is_as_it_was(int fd, std::uint64_t offset, std::uint64_t size, const std::string& digest) {
  crypto::Sha256 found;
  Copier read{.first = &found};
  return read.copy(fd, offset, size).has_value() && found.hex() == digest;
}

// Where the messages of a batch are in its target now; several with one identity are handed out in order.
class TargetIndex {
 public:
  [[nodiscard]] static Result<TargetIndex> of_region(const MboxBatch& batch, int target) {
    TargetIndex index;
    std::uint64_t at = batch.into_size + batch.lead.size();
    std::string buffer;
    const auto read = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
      index.in_order_.push_back({at, message.size});
      const std::uint64_t last = std::min<std::uint64_t>(message.size, 2);
      const auto end = read_at(target, at + message.size - last, static_cast<std::size_t>(last), buffer);
      if (!end) return std::unexpected(end.error());
      at += message.size + filler(*end).size();
      return {};
    });
    if (!read) return std::unexpected(read.error());
    return index;
  }

  [[nodiscard]] static Result<TargetIndex> by_identity(const MboxBatch& batch, int target) {
    std::multimap<std::string, Span> found;
    MboxSplitter splitter([&](const MboxSplitter::Message& message) {
      found.emplace(identity_of(message.head), Span{message.offset, message.size});
      return true;
    });
    std::string buffer;
    for (std::uint64_t at = 0;;) {
      const auto bytes = read_at(target, at, kPiece, buffer);
      if (!bytes) return std::unexpected(bytes.error());
      if (bytes->empty()) break;
      splitter.feed(*bytes);
      at += bytes->size();
    }
    splitter.finish();
    TargetIndex index;
    const auto read = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
      const auto match = found.find(message.identity);
      index.in_order_.push_back(match == found.end() ? Span{} : match->second);
      if (match != found.end()) found.erase(match);
      return {};
    });
    if (!read) return std::unexpected(read.error());
    return index;
  }

  // For each message of the batch; size 0 = it is gone.
  [[nodiscard]] const std::vector<Span>& in_order() const { return in_order_; }

 private:
  std::vector<Span> in_order_;
};

// The mailbox and the target of a batch, both locked, and what is known of them.
struct Scene {
  LockedMbox mailbox;
  std::optional<LockedMbox> target;
  bool target_intact = false;  // the appended region is as it was written
  TargetIndex index;

  [[nodiscard]] static Result<Scene> open(const MboxBatch& batch, const std::string& path, const Stop& stop) {
    auto mailbox = LockedMbox::open(path, {.stop = stop});
    if (!mailbox) return std::unexpected(mailbox.error());
    Scene scene{std::move(*mailbox), std::nullopt, false, {}};
    auto target = LockedMbox::open(batch.into, {.stop = stop});
    if (!target && target.error().code == Errc::NotFound) return scene;
    if (!target) return std::unexpected(target.error());
    scene.target.emplace(std::move(*target));
    scene.target_intact =
        is_as_it_was(scene.target->fd(), batch.into_size + batch.lead.size(), batch.moved_size, batch.moved_digest);
    auto index = scene.target_intact ? TargetIndex::of_region(batch, scene.target->fd())
                                     : TargetIndex::by_identity(batch, scene.target->fd());
    if (!index) return std::unexpected(index.error());
    scene.index = std::move(*index);
    return scene;
  }
  [[nodiscard]] Span place_of(std::size_t message) const {
    return message < index.in_order().size() ? index.in_order()[message] : Span{};
  }
};

Result<void> copy_message(const Scene& scene, Span place, Copier& to) {
  if (to.written > 0 && !to.last.ends_with('\n')) {
    if (auto done = to.add(filler(to.last)); !done) return done;
  }
  return to.copy(scene.target->fd(), place.offset, place.size);
}

// The mailbox as it was, with what has come since behind it.
Result<void> merge(const MboxBatch& batch, const Scene& scene, std::uint64_t size, Copier& aside, Undone& undone) {
  std::uint64_t from = 0;        // in the mailbox as it is
  std::uint64_t moved_away = 0;  // bytes of messages that stood before
  std::size_t number = 0;
  const auto merged = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
    const std::uint64_t until = message.offset - moved_away;
    if (auto done = aside.copy(scene.mailbox.fd(), from, until - from); !done) return done;
    from = until;
    moved_away += message.size;
    const Span place = scene.place_of(number++);
    ++(place.size == 0 ? undone.missing : undone.messages);
    return place.size == 0 ? Result<void>{} : copy_message(scene, place, aside);
  });
  if (!merged) return merged;
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

// Takes the messages that are back in the mailbox out of the target; an emptied one that the batch made is removed.
Result<void> cut_from_target(const MboxBatch& batch, const Scene& scene) {
  if (!scene.target) return {};
  const auto size = size_of(scene.target->fd(), batch.into);
  if (!size) return std::unexpected(size.error());
  std::vector<Span> cut;
  if (scene.target_intact) {
    cut.push_back({batch.into_size, batch.lead.size() + batch.moved_size});
  } else {
    for (const Span& span : scene.index.in_order())
      if (span.size > 0) cut.push_back(span);
    std::ranges::sort(cut, {}, &Span::offset);
  }
  if (cut.empty()) return {};
  std::uint64_t cut_size = 0;
  for (const Span& span : cut) cut_size += span.size;
  if (cut_size == *size && batch.creates) {
    if (::unlink(batch.into.c_str()) != 0) return fail_errno(batch.into, errno);
    return sync_folder(folder_of(batch.into));
  }
  if (cut.size() == 1 && cut[0].offset + cut[0].size == *size) {
    if (::ftruncate(scene.target->fd(), static_cast<off_t>(cut[0].offset)) != 0) return fail_errno(batch.into, errno);
    return sync(scene.target->fd(), batch.into);
  }
  const std::string aside_path = folder_of(batch.into) + "/." + name_of(batch.into) + ".anechoic-triage.new";
  ::unlink(aside_path.c_str());
  const auto file = open_file(aside_path, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  if (!file) return std::unexpected(file.error());
  if (auto done = make_like(file->get(), scene.target->fd()); !done) return done;
  Copier aside{.to = file->get()};
  std::uint64_t at = 0;
  for (const Span& span : cut) {
    if (auto done = aside.copy(scene.target->fd(), at, span.offset - at); !done) return done;
    at = span.offset + span.size;
  }
  if (auto done = aside.copy(scene.target->fd(), at, *size - at); !done) return done;
  if (auto done = sync(file->get(), aside_path); !done) return done;
  if (::rename(aside_path.c_str(), batch.into.c_str()) != 0) return fail_errno(batch.into, errno);
  return sync_folder(folder_of(batch.into));
}

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
  const auto scene = Scene::open(batch, path, [] { return false; });
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
  if (!own_.any()) return told;
  const auto lock = RunLock::take(own_.lock());
  if (!lock) return std::unexpected(lock.error());
  const unsigned batches = own_.batches();
  if (batches == 0) return told;
  const auto batch = read_batch(own_.batch(batches));
  if (!batch) return std::unexpected(batch.error());
  auto line = recover_batch(*batch);
  if (!line) return std::unexpected(line.error());
  if (!line->empty()) told.push_back(std::move(*line));
  return told;
}

Result<void> MboxMailbox::undo_batch(const MboxBatch& batch, const Stop& stop, Undone& undone) {
  auto opened = Scene::open(batch, path(), stop);
  if (!opened) return std::unexpected(opened.error());
  std::optional<Scene> scene(std::move(*opened));
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
  if (!replaced) return std::unexpected(replaced.error());
  if (auto done = cut_from_target(batch, *scene); !done) return done;
  scene.reset();  // a lock that outlives a kill here would be forgotten together with the batch
  return remove_undo_log(batch.file);
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
