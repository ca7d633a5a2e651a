// SPDX-License-Identifier: Apache-2.0
// Couples the client's transaction with the backend's: which backend is told what, and what the client hears, also when
// the backend dies in step n. Pure: inputs in, actions out; no socket, no clock. One Relay lives through one
// transaction.
//
// The way of a message is "spool, judge, then send" (DESIGN 3b):
//   - The first Proceed fixes the group; a recipient of another group gets 452 4.5.3 (R3).
//   - MAIL goes to the backend with the first RCPT; its refusal is that RCPT's answer and that of those behind it.
//   - The live RCPT's answer is the client's (R10a), sanitised; refusals about us (is_about_us in relay_replies.h)
//     become 451 4.3.5 with an Alarm, at most one a transaction.
//   - DATA is sent after BodyEnded{Proceed}, once every recipient that was answered 250 is known to the connection at
//     hand. Until the final dot may have gone out (Lost::end_sent), a lost backend is replaced (OpenBackend again) and
//     MAIL/RCPT repeated, also on another backend of the group; when none is left: 451 4.4.1, or 451 4.3.5 where it
//     refused us (Errc::Refused). A recipient that was answered 250 and is refused at the repetition makes the whole
//     message 451, and nothing is sent: an answer can't be unsaid.
//   - A backend without the SMTPUTF8 or 8BITMIME that the message needs is released and another one asked for; none:
//     451 4.3.3. Never a 5xx: what we offer follows the backends, so that the client's next try meets a right offer.
//   - After the final dot silence is 451 4.4.2 and Outcome::in_doubt (R6). Never an invented 250.
//   - LMTP: all positive 250; all negative: 5xx if all are, else 451; mixed 451 and Remember for each recipient (R3),
//     before the AnswerEnd, so that it can be durable by then. On the retry (Recipient::remembered): those refused for
//     good get their reply at RCPT, those refused for now are asked anew; delivered ones are left out if the message
//     key is the same, else they are sent late; all left out: 250 without a backend.
//   - Abandon (client gone, RSET, body broken): open questions are answered 451 (who dropped them ignores that), then
//     SendReset if the connection is sound, then Release; behind DATA and in a body it can't be reset: Drop.
//
// Invariants, fuzzed: AnswerEnd is positive only if the backend's FinalReplies all were, or if every recipient was
// delivered before. Each question is answered exactly once; no answer is a 421 or 3xx. Each BackendReady is followed by
// exactly one Release or Drop (Drop also after Lost) before another OpenBackend and before Finished. Finished is the
// last action, exactly once; inputs behind it are ignored.
//
// Threads: none; one owner.                                                      RFC 5321 4.2.5, 6.1; RFC 1047
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "wire/smtp/backend_dialogue.h"

namespace anechoic::smtp {

using GroupId = std::uint32_t;  // recipients that share a backend and a policy
using AskId = std::uint32_t;    // the ServerSession's question

// ---- decisions of the owner (a Verdict, turned by the door)
struct Proceed {
  GroupId group = 0;
  bool notify_never = false;  // of a recipient: the backend is asked for no DSN (R26)
};
struct Refuse {
  Reply reply;
};  // 4xx = defer
using Decision = std::variant<Proceed, Refuse>;

// What an earlier attempt with a mixed LMTP result left (R3).
struct Remembered {
  bool delivered = false;  // else refused with `reply`
  Reply reply;
  std::string message_key;  // Message-ID, else body hash
};

// ---- inputs
struct Begin {
  mail::ReversePath path;
  MailParameters parameters;
  std::optional<Identity> identity;
};
struct Recipient {
  AskId id;
  mail::ForwardPath path;
  Decision decision;
  std::optional<Remembered> remembered;
};
struct BodyEnded {
  AskId id;
  Decision decision;
  std::string message_key;
};  // Proceed::group is not looked at
struct Abandon {};
struct BackendReady {
  Capabilities capabilities;
};
struct BackendUnavailable {
  Error error;
  std::optional<Reply> reply;
};  // no (further) backend of the group can be had
// BackendEvent: as it comes. A deadline of a backend step is Lost with Errc::Timeout. Lost with Errc::Refused: the
// backend refuses us (R2).
using RelayInput = std::variant<Begin, Recipient, BodyEnded, Abandon, BackendReady, BackendUnavailable, BackendEvent>;

// ---- actions, to be performed in order
struct OpenBackend {
  GroupId group;
  bool another;
};  // another: the connection had just failed; prefer an endpoint not yet tried
struct Perform {
  BackendCommand command;
};  // collect them; write when next() gives no more
struct AnswerRcpt {
  AskId id;
  Reply reply;
  bool live = false;  // it is the backend's answer to this very RCPT
};
struct AnswerEnd {
  AskId id;
  Reply reply;
};
struct Remember {
  mail::ReversePath sender;
  mail::ForwardPath recipient;
  Remembered what;
};
struct Alarm {
  std::string text;
};  // for the operator: the backend refuses *us* (R2)
struct Release {};  // the connection may be used again (after SendReset was answered, if one was)
struct Drop {};     // close it
struct RelayedRecipient {
  mail::ForwardPath path;
  Reply reply;
  bool relayed;
};  // relayed: the reply is the backend's
struct Outcome {
  std::vector<RelayedRecipient> recipients;
  std::optional<Reply> end;  // what AnswerEnd said
  bool body_sent = false;    // the final dot went out to the backend
  bool in_doubt = false;     // ... and no answer came: a copy may exist (R6)
  unsigned failovers = 0;
};
struct Finished {
  Outcome outcome;
};
using RelayAction = std::variant<OpenBackend, Perform, AnswerRcpt, AnswerEnd, Remember, Alarm, Release, Drop, Finished>;

struct RelayOptions {
  unsigned attempts = 3;     // backend connections tried for one transaction
  bool soft_bounce = false;  // our own 5xx become 4xx (the backend's own stay)
};

class Relay {
 public:
  explicit Relay(const RelayOptions& options);
  Relay(Relay&&) noexcept;
  Relay& operator=(Relay&&) noexcept;
  ~Relay();

  void on(const RelayInput& input);
  [[nodiscard]] std::optional<RelayAction> next();
  // Is an event of the backend (or its opening) being waited for?
  [[nodiscard]] bool waits_for_backend() const;
  [[nodiscard]] bool finished() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::smtp
