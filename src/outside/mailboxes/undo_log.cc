// SPDX-License-Identifier: Apache-2.0
#include "outside/mailboxes/undo_log.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "outside/mailboxes/as_owner.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::string_view kCutOff = " %";  // no word is written so
constexpr std::string_view kHex = "0123456789ABCDEF";

void append_word(std::string& line, std::string_view word) {
  for (const char c : word) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 32 && octet != '%' && octet != 127) {
      line += c;
    } else {
      line += '%';
      line += kHex[octet >> 4U];
      line += kHex[octet & 15U];
    }
  }
}

std::string plain(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '%' && i + 2 < word.size() && ascii::hex_value(word[i + 1]) >= 0 &&
        ascii::hex_value(word[i + 2]) >= 0) {
      out += static_cast<char>(ascii::hex_value(word[i + 1]) * 16 + ascii::hex_value(word[i + 2]));
      i += 2;
    } else {
      out += word[i];
    }
  }
  return out;
}

Words words_of(std::string_view line) {
  Words words;
  while (true) {
    const std::size_t space = line.find(' ');
    words.push_back(plain(line.substr(0, space)));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

Result<void> is_believed(int fd, const std::string& path) {
  const auto found = status(fd, path);
  if (!found) return std::unexpected(found.error());
  const uid_t reader = acting_user();
  if (!S_ISREG(found->st_mode)) return fail(Errc::Refused, path + " is no ordinary file");
  if (found->st_uid == 0 || found->st_uid == reader) return {};
  struct stat folder{};
  if (reader == 0 && ::stat(folder_of(path).c_str(), &folder) == 0 && folder.st_uid == found->st_uid) return {};
  return fail(Errc::Refused, path + " is of user number " + std::to_string(found->st_uid) +
                                 "; run this as that user, or remove the file if none of your messages were moved");
}

}  // namespace

unsigned OwnFiles::batches() const {
  unsigned count = 0;
  while (exists(batch(count + 1))) ++count;
  return count;
}

Result<UndoLog> UndoLog::create(const std::string& path) {
  auto fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
  if (!fd) return std::unexpected(fd.error());
  struct stat folder{};
  if (::stat(folder_of(path).c_str(), &folder) == 0 && acting_user() == 0 && folder.st_uid != 0) {
    if (::fchown(fd->get(), folder.st_uid, folder.st_gid) != 0) return fail_errno(path, errno);
  }
  return UndoLog(std::move(*fd), path);
}

Result<UndoLog> UndoLog::append_to(const std::string& path) {
  auto fd = open_file(path, O_RDWR | O_APPEND);
  if (!fd) return std::unexpected(fd.error());
  const auto found = status(fd->get(), path);
  if (!found) return std::unexpected(found.error());
  UndoLog log(std::move(*fd), path);
  // A line that was cut off must not swallow the next one.
  std::string buffer;
  const auto size = static_cast<std::uint64_t>(found->st_size);
  const auto last = read_at(log.fd_.get(), size == 0 ? 0 : size - 1, 1, buffer);
  if (last && !last->empty() && *last != "\n") log.pending_ = std::string(kCutOff) + "\n";
  return log;
}

Result<void> UndoLog::add(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) pending_ += ' ';
    append_word(pending_, words[i]);
  }
  pending_ += '\n';
  return pending_.size() < kPiece ? Result<void>{} : flush();
}

Result<void> UndoLog::flush() {
  auto done = write_all(fd_.get(), pending_);
  pending_.clear();
  return done;
}

Result<void> UndoLog::sync() {
  if (auto done = flush(); !done) return done;
  if (auto done = mailboxes::sync(fd_.get(), path_); !done) return done;
  return sync_folder(folder_of(path_));
}

Result<void> read_undo_log(const std::string& path, const std::function<Result<void>(const Words&)>& use) {
  const auto fd = open_file(path, O_RDONLY);
  if (!fd) return std::unexpected(fd.error());
  if (auto believed = is_believed(fd->get(), path); !believed) return believed;
  std::string buffer;
  std::string rest;
  std::uint64_t offset = 0;
  while (true) {
    const auto bytes = read_at(fd->get(), offset, kPiece, buffer);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->empty()) return {};
    offset += bytes->size();
    rest += *bytes;
    std::size_t begin = 0;
    for (std::size_t end; (end = rest.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string_view line = std::string_view(rest).substr(begin, end - begin);
      if (line.ends_with(kCutOff)) continue;
      if (auto used = use(words_of(line)); !used) return used;
    }
    rest.erase(0, begin);
    if (rest.size() > kLongestLine) return fail(Errc::Syntax, path + " is not a file of this program");
  }
}

bool has_line(const std::string& path, std::string_view word) {
  bool found = false;
  const auto read = read_undo_log(path, [&](const Words& words) -> Result<void> {
    found = found || words.front() == word;
    return {};
  });
  return read && found;
}

Result<std::optional<LastBatch>> lock_last_batch(const OwnFiles& own) {
  if (!own.any()) return std::nullopt;
  auto lock = RunLock::take(own.lock());
  if (!lock) return std::unexpected(lock.error());
  const unsigned batches = own.batches();
  if (batches == 0) return std::nullopt;
  return LastBatch{std::move(*lock), own.batch(batches)};
}

Result<void> remove_undo_log(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail_errno(path, errno);
  return sync_folder(folder_of(path));
}

}  // namespace anechoic::mailboxes
