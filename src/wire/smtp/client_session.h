// SPDX-License-Identifier: Apache-2.0
// The client's side of an SMTP or LMTP session with a backend: commands in, bytes out; reply bytes in, events out.
// No socket, no clock. Commands are written anew from values (R5); the body is stuffed here and never carries a bare CR
// or LF.
//
// Commands may be given whenever the session is Ready; they are sent together where the backend offers PIPELINING and
// one by one where it does not. Exactly one event answers each command, in order; Lost ends everything. XFORWARD's
// replies are handled inside; a refused one is Lost{Errc::Refused} with the reply: the backend refuses us (R2: not
// silence).
//
// Bounds: limits::kReplyLineAccepted, kReplyLines; a reply that nobody asked for is Lost (Syntax), but for 421.
// STARTTLS: both buffers are purged at the switch; capabilities are asked for anew (RFC 3207 4.2).
// Memory: idle sessions hold no buffers.   Threads: none; one owner.    RFC 5321, 2033, 2920, 3207, Postfix XFORWARD
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "wire/smtp/backend_dialogue.h"

namespace anechoic::smtp {

enum class Protocol : std::uint8_t { Smtp, Lmtp };
enum class TlsUse : std::uint8_t { Never, IfOffered, Required };  // Required: without it, NotReady

struct ClientOptions {
  Protocol protocol = Protocol::Smtp;
  std::string hostname = "localhost";  // in EHLO/LHLO
  TlsUse tls = TlsUse::IfOffered;
  bool xforward = false;  // pass SendMail::identity; not offered by the backend: NotReady (R2: 451, not silence)
};

struct ClientNeedInput {};  // write take_output(), read, feed()
struct ClientStartTls {};   // do the handshake, call tls_started()
struct Ready {
  Capabilities capabilities;
};  // once after greeting, EHLO (and TLS, EHLO again)
// The backend can't be used: it refused before MAIL, offered no TLS/XFORWARD where that was required, or spoke
// nonsense.
struct NotReady {
  Error error;
  std::optional<Reply> reply;
};
using ClientEvent = std::variant<ClientNeedInput, ClientStartTls, Ready, NotReady, BackendEvent>;

class ClientSession {
 public:
  explicit ClientSession(std::shared_ptr<const ClientOptions> options);
  ClientSession(ClientSession&&) noexcept;
  ClientSession& operator=(ClientSession&&) noexcept;
  ~ClientSession();

  void feed(std::string_view input);
  void closed();  // the other side closed, or the connection broke; Lost or NotReady follows
  // Each event once, except ClientNeedInput and, when the session is over, Lost/NotReady.
  [[nodiscard]] ClientEvent next();
  void tls_started();

  // REQUIRES: Ready was seen and the session is not over. SendBody is not given here: see body().
  void send(const SendMail& command);
  void send(const SendRcpt& command);
  void send(const SendData& command);
  void send(const SendReset& command);
  void quit();
  // After DataReply 354: the message in pieces, CRLF line ends; then end_body() adds the final dot; FinalReplies
  // follows. Returns the stuffed bytes to be written at once (so that a big body never lies here twice).
  // A bare CR or LF in it is a mistake of ours: "" is returned, Lost{Errc::Syntax} follows, and the connection must be
  // closed; without the final dot the backend forgets what it has.
  [[nodiscard]] std::string body(std::string_view bytes);
  [[nodiscard]] std::string end_body();

  [[nodiscard]] bool ready() const;  // may commands be given?
  [[nodiscard]] bool idle() const;   // Ready, nothing outstanding, no transaction open: may go back to a pool
  [[nodiscard]] const Capabilities& capabilities() const;
  [[nodiscard]] std::string take_output();
  [[nodiscard]] bool has_output() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::smtp
