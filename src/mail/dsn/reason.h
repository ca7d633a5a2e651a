// SPDX-License-Identifier: Apache-2.0
// Why a delivery failed: the closed vocabulary (data/reason_names.toml has the sentence for each, and maps it to
// Sisimai's names).   Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace anechoic::mail::dsn {

enum class Reason : std::uint8_t {
  Undefined,    // it failed, and nobody can say why
  UserUnknown,  // no such mailbox
  UserMoved,    // it has a new address
  MailboxFull,
  Suspended,     // disabled, inactive, locked
  NotAccepting,  // the mailbox or host takes no mail (null MX, sendonly)
  HostUnknown,   // the domain does not exist
  NoRelaying,    // relaying denied (relay-denied)
  Expired,       // tried until the queue gave up
  NetworkError,  // could not connect
  Filtered,      // refused after the recipient was known, or by the recipient's own rules
  SpamContent,   // the content was taken for spam
  Virus,
  BlockedSender,  // the client's address or name is blocked
  BadReputation,
  RequirePtr,      // the client's host name is missing or wrong
  Authentication,  // SPF, DKIM or DMARC failed
  SecurityPolicy,  // TLS, a login or another proof was demanded
  Policy,          // the site's rules
  NotCompliant,    // RFC violations of the message or dialogue
  SenderRejected,  // the envelope sender is refused
  RateLimited,
  TooManyConnections,
  TooBig,        // the message
  ContentError,  // MIME or header content that can't be taken
  Loop,          // too many hops
  SystemError,   // the receiving system is broken or misconfigured
  SystemFull,
  MailerError,  // a program behind the address failed
  Delivered,    // success notice
  Feedback,     // ARF
  AutoReply,    // vacation and kin
};

[[nodiscard]] std::string_view to_string(Reason reason);  // "user-unknown"; Undefined: "undefined"
[[nodiscard]] std::optional<Reason> reason_from(std::string_view name);
// Sisimai's word for it ("userunknown"), for those who migrate.
[[nodiscard]] std::string_view sisimai_name(Reason reason);

}  // namespace anechoic::mail::dsn
