// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unordered_set>
#include <utility>

#include "app/control.h"

namespace anechoic::app {

namespace asio = boost::asio;
using asio::local::stream_protocol;

namespace {

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::Limit, path + ": a socket's path has at most 107 octets; choose a shorter state_dir");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool somebody_answers(const sockaddr_un& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const bool answers = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return answers;
}

// A listening socket that nobody but our user may connect to, from its first moment on.
Result<int> listen_on(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  if (somebody_answers(*address)) return fail(Errc::Refused, path + ": another anechoic runs on this state_dir");
  ::unlink(path.c_str());  // of a daemon that did not stop in order
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return fail_errno(path, errno);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(fd, 16) != 0) {
    const int error = errno;
    ::close(fd);
    return fail_errno(path, error);
  }
  return fd;
}

std::string to_line(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

struct ControlServer::State : std::enable_shared_from_this<ControlServer::State> {
  State(asio::io_context& io, net::DeadlineWheel& deadlines, std::string where, Handler what)
      : context(io), wheel(deadlines), path(std::move(where)), handler(std::move(what)), acceptor(io) {}

  net::Task<void> accept() {
    const auto self = shared_from_this();
    for (;;) {
      auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (!acceptor.is_open()) co_return;
      if (error) {  // out of descriptors: what waits in the backlog is not lost
        asio::steady_timer pause(context, std::chrono::milliseconds(100));
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        continue;
      }
      if (streams.size() >= kConnections) continue;
      auto stream = std::make_shared<net::Stream>(net::Socket(std::move(socket)), wheel);
      asio::co_spawn(context, serve(std::move(stream)), asio::detached);
    }
  }

  net::Task<void> serve(std::shared_ptr<net::Stream> stream) {
    const auto self = shared_from_this();
    streams.insert(stream.get());
    std::string input;
    for (;;) {
      const auto end = input.find('\n');
      if (end == std::string::npos) {
        if (input.size() > kLine) break;
        const Result<std::string_view> bytes = co_await stream->receive(std::chrono::steady_clock::now() + kPatience);
        if (!bytes) break;
        input += *bytes;
        continue;
      }
      const std::string line = input.substr(0, end);
      input.erase(0, end + 1);
      const std::string reply = co_await answer(line);
      const Result<void> sent = co_await stream->send(reply, std::chrono::steady_clock::now() + kPatience);
      if (!sent) break;
    }
    streams.erase(stream.get());
  }

  net::Task<std::string> answer(const std::string& line) {
    nlohmann::ordered_json request = nlohmann::ordered_json::parse(line, nullptr, false);
    if (!request.is_object() || !request.contains("command") || !request["command"].is_string())
      co_return to_line({{"ok", false}, {"error", "a request is a JSON object with a \"command\""}});
    Result<nlohmann::ordered_json> result = co_await handler(std::move(request));
    if (!result) co_return to_line({{"ok", false}, {"error", result.error().detail}});
    nlohmann::ordered_json reply{{"ok", true}};
    reply.update(*result);
    co_return to_line(std::move(reply));
  }

  asio::io_context& context;
  net::DeadlineWheel& wheel;
  const std::string path;
  const Handler handler;
  stream_protocol::acceptor acceptor;
  std::unordered_set<net::Stream*> streams;
};

ControlServer::ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

ControlServer::~ControlServer() {
  stop();
  ::unlink(state_->path.c_str());
}

Result<std::unique_ptr<ControlServer>> ControlServer::start(asio::io_context& context, net::DeadlineWheel& wheel,
                                                            const std::string& path, Handler handler) {
  const auto fd = listen_on(path);
  if (!fd) return std::unexpected(fd.error());
  auto state = std::make_shared<State>(context, wheel, path, std::move(handler));
  boost::system::error_code error;
  state->acceptor.assign(stream_protocol(), *fd, error);
  if (error) {
    ::close(*fd);
    return fail(Errc::Io, path + ": " + error.message());
  }
  asio::co_spawn(context, state->accept(), asio::detached);
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

void ControlServer::stop() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  for (net::Stream* stream : state_->streams) stream->close();
}

}  // namespace anechoic::app
