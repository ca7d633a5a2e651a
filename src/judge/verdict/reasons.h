// SPDX-License-Identifier: Apache-2.0
// The closed set of reason names: journal column, metric label, word in `anechoic explain` (which has the sentence for
// each).
#pragma once

#include <string_view>

namespace anechoic::judge::reasons {

inline constexpr std::string_view kClean = "clean";                         // nothing spoke against it
inline constexpr std::string_view kRelayDenied = "relay-denied";            // R1: not a domain of ours
inline constexpr std::string_view kRoutedAddress = "routed-address";        // R1: %, ! or @ in the local part
inline constexpr std::string_view kUnknownRecipient = "unknown-recipient";  // a source says there is no such address
inline constexpr std::string_view kUnknownObserved = "unknown-recipient-observed";  // ... and the mode is observe
inline constexpr std::string_view kSourceDown = "recipient-source-down";            // 451
inline constexpr std::string_view kAcceptsAll = "backend-accepts-all";              // R9: 451 unless catch_all
inline constexpr std::string_view kCatchAll = "catch-all";  // the operator said that every address exists
inline constexpr std::string_view kRecipientKnown = "recipient-known";
inline constexpr std::string_view kRoleAccount = "role-account";                     // postmaster, abuse
inline constexpr std::string_view kNullSenderRecipients = "null-sender-recipients";  // second recipient of <>: 452
inline constexpr std::string_view kRecipientRate = "recipient-rate";  // too many null-sender mails to one address: 450
inline constexpr std::string_view kSpfFail = "spf-fail";  // 550 5.7.23: the sender's domain forbids this client
inline constexpr std::string_view kSpfFailObserved = "spf-fail-observed";
inline constexpr std::string_view kDmarcReject = "dmarc-reject";  // 550 5.7.1: From fails DMARC, nothing vouches
inline constexpr std::string_view kDmarcRejectObserved = "dmarc-reject-observed";
inline constexpr std::string_view kOwnDomain = "own-domain-unproved";  // R23: 550 5.7.1
inline constexpr std::string_view kOwnDomainObserved = "own-domain-observed";
inline constexpr std::string_view kNotifyNever = "notify-never";  // R26: the backend was asked for no bounce
inline constexpr std::string_view kNotifyNeverObserved = "notify-never-observed";
inline constexpr std::string_view kLoop = "loop";                                // 554 5.4.6
inline constexpr std::string_view kTooManyConnections = "too-many-connections";  // 421
inline constexpr std::string_view kEarlyTalker = "early-talker";                 // 554 5.5.0
inline constexpr std::string_view kProtocol = "protocol";                        // refused by the session itself
inline constexpr std::string_view kBackend = "backend";                          // the backend's own answer
inline constexpr std::string_view kBackendDown = "backend-down";                 // 451: none of the group could be had
inline constexpr std::string_view kBackendAboutUs = "backend-refuses-us";        // R2: 451 4.3.5
inline constexpr std::string_view kInDoubt = "in-doubt";                         // R6: silence after the final dot
inline constexpr std::string_view kMixedResults = "mixed-results";               // R3: LMTP
inline constexpr std::string_view kOtherGroup = "other-group";                   // R3: 452
inline constexpr std::string_view kClientGone = "client-gone";
inline constexpr std::string_view kTimeout = "timeout";
inline constexpr std::string_view kShutdown = "shutdown";
inline constexpr std::string_view kInternal = "internal";         // disk, memory: 451
inline constexpr std::string_view kUncleanStop = "unclean-stop";  // R6: written by the next start

}  // namespace anechoic::judge::reasons
