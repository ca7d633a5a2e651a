// SPDX-License-Identifier: Apache-2.0
// The server's side of one SMTP session: bytes in, questions out; decisions in, bytes out. No socket, no clock, no
// policy.
//
// Each command passes three phases: *checked* here (syntax, order, sizes: wrong ones are answered 5xx here), *asked*
// (an Ask event: the owner decides), *proceeded* (answer() moves the state if the reply is positive). Up to
// limits::kOpenQuestions RCPT questions may be open at once and be answered in any order; replies leave in the order of
// the commands (RFC 2920 3.2). All other questions are barriers: nothing behind them is parsed until they are answered.
//
// The body comes out un-stuffed, line ends strictly CRLF. Only CRLF.CRLF ends DATA (R5). A body that breaks a rule is
// read to its end, answered by the session (550 5.6.0 bare line end, 552 5.3.4 too big, 554 5.6.0 line too long), and
// reported as Aborted; the owner then forgets what it has of it. A body with NUL is answered 550 5.6.0 and the session
// closed: programs do not agree where such a body ends. A BDAT body without a CRLF at its end is given one.
//
// STARTTLS and its effects: input that arrived behind the command in the same stretch is a protocol violation:
// 554 5.5.0 and Closed; tls_started() purges both buffers and forgets the whole session but the greeting (RFC
// 3207 4.2). Early talkers: call early_talker() when input is waiting before the greeting is written. Input that waits
// behind a DATA that is refused is a body that would be read as commands: 554 5.5.0 and Closed.
//
// Memory: an idle session holds no buffers (an empty buffer's storage is given back).
// Lifetime: BodyChunk::bytes points into the session; valid until the next call of a non-const member.
// Threads: none; one owner.                                                RFC 5321, 2920, 1870, 6152, 3030, 3207,
// 6531, 9422
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "mail/address.h"
#include "wire/smtp/parameters.h"
#include "wire/smtp/reply.h"

namespace anechoic::smtp {

enum class BareNewline : std::uint8_t { Reject, Normalize };

struct ServerOptions {
  std::string hostname = "localhost";        // banner, EHLO
  std::uint64_t message_size = 50ULL << 20;  // octets, un-stuffed; announced by SIZE
  // Accepted ones per transaction, announced by LIMITS RCPTMAX; and as many refused ones. Further ones: 452 4.5.3.
  unsigned recipients = 1000;
  // Refused or bad commands, after which the next one gets 421 4.7.0 and Closed. Refused RCPTs, and what fails because
  // of them, do not count. An accepted message sets both counts back.
  unsigned hard_errors = 20;
  unsigned junk_commands = 100;  // NOOP, VRFY, HELP, RSET and EHLO outside a transaction, BDAT and DATA out of order
  unsigned line_octets = 4096;   // of a body line with CRLF (RFC 5321 says 1000; real mail has longer ones)
  BareNewline bare_newline = BareNewline::Reject;
  bool starttls = false;       // offered while not yet in TLS
  bool offer_8bitmime = true;  // what all backends of the listener can take
  bool offer_smtputf8 = true;
  bool xclient = false;  // this peer may say XCLIENT / XFORWARD
  bool xforward = false;
};

using QuestionId = std::uint32_t;

struct NeedInput {};    // write take_output(), read, feed()
struct NeedAnswers {};  // questions are open and nothing more can be parsed before an answer()
struct StartTls {};     // write take_output() (it holds the 220), do the handshake, call tls_started()
struct AskHelo {
  QuestionId id;
  bool extended;
  std::string name;  // as said: printable ASCII without blanks, 1 to 255 octets; not checked any further
};  // a positive answer's text is not used: the session writes the lines of EHLO
struct AskMail {
  QuestionId id;
  mail::ReversePath path;
  MailParameters parameters;
};
struct AskRcpt {
  QuestionId id;
  mail::ForwardPath path;
};
struct AskData {
  QuestionId id;
};  // may the body come? positive answer = our own 354, whatever its text (BDAT: no reply is sent for it)
    // refused: the transaction stays open (DATA), or is over with Aborted when the chunk was read (BDAT)
struct BodyChunk {
  std::string_view bytes;
};
struct AskEnd {
  QuestionId id;
  std::uint64_t octets;
};  // the body is whole
enum class AbortCause : std::uint8_t { Reset, Greeting, BodyRefused, Tls };
struct Aborted {
  AbortCause cause;
  Reply reply;
};  // the transaction is over without AskEnd (reply: what the session said, if it did)
struct AskXclient {
  QuestionId id;
  Identity identity;
};  // positive answer (220) restarts the session at its greeting
struct GotXforward {
  Identity identity;
};  // already answered 250; valid for the next transaction; holds what earlier ones said since the last one, too
enum class CloseCause : std::uint8_t { Quit, TooManyErrors, EarlyTalker, PipelinedTls, NulInBody, ShutDown };
struct Closed {
  CloseCause cause;
};  // write take_output() and close; nothing comes after it

using ServerEvent = std::variant<NeedInput, NeedAnswers, StartTls, AskHelo, AskMail, AskRcpt, AskData, BodyChunk,
                                 AskEnd, Aborted, AskXclient, GotXforward, Closed>;

class ServerSession {
 public:
  explicit ServerSession(std::shared_ptr<const ServerOptions> options);
  ServerSession(ServerSession&&) noexcept;
  ServerSession& operator=(ServerSession&&) noexcept;
  ~ServerSession();

  // The greeting, to be called once before anything is fed. Behind a 5xx all but QUIT is answered 503 (RFC 5321 3.1);
  // behind a 4xx the session is Closed.
  void greet(const Reply& greeting);
  // Input was waiting before the greeting: 554 5.5.0 and Closed.
  void early_talker();

  // Bytes from the client.
  void feed(std::string_view input);
  // What to do next. Returns each event once, except NeedInput, NeedAnswers and Closed, which stay until the state
  // changes. BodyChunk may come many times between AskData's answer and AskEnd.
  [[nodiscard]] ServerEvent next();
  // Decides a question. Code 421 closes the session once it is written. An enhanced code that is missing is added. An
  // id that is not open (the session was shut down since) is ignored.
  void answer(QuestionId id, const Reply& reply);
  // Ends the session from our side (shut-down, deadline): open questions are dropped, 421 or the given reply is the
  // last output.
  void shut_down(const Reply& reply);
  void tls_started();
  // Deadline for the body or command passed, and the like, is the owner's business; these tell where the dialogue
  // stands.
  [[nodiscard]] bool in_transaction() const;  // MAIL accepted, end not answered
  [[nodiscard]] bool in_body() const;         // 354 or the first BDAT given, the end not yet read
  [[nodiscard]] bool in_tls() const;
  [[nodiscard]] bool extended() const;         // EHLO, so Received says ESMTP
  [[nodiscard]] std::uint32_t errors() const;  // refused commands so far

  // Bytes to send, in order; batched for pipelining. Empty when there is nothing to say.
  [[nodiscard]] std::string take_output();
  [[nodiscard]] bool has_output() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::smtp
