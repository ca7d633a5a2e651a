// SPDX-License-Identifier: Apache-2.0
// The words between whoever decides what a backend is told (Relay, a probe) and whatever is connected to it
// (ClientSession over a socket, the Maildir). Commands go in, events come out; one event for each command, in order,
// until Lost. Threads: values.                                                                               RFC
// 5321 4.1, RFC 2033
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mail/address.h"
#include "wire/smtp/parameters.h"
#include "wire/smtp/reply.h"

namespace anechoic::smtp {

// What a backend offered in its last EHLO/LHLO.
struct Capabilities {
  std::optional<std::uint64_t> size;  // 0 = offered without a number
  bool pipelining = false;
  bool eightbitmime = false;
  bool smtputf8 = false;
  bool starttls = false;
  bool enhanced_codes = false;
  bool xclient = false;
  bool dsn = false;              // RFC 3461
  std::string xforward;          // the attribute names it takes, "" = not offered
  bool identity_passed = false;  // XCLIENT or PROXY succeeded: its verdicts are about the client (R2)

  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

struct SendMail {
  mail::ReversePath path;
  MailParameters parameters;
  std::optional<Identity> identity;
};  // identity: by XFORWARD
struct SendRcpt {
  mail::ForwardPath path;
  bool notify_never = false;  // NOTIFY=NEVER, where the backend offers DSN (R26)
};
struct SendData {};  // the DATA command only
struct SendBody {};  // our header fields, the spooled body, the final dot
struct SendReset {};
using BackendCommand = std::variant<SendMail, SendRcpt, SendData, SendBody, SendReset>;

struct MailReply {
  Reply reply;
};
struct RcptReply {
  Reply reply;
};
struct DataReply {
  Reply reply;
};
struct FinalReplies {
  std::vector<Reply> replies;
};  // SMTP: one. LMTP: one for each accepted recipient, in their order
struct ResetReply {
  Reply reply;
};
// The connection is gone, or can't be trusted any more (garbage, deadline, 421). `reply`: the 421, if there was one.
struct Lost {
  Error error;
  std::optional<Reply> reply;
  bool end_sent = true;  // in SendBody: the final dot may have gone out, so that a copy may exist (R6)
};
using BackendEvent = std::variant<MailReply, RcptReply, DataReply, FinalReplies, ResetReply, Lost>;

}  // namespace anechoic::smtp
