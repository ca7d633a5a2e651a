// SPDX-License-Identifier: Apache-2.0
#include "app/message_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "observe/escape.h"

namespace anechoic::app {

namespace {

constexpr std::size_t kPiece = 1 << 20U;

}  // namespace

Result<std::string> read_message_file(const std::string& file, std::size_t most) {
  const std::string shown = file == "-" ? "standard input" : observe::quote_if_needed(file);
  std::error_code ignored;
  if (file != "-" && std::filesystem::is_directory(file, ignored))
    return fail(Errc::Refused, shown + ": is a folder; name a file with one message");
  std::ifstream opened;
  errno = 0;
  if (file != "-") opened.open(file, std::ios::binary);
  std::istream& in = file == "-" ? std::cin : opened;
  if (!in) return fail_errno(shown, errno != 0 ? errno : EIO);
  std::string bytes;
  while (in && bytes.size() <= most) {
    const std::size_t had = bytes.size();
    bytes.resize(had + kPiece);
    in.read(bytes.data() + had, static_cast<std::streamsize>(kPiece));
    bytes.resize(had + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return fail_errno(shown, errno != 0 ? errno : EIO);
  if (bytes.size() > most) return fail(Errc::Limit, shown + ": longer than " + std::to_string(most >> 20U) + " MiB");
  return bytes;
}

std::string with_mail_line_ends(std::string bytes) {
  std::size_t at = bytes.find('\n');
  while (at != std::string::npos && at > 0 && bytes[at - 1] == '\r') at = bytes.find('\n', at + 1);
  if (at == std::string::npos) return bytes;
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 16);
  std::size_t begin = 0;
  for (; at != std::string::npos; at = bytes.find('\n', at + 1)) {
    if (at > 0 && bytes[at - 1] == '\r') continue;
    out.append(bytes, begin, at - begin).append("\r\n");
    begin = at + 1;
  }
  return out.append(bytes, begin);
}

}  // namespace anechoic::app
