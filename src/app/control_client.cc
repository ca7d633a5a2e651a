// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "app/control.h"

namespace anechoic::app {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

Failure cannot_connect(const std::string& path, int error) {
  if (error == ENOENT || error == ECONNREFUSED)
    return fail(Errc::NotFound, "no anechoic is running there (" + path + "); start it with `anechoic run`");
  if (error == EACCES || error == EPERM)
    return fail(Errc::Refused, path + ": permission denied; try again as the user that runs anechoic");
  return fail_errno(path, error);
}

// The reply's line, without its end.
Result<std::string> read_line(int fd, const std::string& path) {
  constexpr std::size_t kMost = 64U << 20U;
  std::string line;
  std::array<char, 16'384> bytes{};
  while (line.size() < kMost) {
    const ssize_t n = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return fail(Errc::Timeout, "anechoic does not answer on " + path);
    if (n < 0) return fail_errno(path, errno);
    if (n == 0) return fail(Errc::Io, "anechoic closed " + path + " without an answer");
    line.append(bytes.data(), static_cast<std::size_t>(n));
    if (line.back() == '\n') {
      line.pop_back();
      return line;
    }
  }
  return fail(Errc::Limit, "the answer on " + path + " is too long");
}

}  // namespace

Result<nlohmann::ordered_json> ask_daemon(const std::string& path, const nlohmann::ordered_json& request,
                                          std::chrono::seconds patience) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Errc::Limit, path + ": too long for a socket's path");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return fail_errno("socket", errno);
  const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return cannot_connect(path, errno);
  const std::string line = request.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + '\n';
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = ::send(fd.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_errno(path, errno);
    sent += static_cast<std::size_t>(n);
  }
  const auto reply = read_line(fd.get(), path);
  if (!reply) return std::unexpected(reply.error());
  nlohmann::ordered_json object = nlohmann::ordered_json::parse(*reply, nullptr, false);
  if (!object.is_object()) return fail(Errc::Syntax, "what answers on " + path + " is not anechoic");
  if (object.value("ok", false)) return object;
  return fail(Errc::Refused, object.value("error", std::string("anechoic said no")));
}

}  // namespace anechoic::app
