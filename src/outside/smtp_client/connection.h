// SPDX-License-Identifier: Apache-2.0
// A Backend over a socket: ClientSession's bytes, written and read.
//
// What is queued leaves in one write; the body too, if it fits into one piece (kPiece), else piece by piece, so a big
// body never lies in memory. While a body is written the backend is listened to: a refusal that comes early ends the
// writing and is the message's answer (the final dot is not sent; the connection is not used again).
// A deadline (Options) is Lost with Timeout; so is a body that can't be read from the spool, with its error.
// Threads: its io_context. Lifetime: outlives its awaiting coroutine; Connector and Group outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "outside/net/connector.h"
#include "outside/net/stream.h"
#include "outside/smtp_client/backend.h"
#include "outside/smtp_client/group.h"
#include "wire/smtp/client_session.h"

namespace anechoic::smtp_client {

class Connection final : public Backend {
 public:
  static constexpr std::size_t kPiece = 64 * 1024;

  // Connects and greets endpoint `index` of the group (and again without TLS, where the handshake was opportunistic and
  // failed). Errors: Unavailable, Timeout, Exhausted, Refused; `detail` names the endpoint and has the backend's words.
  [[nodiscard]] static net::Task<Result<std::unique_ptr<Connection>>> open(net::Connector& connector,
                                                                           net::DeadlineWheel& wheel,
                                                                           std::shared_ptr<const Group> group,
                                                                           std::size_t index);

  [[nodiscard]] const smtp::Capabilities& capabilities() const override { return session_.capabilities(); }
  [[nodiscard]] const std::string& endpoint() const override { return group_->endpoints()[index_].url; }
  void queue(const smtp::BackendCommand& command) override;
  void set_message(const Message& message) override { message_ = message; }
  [[nodiscard]] net::Task<smtp::BackendEvent> next_event() override;
  [[nodiscard]] bool reusable() const override;

  [[nodiscard]] std::size_t index() const { return index_; }
  [[nodiscard]] const Group& group() const { return *group_; }
  // Did the other side close, or say something unasked, while the connection lay idle?
  [[nodiscard]] bool is_dead() const { return stream_.has_input(); }
  [[nodiscard]] const net::Stream& stream() const { return stream_; }
  // QUIT if it can be said without waiting, then closed.
  void part();

  SteadyTime idle_until{};  // the Pool's

 private:
  Connection(net::Socket socket, net::DeadlineWheel& wheel, std::shared_ptr<const Group> group, std::size_t index,
             bool without_tls);

  enum class Opening : std::uint8_t { Ready, TlsFailed, Failed };
  [[nodiscard]] net::Task<Opening> greet();
  [[nodiscard]] net::Task<void> write_queued();
  [[nodiscard]] net::Task<void> write_body();
  [[nodiscard]] net::Task<bool> write_piece(std::string_view bytes);
  [[nodiscard]] bool heard_early();
  void read_last_words();
  void broken(Error error);
  [[nodiscard]] smtp::BackendEvent finish(smtp::BackendEvent event);

  net::Stream stream_;
  smtp::ClientSession session_;
  std::shared_ptr<const Group> group_;
  std::size_t index_;
  Message message_;
  std::optional<Error> error_;  // why the stream is of no use
  unsigned messages_ = 0;
  bool body_queued_ = false;
  bool awaits_final_ = false;
  bool end_sent_ = false;  // the final dot was given to the stream
  bool spoilt_ = false;    // must not be used for another message
};

}  // namespace anechoic::smtp_client
