// SPDX-License-Identifier: Apache-2.0
#include "judge/kind/signals.h"

namespace anechoic::judge {

namespace {

using enum SignalId;

constexpr std::array<SignalInfo, static_cast<std::size_t>(Count) - 1> kSignals{{
    {DsnReport, "dsn-report", "a delivery status report (RFC 3464) is part of the message"},
    {MdnReport, "mdn-report", "a disposition notification (RFC 8098) is part of the message"},
    {FeedbackReport, "feedback-report", "an abuse feedback report (RFC 5965) is part of the message"},
    {DmarcReport, "dmarc-report", "an aggregate DMARC report is attached"},
    {TlsReport, "tls-report", "a TLS report (RFC 8460) is attached"},
    {BrokenReport, "broken-report", "the report part is not where, or not how, the standard says"},
    {BounceDialect, "bounce-dialect", "the text is that of a known mailer's bounce, without a report part"},
    {SieveReject, "sieve-reject", "a receipt that says the recipient's rules refused the message (RFC 5429)"},
    {NullSender, "null-sender", "the reverse-path is <>"},
    {RobotEnvelope, "robot-envelope", "the reverse-path is that of a mailer or autoresponder"},
    {AutoSubmitted, "auto-submitted", "Auto-Submitted says something other than no (RFC 3834)"},
    {ListHeader, "list-header", "List-Id, List-Post or List-Archive: a mailing list sent it (RFC 2919, RFC 2369)"},
    {ListUnsubscribe, "list-unsubscribe", "List-Unsubscribe without signs of a mailing list"},
    {Precedence, "precedence", "Precedence: bulk, list, junk, auto_reply or spam"},
    {AutoReplyHeader, "auto-reply-header", "a header that only autoresponders write"},
    {BounceHeader, "bounce-header", "a header that only mailers write, into bounces"},
    {ChallengeHeader, "challenge-header", "a header of a challenge/response system"},
    {VirusHeader, "virus-header", "a header that content scanners write into their notices"},
    {ReportHeader, "report-header", "a header of feedback or TLS reports"},
    {ListAdminHeader, "list-admin-header", "list software says that this is a message of its own"},
    {ListSoftware, "list-software", "a header of mailing list software"},
    {BulkHeader, "bulk-header", "a header of bulk mailers"},
    {SuppressHeader, "suppress-header", "asks that nobody answers automatically (X-Auto-Response-Suppress and kin)"},
    {MachineHeader, "machine-header", "a header that says a program wrote the message"},
    {TrackerHeader, "tracker-header", "a header of an issue tracker, help desk or forge"},
    {HumanClient, "human-client", "written with a mail program for people"},
    {RobotSender, "robot-sender", "From is a mailer: MAILER-DAEMON, postmaster and kin"},
    {ScannerSender, "scanner-sender", "From is a content scanner"},
    {ChallengeSender, "challenge-sender", "From or reverse-path is that of a challenge/response system"},
    {ListRobotSender, "list-robot-sender", "From is a list manager's command address"},
    {AutoresponderSender, "autoresponder-sender", "From is an autoresponder"},
    {NoReplySender, "no-reply-sender", "From is an address that takes no answers"},
    {ReplySubject, "reply-subject", "the subject begins with Re: in some language"},
    {ForwardSubject, "forward-subject", "the subject begins with Fwd: in some language"},
    {AnswersMessage, "answers-message", "In-Reply-To or References name a message"},
    {ReturnedMessage, "returned-message", "a message or its headers are enclosed"},
    {EnclosedReport, "enclosed-report", "a report lies inside an enclosed message, or was forwarded by a person"},
    {QuotedText, "quoted-text", "text behind a forward or quote mark, which was not looked at"},
    {Links, "links", "the text has web links"},
    {PhraseDsn, "phrase-dsn", "words of bounces"},
    {PhraseMdn, "phrase-mdn", "words of receipts"},
    {PhraseAutoReply, "phrase-auto-reply", "words of automatic replies"},
    {PhraseChallenge, "phrase-challenge", "words of challenge/response systems"},
    {PhraseVirusNotice, "phrase-virus-notice", "words of virus and content notices"},
    {PhraseSubscriptionConfirm, "phrase-subscription-confirm", "words that ask to confirm a subscription"},
    {PhraseCommandAnswer, "phrase-command-answer", "words of list managers' answers"},
    {PhraseReport, "phrase-report", "words of feedback and DMARC reports"},
    {PhraseLure, "phrase-lure", "words that ask to click for messages said to be held back"},
    {DressedAsBounce, "dressed-as-bounce", "bounce words without anything that a bounce has, and with links"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kSignals.size(); ++i)
    if (static_cast<std::size_t>(kSignals[i].id) != i + 1 || kSignals[i].name.empty()) return false;
  return true;
}
static_assert(in_order());

}  // namespace

const std::array<SignalInfo, static_cast<std::size_t>(SignalId::Count) - 1>& all_signals() {
  return kSignals;
}

std::string_view to_string(SignalId id) {
  return id == None || id >= Count ? std::string_view() : kSignals[static_cast<std::size_t>(id) - 1].name;
}

}  // namespace anechoic::judge
