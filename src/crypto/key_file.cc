// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace anechoic::crypto {
namespace {

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

// A little more than `most`, so that the caller sees that there is more.
Result<std::string> read_octets(int file, const std::string& path, std::size_t most) {
  std::array<char, 4096> piece{};
  std::string text;
  text.reserve(most + piece.size());  // never moved, so nothing is left behind unwiped
  ssize_t got = 0;
  while (text.size() <= most && (got = ::read(file, piece.data(), piece.size())) > 0)
    text.append(piece.data(), static_cast<std::size_t>(got));
  const int error = errno;
  OPENSSL_cleanse(piece.data(), piece.size());
  if (got >= 0) return text;
  OPENSSL_cleanse(text.data(), text.size());
  return fail_errno(path, error);
}

}  // namespace

Result<std::string> read_key_file(const std::string& path, std::size_t most) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return fail_errno(path, errno);
  struct stat facts{};
  if (::fstat(file.number, &facts) != 0) return fail_errno(path, errno);
  if (!S_ISREG(facts.st_mode)) return fail(Errc::Refused, path + ": not a file");
  if ((facts.st_mode & 077U) != 0)
    return fail(Errc::Refused, path + ": others may read this key; `chmod 600 " + path + "`");
  auto text = read_octets(file.number, path, most);
  if (!text || text->size() <= most) return text;
  OPENSSL_cleanse(text->data(), text->size());
  return fail(Errc::Limit, path + ": too long for a key (" + std::to_string(most) + " octets at most)");
}

Result<void> write_new_key_file(const std::string& path, std::string_view text) {
  const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file.number < 0 && errno == EEXIST)
    return fail(Errc::Refused, path + ": there is a file of that name; a key is never overwritten");
  if (file.number < 0) return fail_errno(path, errno);
  int error = 0;
  while (error == 0 && !text.empty()) {
    const ssize_t now = ::write(file.number, text.data(), text.size());
    if (now > 0) {
      text.remove_prefix(static_cast<std::size_t>(now));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (error == 0 && ::fsync(file.number) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(path.c_str());
  return fail_errno(path, error);
}

}  // namespace anechoic::crypto
