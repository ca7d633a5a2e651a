// SPDX-License-Identifier: Apache-2.0
// Does an automatic message answer mail of the mailbox' owner?   (RULES R16; docs/decisions, triage-origin)
//
// Ours: it answers a message in the sent mail, by Message-ID, or by recipient, subject and time.
// NotOurs needs an original that the message names: one that is not from the owner, or that is not in the sent mail
// though that covers the time. A Message-ID can be copied from public mail: where a message of ours has it, but another
// date, subject and recipient than the answer returns, the answer is not to ours. All else is Unknown: an original
// that is not named, a time that is not covered, a tagged recipient (somebody had to know the tag).
//
// Pure but for a counter in the index' records (answers to one message that name strangers).   Threads: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doors/mailbox/me.h"
#include "doors/mailbox/sent_index.h"
#include "judge/kind/classify.h"

namespace anechoic::triage {

enum class Origin : std::uint8_t { None, Ours, NotOurs, Unknown };  // None: nothing that answers
[[nodiscard]] std::string_view to_string(Origin origin);            // "ours", "not-ours", "unknown", ""

enum class Why : std::uint8_t {
  None,
  SentMessageId,    // ours: Message-ID and recipient are of a sent message
  SentForwarded,    // ours: a sent message, but another recipient
  SentRecipient,    // ours: recipient and time, and the subject where it is known
  Stranger,         // not ours: the original is not from us
  NotSent,          // not ours: the original is not among what was sent
  CopiedMessageId,  // not ours: only the Message-ID is
  Copied,           // unknown: many answers to one sent message, for recipients it never had
  Colleague,        // unknown: from our domain, and we are its postmaster
  Tagged,           // unknown: all speaks against, but it came to a tagged address
  Similar,          // unknown: not sent, but the same subject or recipient was
  NotCovered,       // unknown: the sent mail does not cover the time
  NoSent,           // unknown: there is no sent mail to look into
  NoOriginal,       // unknown: it names no original
  NoOwner,          // unknown: nobody said whose mailbox it is
};
[[nodiscard]] std::string_view to_string(Why why);  // "sent-message-id" ...
[[nodiscard]] std::string_view sentence(Why why);   // for people

// What an automatic message says about the one it answers.
struct Evidence {
  WallTime arrival{};
  std::vector<std::string> message_ids;  // of the original
  std::vector<std::string> senders;      // From, Sender, Resent-From of the original
  std::vector<std::string> recipients;   // whom the original went to; of an answer its author
  std::string to;                        // the original's To
  std::string subject;                   // the original's, decoded
  std::optional<WallTime> date;          // the original's
  bool answer = false;  // written by the recipient's side for him (auto-reply, receipt ...): no report about delivery
  bool tagged = false;  // it was delivered to a tagged address
};

// Reads it from a classified message. `arrival`: when it came.
[[nodiscard]] Evidence gather(const judge::Classification& what, const mail::Message& message, WallTime arrival);

struct Judgement {
  Origin origin = Origin::None;
  Why why = Why::None;
};
[[nodiscard]] bool answers_something(judge::Kind kind);  // has an origin
[[nodiscard]] Judgement judge_origin(const Evidence& evidence, const Me& me, const SentIndex& sent);

}  // namespace anechoic::triage
