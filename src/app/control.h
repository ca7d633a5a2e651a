// SPDX-License-Identifier: Apache-2.0
// The daemon's control socket, a unix socket of mode 0600 in state_dir: one JSON object a line, answered by one a line.
//
//   {"command":"status"}                                     {"ok":true,"version":"0.1.0",...}
//   {"command":"reload"}                                     {"ok":true,"changed":[...],"restart":[...]}
//   {"command":"recipients-show","address":"a@example.org"}  {"ok":true,"sources":[...]}
//   {"command":"recipients-accept","source":"people"}        {"ok":true,"accepted":true}
//   {"command":"nonsense"}                                   {"ok":false,"error":"..."}
//
// docs/formats/control.md has the fields. Whoever may open the socket may do everything it offers.
// Errors: server: Refused (another daemon answers there), Io. Client: NotFound (no daemon), Refused (permissions,
// or the daemon said no: detail has its words), Timeout, Io, Syntax.
// Threads: the server its io_context's, the handler too; the client blocks its caller.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "outside/net/deadline.h"
#include "outside/net/stream.h"

namespace anechoic::app {

inline constexpr const char* kControlSocket = "control.sock";

class ControlServer {
 public:
  static constexpr std::size_t kLine = 64 * 1024;       // octets of a request
  static constexpr unsigned kConnections = 16;          // further ones are closed
  static constexpr std::chrono::seconds kPatience{30};  // for the next line, and to take a reply

  // Answers one request; the result's "ok" is added by the server.
  using Handler = std::function<net::Task<Result<nlohmann::ordered_json>>(nlohmann::ordered_json request)>;

  [[nodiscard]] static Result<std::unique_ptr<ControlServer>> start(boost::asio::io_context& context,
                                                                    net::DeadlineWheel& wheel, const std::string& path,
                                                                    Handler handler);
  ~ControlServer();  // removes the socket
  void stop();       // no further requests; open connections are closed

 private:
  struct State;
  explicit ControlServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// Asks the daemon whose socket is `path`.
[[nodiscard]] Result<nlohmann::ordered_json> ask_daemon(const std::string& path, const nlohmann::ordered_json& request,
                                                        std::chrono::seconds patience);

}  // namespace anechoic::app
