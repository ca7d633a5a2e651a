// SPDX-License-Identifier: Apache-2.0
// What the batches say, and how an mbox is replaced.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "base/ascii.h"
#include "outside/mailboxes/mbox.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kIdentityDigits = 16;
constexpr std::chrono::milliseconds kLatePause{20};
constexpr std::chrono::seconds kLateMost{10};
constexpr std::chrono::seconds kLateUnknown{1};
// What mail programs write into messages that they keep.
constexpr std::array<std::string_view, 10> kProgramFields = {
    "Status:",         "X-Status:",         "X-Keywords:",        "X-UID:",         "X-IMAP:", "X-IMAPbase:",
    "Content-Length:", "X-Mozilla-Status:", "X-Mozilla-Status2:", "X-Mozilla-Keys:"};

std::uint64_t number(const Words& words, std::size_t index) {
  return index < words.size() ? ascii::parse_number<std::uint64_t>(words[index]).value_or(0) : 0;
}
std::string word(const Words& words, std::size_t index) {
  return index < words.size() ? words[index] : "";
}

// Waits until nobody else can have the file open any more: it has no name, and a lease is given only to the last one.
// Where the system gives none, a second must do.
void wait_for_others(int old_file) {
  const auto begin = std::chrono::steady_clock::now();
  while (::fcntl(old_file, F_SETLEASE, F_WRLCK) != 0) {
    const auto most = errno == EAGAIN ? kLateMost : kLateUnknown;
    if (std::chrono::steady_clock::now() - begin > most) return;
    std::this_thread::sleep_for(kLatePause);
  }
  ::fcntl(old_file, F_SETLEASE, F_UNLCK);
}

Result<std::uint64_t> size_of(int fd) {
  const auto found = status(fd, "the old mailbox");
  if (!found) return std::unexpected(found.error());
  return static_cast<std::uint64_t>(found->st_size);
}

// The mailbox can't be written to, and the bytes are nowhere else.
Failure put_beside(const std::string& path, int old_file, std::uint64_t offset, std::uint64_t size) {
  std::string place;
  for (unsigned number = 1;; ++number) {
    place = path + ".anechoic-rescued." + std::to_string(number);
    if (!exists(place)) break;
  }
  const std::string what = std::to_string(size) + " bytes of mail that another program wrote into the replaced file";
  const auto file = open_file(place, O_WRONLY | O_CREAT | O_EXCL);
  if (!file) return fail(Errc::Io, what + " are lost: " + file.error().detail);
  (void)make_like(file->get(), old_file);
  Copier late{.to = file->get()};
  auto done = late.copy(old_file, offset, size);
  if (done) done = sync(file->get(), place);
  if (done) done = sync_folder(folder_of(place));
  if (!done) return fail(Errc::Io, what + " are lost: " + done.error().detail);
  return fail(Errc::Timeout, path + " stayed locked, so " + what + " are in " + place +
                                 ": append them to it (cat) and remove that file; all else was done");
}

// Appends what the replaced file has behind `covered` to the mailbox.
Result<std::uint64_t> rescue(const std::string& path, int old_file, std::uint64_t covered,
                             std::chrono::seconds patience) {
  const auto size = size_of(old_file);
  if (!size || *size <= covered) return std::uint64_t{0};
  const auto mailbox = LockedMbox::open(path, {.patience = patience});
  if (!mailbox) return put_beside(path, old_file, covered, *size - covered);
  Copier late{.to = mailbox->fd()};
  if (auto done = late.copy(old_file, covered, *size - covered); !done) return std::unexpected(done.error());
  if (auto done = sync(mailbox->fd(), path); !done) return std::unexpected(done.error());
  return late.written;
}

}  // namespace

std::string_view filler(std::string_view last) {
  if (last.empty() || last == "\n\n") return "";
  return last.ends_with('\n') ? "\n" : "\n\n";
}

std::string identity_of(std::string_view head) {
  crypto::Sha256 digest;
  bool skip = false;
  bool in_header = true;
  while (!head.empty() && in_header) {
    const std::string_view line = head.substr(0, std::min(head.find('\n'), head.size() - 1) + 1);
    if (!ascii::is_blank(line.front())) {
      skip = false;
      for (const std::string_view name : kProgramFields) skip = skip || ascii::istarts_with(line, name);
    }
    in_header = line != "\n" && line != "\r\n";
    if (!skip) digest.update(line);
    head.remove_prefix(line.size());
  }
  while (head.ends_with('\n') || head.ends_with('\r')) head.remove_suffix(1);
  digest.update(head);
  return digest.hex().substr(0, kIdentityDigits);
}

Result<MboxBatch> read_batch(const std::string& file) {
  MboxBatch batch;
  batch.file = file;
  const auto read = read_undo_log(file, [&](const Words& words) -> Result<void> {
    const std::string& what = words.front();
    if (what == "into") batch.into = word(words, 1);
    if (what == "creates") batch.creates = true;
    if (what == "m") ++batch.messages;
    if (what == "prepared") {
      batch.kept_size = number(words, 1);
      batch.kept_digest = word(words, 2);
      batch.moved_size = number(words, 3);
      batch.moved_digest = word(words, 4);
    }
    if (what == "target") {
      batch.appends = true;
      batch.into_size = number(words, 1);
      batch.lead = std::string(static_cast<std::size_t>(std::min<std::uint64_t>(number(words, 2), 2)), '\n');
    }
    if (what == "done") batch.done = true;
    if (what == "undoing") {
      batch.undoing = true;
      batch.undo_into_size = number(words, 1);
    }
    if (what == "not-undone") batch.undoing = false;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return batch;
}

Result<void> each_message(const std::string& file, const std::function<Result<void>(const MboxMessage&)>& use) {
  return read_undo_log(file, [&](const Words& words) -> Result<void> {
    if (words.front() != "m") return {};
    return use({number(words, 1), number(words, 2), word(words, 3)});
  });
}

Result<std::uint64_t> replace_mailbox(const std::string& path, LockedMbox mailbox, std::uint64_t covered, Copier& aside,
                                      const std::string& aside_path, std::chrono::seconds patience) {
  // Somebody who does not lock at all may have written meanwhile.
  const auto size = size_of(mailbox.fd());
  if (!size) return size;
  if (*size > covered) {
    if (auto done = aside.copy(mailbox.fd(), covered, *size - covered); !done) return std::unexpected(done.error());
    covered = *size;
  }
  if (auto done = sync(aside.to, aside_path); !done) return std::unexpected(done.error());
  if (std::rename(aside_path.c_str(), path.c_str()) != 0) return fail_errno("replacing " + path, errno);
  if (auto done = sync_folder(folder_of(path)); !done) return std::unexpected(done.error());
  const Fd old_file = mailbox.release();
  wait_for_others(old_file.get());
  return rescue(path, old_file.get(), covered, patience);
}

}  // namespace anechoic::mailboxes
