// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/ascii.h"
#include "outside/mailboxes/files.h"
#include "outside/mailboxes/mbox.h"
#include "outside/mailboxes/mbox_splitter.h"
#include "outside/mailboxes/undo_log.h"

namespace anechoic::mailboxes {
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr std::string_view kGzip = "\x1f\x8b";

// An mbox compressed by gzip, and one message in a file: both are only read.
class ReadOnlyFile final : public Mailbox {
 public:
  ReadOnlyFile(const std::string& path, Format format) : Mailbox(path, format) {}

  Result<std::uint64_t> extent() override {
    const auto fd = open_file(path(), O_RDONLY);
    if (!fd) return std::unexpected(fd.error());
    const auto found = status(fd->get(), path());
    if (!found) return std::unexpected(found.error());
    return static_cast<std::uint64_t>(found->st_size);
  }

  Result<void> walk(const Visitor& visitor) override {
    auto fd = open_file(path(), O_RDONLY);
    if (!fd) return std::unexpected(fd.error());
    return format() == Format::MboxGzip ? walk_gzip(*fd, visitor) : walk_message(*fd, visitor);
  }

 private:
  Result<void> walk_message(const Fd& fd, const Visitor& visitor) {
    std::string buffer;
    const auto found = status(fd.get(), path());
    if (!found) return std::unexpected(found.error());
    const auto bytes = read_at(fd.get(), 0, MboxSplitter::kHeadBytes, buffer);
    if (!bytes) return std::unexpected(bytes.error());
    const MessageRef ref{.offset = 0, .size = static_cast<std::uint64_t>(found->st_size), .folder = "", .name = ""};
    visitor({*bytes, "", ref, ref.size});
    return {};
  }

  Result<void> walk_gzip(const Fd& fd, const Visitor& visitor) {
    const int own = ::dup(fd.get());
    if (own < 0) return fail_errno(path(), errno);
    const std::unique_ptr<gzFile_s, decltype([](gzFile file) { ::gzclose(file); })> file(::gzdopen(own, "rb"));
    if (!file) {
      ::close(own);
      return fail(Errc::Exhausted, path() + ": no memory to read it");
    }
    MboxSplitter splitter([&](const MboxSplitter::Message& message) {
      const MessageRef ref{.offset = message.offset, .size = message.size, .folder = "", .name = ""};
      return visitor({message.head, message.from_line, ref,
                      static_cast<std::uint64_t>(std::max<z_off_t>(::gzoffset(file.get()), 0))});
    });
    std::string buffer(kPiece, '\0');
    while (true) {
      const int got = ::gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
      int error = Z_OK;
      const char* const words = ::gzerror(file.get(), &error);
      if (got < 0 || (got == 0 && error == Z_BUF_ERROR))
        return fail(Errc::Syntax,
                    path() + " is damaged: " + (got == 0 ? "it ends too early" : words) + "; gzip -t tells more");
      if (got == 0) break;
      if (!splitter.feed(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)))) return {};
    }
    splitter.finish();
    if (splitter.preamble() > 0) return fail(Errc::Syntax, path() + " holds no mbox: it does not begin with \"From \"");
    return {};
  }
};

bool looks_like_message(std::string_view head) {
  constexpr std::array<std::string_view, 12> kFields = {
      "From",       "To",           "Subject",     "Date",          "Received",     "Return-Path",
      "Message-ID", "Delivered-To", "Envelope-To", "X-Envelope-To", "MIME-Version", "Reply-To"};
  bool known = false;
  for (std::size_t begin = 0; begin < head.size() && !known;) {
    const std::size_t end = std::min(head.find('\n', begin), head.size());
    const std::string_view line = head.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty() || line == "\r") break;
    if (ascii::is_blank(line.front())) continue;
    const std::string_view name = ascii::trim(line.substr(0, std::min(line.find(':'), line.size())));
    if (name.size() == line.size() || name.empty() ||
        !std::ranges::all_of(name, [](char c) { return c > ' ' && c < 127; }))
      return false;
    known = std::ranges::any_of(kFields, [name](std::string_view field) { return ascii::iequals(field, name); });
  }
  return known;
}

Failure read_only(const Mailbox& mailbox) {
  return fail(Errc::Refused,
              mailbox.path() + (mailbox.format() == Format::MboxGzip
                                    ? " is compressed and can only be read; unpack it (gunzip) to have messages moved"
                                    : " is one message and can only be read; name the folder that it lies in"));
}

}  // namespace

std::string_view to_string(Format format) {
  switch (format) {
    case Format::Mbox:
      return "mbox";
    case Format::MboxGzip:
      return "mbox.gz";
    case Format::Maildir:
      return "maildir";
    case Format::Folder:
      return "folder";
    case Format::File:
      return "file";
  }
  return "";
}

Result<Recovered> Mailbox::recover() {
  return Recovered{};
}
Result<void> Mailbox::begin(const std::string& /*into*/, const Stop& /*stop*/) {
  return read_only(*this);
}
Result<void> Mailbox::mark(const MessageRef& /*ref*/) {
  return read_only(*this);
}
Result<Moved> Mailbox::commit(const Stop& /*stop*/) {
  return read_only(*this);
}
Result<Undone> Mailbox::undo(const Stop& /*stop*/) {
  return Undone{};
}

Result<std::unique_ptr<Mailbox>> open(const std::string& path, const std::string& leave_out) {
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  if (error == std::errc::no_such_file_or_directory) {
    // Mail programs remove an mbox that became empty.
    const OwnFiles own{folder_of(path) + "/." + name_of(path) + ".anechoic-triage."};
    return fail(Errc::NotFound, "there is no mailbox " + path +
                                    (own.batches() > 0 ? " any more; --undo needs an empty one to put messages back: "
                                                         "make it (touch), with its owner and mode"
                                                       : ""));
  }
  if (error) return fail_errno(path, error.value());
  struct stat found{};
  if (::stat(real.c_str(), &found) != 0) return fail_errno(path, errno);
  if (S_ISDIR(found.st_mode)) {
    const bool maildir = ::stat((real + "/cur").c_str(), &found) == 0 && S_ISDIR(found.st_mode);
    return std::make_unique<FilesMailbox>(real, maildir ? Format::Maildir : Format::Folder, leave_out);
  }
  if (!S_ISREG(found.st_mode)) return fail(Errc::Syntax, path + " is neither a file nor a folder");
  const auto fd = open_file(real, O_RDONLY);
  if (!fd) return std::unexpected(fd.error());
  std::string buffer;
  const auto head = read_at(fd->get(), 0, kPiece, buffer);
  if (!head) return std::unexpected(head.error());
  if (head->starts_with(kGzip)) return std::make_unique<ReadOnlyFile>(real, Format::MboxGzip);
  if (head->empty() || head->starts_with("From ")) return std::make_unique<MboxMailbox>(real);
  if (looks_like_message(*head)) return std::make_unique<ReadOnlyFile>(real, Format::File);
  return fail(Errc::Syntax, path +
                                " is no mailbox: an mbox begins with \"From \", a message with its header; of Maildirs "
                                "and folders of .eml files the folder is named");
}

}  // namespace anechoic::mailboxes
