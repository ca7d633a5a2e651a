// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/mbox_target.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <map>

#include "outside/mailboxes/mbox_splitter.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

// The appended region is as it was written: the places follow from the sizes.
Result<std::vector<Span>> places_in_region(const MboxBatch& batch, int target) {
  std::vector<Span> places;
  std::uint64_t at = batch.into_size + batch.lead.size();
  std::string buffer;
  const auto read = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
    places.push_back({at, message.size, message.size});
    const std::uint64_t last = std::min<std::uint64_t>(message.size, 2);
    const auto end = read_at(target, at + message.size - last, static_cast<std::size_t>(last), buffer);
    if (!end) return std::unexpected(end.error());
    at += message.size + filler(*end).size();
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return places;
}

// `was`, if nothing but line ends follows there; else all of it.
std::uint64_t size_without_filler(int target, Span place, std::uint64_t was) {
  if (place.size <= was || place.size > was + 2) return place.size;
  std::string buffer;
  const auto end = read_at(target, place.offset + was, static_cast<std::size_t>(place.size - was), buffer);
  return end && end->find_first_not_of('\n') == std::string_view::npos ? was : place.size;
}

// Others changed the target: each message is looked for; several with one identity are handed out in order.
Result<std::vector<Span>> places_by_identity(const MboxBatch& batch, int target) {
  std::multimap<std::string, Span> found;
  MboxSplitter splitter([&](const MboxSplitter::Message& message) {
    found.emplace(identity_of(message.head), Span{message.offset, message.size, message.size});
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
  std::vector<Span> places;
  const auto read = each_message(batch.file, [&](const MboxMessage& message) -> Result<void> {
    auto [match, end] = found.equal_range(message.identity);
    const bool there = match != end;
    // Of several, the one as long as it was: others may be of another mailbox, with other status fields.
    const auto exact = std::find_if(match, end, [&](const auto& entry) {
      return size_without_filler(target, entry.second, message.size) == message.size;
    });
    if (exact != end) match = exact;
    places.push_back(there ? match->second : Span{});
    if (there) places.back().own = size_without_filler(target, match->second, message.size);
    if (there) found.erase(match);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return places;
}

// What is to be cut, in order.
std::vector<Span> spans_to_cut(const MboxBatch& batch, const Scene& scene) {
  if (scene.target_intact) return {{batch.into_size, batch.lead.size() + batch.moved_size, 0}};
  std::vector<Span> cut;
  for (const Span& span : scene.places)
    if (span.size > 0) cut.push_back(span);
  std::ranges::sort(cut, {}, &Span::offset);
  return cut;
}

Result<void> copy_without(int target, std::uint64_t size, const std::vector<Span>& cut, Copier& aside) {
  std::uint64_t at = 0;
  for (const Span& span : cut) {
    if (auto done = aside.copy(target, at, span.offset - at); !done) return done;
    at = span.offset + span.size;
  }
  return aside.copy(target, at, size - at);
}

// Not the name that a run on the target as a mailbox uses: that one says how far the run came.
Result<void> rewrite_without(const std::string& path, LockedMbox target, std::uint64_t size,
                             const std::vector<Span>& cut) {
  const std::string aside_path = folder_of(path) + "/." + name_of(path) + ".anechoic-triage.cut";
  ::unlink(aside_path.c_str());
  const auto file = open_file(aside_path, O_RDWR | O_CREAT | O_EXCL | O_APPEND);
  if (!file) return std::unexpected(file.error());
  Copier aside{.to = file->get()};
  auto done = make_like(file->get(), target.fd());
  if (done) done = copy_without(target.fd(), size, cut, aside);
  if (!done) {
    ::unlink(aside_path.c_str());
    return done;
  }
  const auto replaced = replace_mailbox(path, std::move(target), size, aside, aside_path);
  if (replaced) return {};
  ::unlink(aside_path.c_str());
  return std::unexpected(replaced.error());
}

}  // namespace

Result<std::uint64_t> size_of(int fd, const std::string& path) {
  const auto found = status(fd, path);
  if (!found) return std::unexpected(found.error());
  return static_cast<std::uint64_t>(found->st_size);
}

bool is_as_it_was(int fd, std::uint64_t offset, std::uint64_t size, const std::string& digest) {
  crypto::Sha256 found;
  Copier read{.first = &found};
  return read.copy(fd, offset, size).has_value() && found.hex() == digest;
}

Result<Scene> Scene::open(const MboxBatch& batch, const std::string& path, const Stop& stop) {
  auto mailbox = LockedMbox::open(path, {.stop = stop});
  if (!mailbox) return std::unexpected(mailbox.error());
  Scene scene{std::move(*mailbox), std::nullopt, false, {}};
  auto target = LockedMbox::open(batch.into, {.stop = stop});
  if (!target && target.error().code == Errc::NotFound) {
    remove_dead_lock(batch.into);
    return scene;
  }
  if (!target) return std::unexpected(target.error());
  scene.target.emplace(std::move(*target));
  scene.target_intact =
      is_as_it_was(scene.target->fd(), batch.into_size + batch.lead.size(), batch.moved_size, batch.moved_digest);
  auto places =
      scene.target_intact ? places_in_region(batch, scene.target->fd()) : places_by_identity(batch, scene.target->fd());
  if (!places) return std::unexpected(places.error());
  scene.places = std::move(*places);
  return scene;
}

Result<void> cut_from_target(const MboxBatch& batch, Scene& scene) {
  if (!scene.target) return {};
  const int target = scene.target->fd();
  const auto size = size_of(target, batch.into);
  if (!size) return std::unexpected(size.error());
  const std::vector<Span> cut = spans_to_cut(batch, scene);
  if (cut.empty()) return {};
  std::uint64_t cut_size = 0;
  for (const Span& span : cut) cut_size += span.size;
  if (cut_size == *size && batch.creates) {
    if (::unlink(batch.into.c_str()) != 0) return fail_errno(batch.into, errno);
    return sync_folder(folder_of(batch.into));
  }
  if (cut.size() > 1 || cut[0].offset + cut[0].size != *size) {
    LockedMbox locked = std::move(*scene.target);
    scene.target.reset();
    return rewrite_without(batch.into, std::move(locked), *size, cut);
  }
  if (::ftruncate(target, static_cast<off_t>(cut[0].offset)) != 0) return fail_errno(batch.into, errno);
  return sync(target, batch.into);
}

}  // namespace anechoic::mailboxes
