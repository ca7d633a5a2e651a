// SPDX-License-Identifier: Apache-2.0
#include "app/reason_words.h"

#include <algorithm>
#include <array>

#include "judge/verdict/reasons.h"

namespace anechoic::app {

namespace {

namespace r = judge::reasons;

constexpr std::array<ReasonWords, 35> kReasons{{
    {r::kClean, "Nothing spoke against it."},
    {r::kRelayDenied, "The domain is not one of ours (no [domain] table names it), so the mail was not ours to relay."},
    {r::kRoutedAddress,
     "The local part has %, ! or @ in it, by which old mailers routed mail onwards; such an address is taken only when "
     "a recipient source lists exactly it."},
    {r::kUnknownRecipient, "A recipient source says that there is no such address."},
    {r::kUnknownObserved,
     "A recipient source says that there is no such address, but its mode is \"observe\", so the mail was let pass. "
     "With mode = 550 it would have been refused."},
    {r::kSourceDown,
     "No recipient source could answer, so nobody could say whether the address exists; the sender was asked to try "
     "again later, or let pass where the source only observes."},
    {r::kAcceptsAll,
     "The backend says yes to every address, also to invented ones, and no other source knows who exists; what it "
     "accepts it might bounce later. Name a recipient source, or set catch_all = true if every address does exist."},
    {r::kCatchAll, "The domain is set to catch_all: every address exists."},
    {r::kRecipientKnown, "A recipient source knows the address."},
    {r::kRoleAccount, "postmaster and abuse are always taken."},
    {r::kNullSenderRecipients,
     "A message without a return path (a bounce) had more than one recipient; a real one has one. The sender was "
     "asked to send the others by themselves."},
    {r::kRecipientRate,
     "Too many messages without a return path came for this address within a minute "
     "(inbound.limits.null_sender_per_minute)."},
    {r::kSpfFail,
     "The domain of the return path says (SPF) that this client may not send for it, and no signature vouches for the "
     "message; all recipients' domains are set to spf = \"enforce\"."},
    {r::kSpfFailObserved,
     "The domain of the return path says (SPF) that this client may not send for it, and no signature vouches for the "
     "message. It was let pass: with spf = \"enforce\" it would have been refused."},
    {r::kDmarcReject,
     "The domain in From asks for mail to be rejected that is not proved to be its own (DMARC), and nothing else "
     "vouches for this message: SPF does not pass and no signature stands; all recipients' domains are set to dmarc = "
     "\"enforce\"."},
    {r::kDmarcRejectObserved,
     "The domain in From asks for mail to be rejected that is not proved to be its own (DMARC), and nothing else "
     "vouches for this message. It was let pass: with dmarc = \"enforce\" it would have been refused."},
    {r::kOwnDomain,
     "The return path is in a domain of ours, and nothing proves that it is its owner's; its bounces would be "
     "delivered here. All recipients' domains are set to own_domain = \"enforce\"."},
    {r::kOwnDomainObserved,
     "The return path is in a domain of ours, and nothing proves that it is its owner's. It was let pass: with "
     "own_domain = \"enforce\" it would have been refused."},
    {r::kNotifyNever,
     "The return path is not proved (SPF fail, softfail or none), so the backend was asked to send no bounces for this "
     "message (NOTIFY=NEVER), where it offers that (DSN)."},
    {r::kNotifyNeverObserved,
     "The return path is not proved (SPF fail, softfail or none): with notify_never = \"enforce\" the backend would "
     "have been asked to send no bounces for this message."},
    {r::kLoop, "The message has been here before, or passed too many hosts: it goes in circles."},
    {r::kTooManyConnections, "Too many connections were open, in total or from this address (inbound.limits)."},
    {r::kEarlyTalker, "The client spoke before it was greeted, which mail servers do not do."},
    {r::kProtocol, "The client broke a rule of the protocol; the answer names it."},
    {r::kBackend, "This is the answer of the backend itself, passed on."},
    {r::kBackendDown, "No server of the backend could be reached; the sender will try again."},
    {r::kBackendAboutUs,
     "The backend refused us, not the mail: it does not let us in, or does not relay for this domain from our address. "
     "Look at its settings; `anechoic check` prints the lines it needs. The sender will try again."},
    {r::kInDoubt,
     "The whole message was given to the backend and then no answer came. It may have kept the message; the sender "
     "will try again, so there may be two copies, but none is lost."},
    {r::kMixedResults,
     "The backend (LMTP) took the message for some recipients and not for others. The sender was asked to try again; "
     "what was delivered is remembered and not delivered twice."},
    {r::kOtherGroup,
     "The recipient belongs to another backend than the first one of this message; the sender was asked to send it "
     "by itself."},
    {r::kClientGone, "The client closed the connection before it was done."},
    {r::kTimeout, "The client was silent or slow for too long (inbound.timeouts)."},
    {r::kShutdown, "Anechoic was being stopped; the sender will try again."},
    {r::kInternal,
     "Something failed within Anechoic (disk, memory, or an error of its own); the log tells more. The sender will try "
     "again."},
    {r::kUncleanStop,
     "Anechoic had been ended without a proper stop; this row, written at the next start, names the span of time for "
     "which rows may be missing."},
}};

}  // namespace

std::span<const ReasonWords> all_reasons() {
  return kReasons;
}

std::string_view sentence_of(std::string_view reason) {
  const auto* const found = std::ranges::find(kReasons, reason, &ReasonWords::name);
  return found == kReasons.end() ? "This version of Anechoic has no words for that reason." : found->sentence;
}

}  // namespace anechoic::app
