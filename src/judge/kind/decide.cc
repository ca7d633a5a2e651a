// SPDX-License-Identifier: Apache-2.0
//
// A report part, or a header that only one kind has, decides by itself. Everything else is a balance of three sums:
//
//   points   how strongly the words speak of a kind: 3 = one sentence that only a program writes, and more for
//            a second section (subject, head) that speaks; 6 = subject and head are both such
//   support  what speaks for an automatic message without any word being read: null sender, Auto-Submitted, ...
//   against  what speaks for a person, a list or a newsletter
//
// Words weigh less the less support there is; with none, they must be a program's own and nothing may speak against.
#include "judge/kind/decide.h"

#include <algorithm>
#include <array>
#include <utility>

namespace anechoic::judge {

namespace {

using enum SignalId;

// What a list or bulk mailer writes. A list manager's own answers carry the list's headers too.
bool from_list(const Evidence& e) {
  return e.has_any(ListHeader, ListSoftware) && !e.has_any(ListAdminHeader, ListRobotSender);
}

int support_of(const Evidence& e) {
  int sum = 0;
  if (e.has(NullSender)) sum += 2;
  if (e.has(RobotEnvelope)) sum += 1;
  if (e.auto_submitted == AutoSubmitted::Replied)
    sum += 2;
  else if (e.auto_submitted > AutoSubmitted::No)
    sum += 1;
  if (e.precedence == PrecedenceWord::AutoReply || e.precedence == PrecedenceWord::Junk)
    sum += 2;
  else if (e.precedence == PrecedenceWord::Bulk)
    sum += 1;
  for (const SignalId id : {SuppressHeader, MachineHeader, RobotSender, NoReplySender})
    if (e.has(id)) ++sum;
  if (e.has(AutoresponderSender)) sum += 2;
  return sum;
}

int against_of(const Evidence& e) {
  int sum = 0;
  if (from_list(e)) sum += 4;
  if (e.has(HumanClient)) sum += 2;
  if (e.has(ForwardSubject)) sum += 3;
  if (e.has(ReplySubject)) sum += 1;
  if (e.has(EnclosedReport)) sum += 2;
  if (e.auto_submitted == AutoSubmitted::No) sum += 1;
  return sum;
}

// What says that a program answers, not only that a program writes: shops, trackers and monitors mark all their mail
// auto-generated.
bool answers_by_program(const Evidence& e) {
  return e.has_any(NullSender, RobotEnvelope, AutoresponderSender, AutoReplyHeader) ||
         e.auto_submitted == AutoSubmitted::Replied || e.precedence == PrecedenceWord::AutoReply ||
         e.precedence == PrecedenceWord::Junk;
}

// A bounce says who was not reached.
bool names_recipient(const Evidence& e) {
  return std::ranges::any_of(e.bounce.recipients, [](const auto& recipient) { return !recipient.final.empty(); });
}

// Bounce words that are no mailer's: a person who looks after the mail answers a question, or a list manager reports.
bool talks_of_bounce(const Evidence& e) {
  if (e.has(NullSender) || names_recipient(e)) return false;
  if (e.has(ReplySubject) && e.has(AnswersMessage) && !e.mailer_daemon && e.auto_submitted <= AutoSubmitted::No)
    return true;
  if (e.has(ListRobotSender) && (!e.has(BounceDialect) || e.bounce.dialect == "general")) return true;
  // Nobody named, nothing returned, no word of a bounce: a mailer's log for its own postmaster.
  return e.auto_submitted == AutoSubmitted::Generated && e.score(PhraseDsn).points() == 0 && !e.has(ReturnedMessage);
}

// Trackers pass on what people write, of absences too; only an acknowledgement is their own.
bool passes_on_words(const Evidence& e) {
  return e.has(TrackerHeader) && !e.acknowledges && !answers_by_program(e) && !e.has(AutoReplyHeader);
}

// Absence words without any header, with something to click: spam writes so.
bool is_absence_lure(const Evidence& e, int support) {
  return support == 0 && e.has(Links);
}

// Challenges answer like people, under the old subject: two sentences that only they write, and what to click.
bool asks_in_answer(const Evidence& e) {
  const PhraseScore& score = e.score(PhraseChallenge);
  return score.best >= 3 && score.head >= 4 && e.has(Links) && !from_list(e) &&
         !e.has_any(HumanClient, ForwardSubject, EnclosedReport, TrackerHeader, QuotedText);
}

// Do the words carry the kind?
bool speaks(const PhraseScore& score, int support, bool answers, int against) {
  const int points = score.points();
  if (score.best < 2 || points < 2) return false;
  // Subject and text have to agree where nothing else speaks.
  if (support == 0) return score.best >= 3 && against == 0 && points >= 4 && score.subject > 0 && score.head > 0;
  const bool sure = score.best >= 3 || (score.subject >= 2 && score.head >= 2);
  if (!answers && !sure) return false;
  return points + support - against >= 3 && against <= points && (against < 4 || support >= 4);
}

Decision by_words(const Evidence& e, Kind kind, SignalId words, bool supported) {
  const PhraseScore& score = e.score(words);
  return {kind, !supported && score.points() > 0, score.language()};
}

// A person passes a report on: the message is his, whatever lies in it.
bool forwarded_by_person(const Evidence& e) {
  if (e.has_any(NullSender, RobotSender, RobotEnvelope, BounceHeader)) return false;
  if (e.has_any(ForwardSubject, HumanClient)) return true;
  return e.has_any(ReplySubject, AnswersMessage) && e.sender_known && e.auto_submitted <= AutoSubmitted::No &&
         e.has_any(QuotedText, BrokenReport);
}

std::optional<Decision> by_report(Evidence& e) {
  using mail::dsn::ReportType;
  if (!e.has_any(DsnReport, MdnReport, FeedbackReport, DmarcReport, TlsReport)) return std::nullopt;
  if (e.has(BrokenReport) && forwarded_by_person(e)) {
    e.add(EnclosedReport, "forwarded by a person");
    return std::nullopt;
  }
  switch (e.bounce.type) {
    case ReportType::Delivery:
      return Decision{Kind::Dsn, false, e.score(PhraseDsn).language()};
    case ReportType::Disposition:
      return Decision{e.has(SieveReject) ? Kind::Dsn : Kind::Mdn, false, e.score(PhraseMdn).language()};
    case ReportType::Feedback:
    case ReportType::AggregateDmarc:
    case ReportType::TlsReport:
      return Decision{Kind::Report, false, {}};
    case ReportType::None:
      break;
  }
  return std::nullopt;
}

// Headers that one kind alone has.
std::optional<Decision> by_header(const Evidence& e) {
  const bool clean = !from_list(e) && !e.has_any(ForwardSubject, HumanClient);
  if (!clean) return std::nullopt;
  if (e.has(ChallengeHeader)) return by_words(e, Kind::Challenge, PhraseChallenge, true);
  if (e.has(BounceHeader)) return by_words(e, Kind::Dsn, PhraseDsn, true);
  if (e.has(ReportHeader)) return by_words(e, Kind::Report, PhraseReport, true);
  if (e.has(VirusHeader) && (e.score(PhraseVirusNotice).points() > 0 || !e.has(ReplySubject)))
    return by_words(e, Kind::VirusNotice, PhraseVirusNotice, true);
  return std::nullopt;
}

// What a phish has and a bounce lacks: something to click, and a reverse-path like a person's.
int bait_of(const Evidence& e, bool bait, bool named) {
  if (!bait) return 0;
  const bool answerable = e.sender_known && !e.has_any(NullSender, RobotEnvelope);
  int weight = 0;
  if (e.has(PhraseLure)) weight += 4;
  if (!named && !e.has_any(ReturnedMessage, NullSender)) weight += answerable ? 4 : 2;
  return weight;
}

// A bounce without a report part.
std::optional<Decision> by_bounce_text(Evidence& e) {
  const bool dialect = e.has(BounceDialect);
  // One that names who was not reached is a mailer's; a phish takes the sentence, and names nobody. The dialect called
  // general takes anything like a bounce.
  const bool bait = e.has(Links) || e.has_attachment;
  const bool delivered = e.bounce.action == mail::dsn::Action::Delivered;
  const bool named = dialect && e.bounce.dialect != "general" && !e.bounce.recipients.empty() &&
                     (names_recipient(e) || delivered || !bait);
  const PhraseScore& words = e.score(PhraseDsn);
  if (!dialect && words.points() < 2 && !e.has(RobotSender)) return std::nullopt;
  if (talks_of_bounce(e)) return std::nullopt;
  int support = 0;
  if (e.has(NullSender)) support += 2;
  if (e.has(RobotSender)) support += 2;
  if (e.has(RobotEnvelope)) support += 1;
  if (e.has(ReturnedMessage)) support += 1;
  // RFC 3834 forbids auto-generated on bounces; what says so is mostly something else.
  if (e.auto_submitted == AutoSubmitted::Replied) support += 1;
  // Whom a text names is words still: a person copies a whole bounce into his own mail.
  const bool rests_on_words = support == 0;
  if (named) support += 2;
  int against = 0;
  // A list passes a bounce on only where it was sent to the list; words alone do not show that.
  if (from_list(e)) against += !e.has(RobotSender) ? 4 : named ? 0 : 3;
  if (e.has(HumanClient)) against += 3;
  if (e.has(ForwardSubject)) against += 4;
  if (e.has(ReplySubject) && !e.has(NullSender)) against += 2;
  if (e.has(AnswersMessage) && !e.has_any(NullSender, RobotSender)) against += 1;
  if (e.has(EnclosedReport)) against += 3;
  if (e.has_any(ListUnsubscribe, BulkHeader) && !e.has(RobotSender)) against += 2;
  if (e.has_any(TrackerHeader, MachineHeader)) against += 3;
  const int bait_weight = bait_of(e, bait, named);
  const int weight = support - against - bait_weight;
  // In words that nobody knows. A postmaster also warns of full mailboxes, so of him more is asked.
  const bool unspoken = e.has(NullSender) && e.has(RobotSender) && weight >= (e.mailer_daemon ? 4 : 5);
  const int points = words.points();
  const bool is_bounce =
      dialect ? weight >= 0 && (support > 0 || words.best >= 3 || (words.subject >= 2 && !e.bounce.recipients.empty()))
              : (points >= 3 && support >= 1 && weight >= 1) || (points >= 2 && weight >= 2) ||
                    (points >= 5 && words.best >= 3 && against == 0 && bait_weight == 0) || unspoken;
  if (is_bounce) return Decision{Kind::Dsn, rests_on_words, words.language()};
  if (bait_weight > 0 && against < 4 && (dialect || points >= 2)) e.add(DressedAsBounce, words.text);
  return std::nullopt;
}

// Scanners that relay mail bounce it in their own name, and mailers bounce what a group's list of allowed senders
// refuses: without a sentence that only notices or challenges have it is a bounce.
bool is_bounce_in_their_words(const Evidence& e, Kind kind) {
  if (!e.has(BounceDialect)) return false;
  if (kind == Kind::VirusNotice) return e.score(PhraseVirusNotice).best < 3;
  return e.score(PhraseChallenge).best < 3 && e.bounce.dialect != "general" && names_recipient(e) &&
         e.has_any(NullSender, RobotSender);
}

// The kinds that only words tell apart: the one that speaks loudest, the earlier of equals.
std::optional<Decision> by_text(const Evidence& e) {
  const int support = support_of(e);
  const int against = against_of(e);
  const int reply_support = e.has(AutoReplyHeader) ? 3 : e.has(AnswersMessage) && support > 0 ? 1 : 0;
  struct Candidate {
    Kind kind;
    SignalId words;
    int own_support;  // what supports this kind alone
  };
  const bool answers = answers_by_program(e);
  // Newsletter services write their headers into requests to confirm, too.
  const int bulk = e.has_any(ListUnsubscribe, BulkHeader) ? 2 : 0;
  const std::array<Candidate, 7> candidates{{
      {Kind::Challenge, PhraseChallenge, e.has(ChallengeSender) ? 3 : 0},
      {Kind::VirusNotice, PhraseVirusNotice, e.has(ScannerSender) ? 2 : 0},
      {Kind::SubscriptionConfirm, PhraseSubscriptionConfirm,
       e.has_any(ListAdminHeader, ListRobotSender) ? 2
       : bulk > 0                                  ? 1
                                                   : 0},
      {Kind::CommandAnswer, PhraseCommandAnswer, e.has_any(ListAdminHeader, ListRobotSender) ? 2 : 0},
      {Kind::Mdn, PhraseMdn, 0},
      {Kind::Report, PhraseReport, e.has(ReturnedMessage) ? 2 : 0},
      {Kind::AutoReply, PhraseAutoReply, reply_support},
  }};
  const Candidate* loudest = nullptr;
  int most = 0;
  for (const Candidate& candidate : candidates) {
    const PhraseScore& score = e.score(candidate.words);
    if (score.points() == 0) continue;
    const int supported = support + candidate.own_support;
    if (candidate.kind == Kind::AutoReply && (passes_on_words(e) || is_absence_lure(e, supported))) continue;
    const int weighed = against + (candidate.kind == Kind::SubscriptionConfirm ? 0 : bulk) -
                        (candidate.kind == Kind::Challenge && e.has(ReplySubject) ? 1 : 0);
    const bool clear = (candidate.kind == Kind::Challenge && asks_in_answer(e)) ||
                       (candidate.kind == Kind::VirusNotice && e.has(ScannerSender) && e.has(NullSender));
    if (!clear && !speaks(score, supported, answers || candidate.own_support > 1, weighed)) continue;
    const int loud = score.points() * 2 + candidate.own_support;
    if (loud <= most) continue;
    most = loud;
    loudest = &candidate;
  }
  if (loudest == nullptr) return std::nullopt;
  return by_words(e, loudest->kind, loudest->words, support + loudest->own_support > 0);
}

// A reply by a program, whose words are in no language that is known.
std::optional<Decision> by_reply_signs(const Evidence& e) {
  const Decision reply{Kind::AutoReply, false, e.score(PhraseAutoReply).language()};
  if (from_list(e) || e.has_any(ForwardSubject, RobotSender)) return std::nullopt;
  // In whatever language: a list manager answers commands, it is not away.
  if (e.has(ListRobotSender) && !e.has_any(AutoReplyHeader, HumanClient) && e.score(PhraseAutoReply).points() == 0) {
    if (!answers_by_program(e)) return std::nullopt;
    const bool asks = e.score(PhraseSubscriptionConfirm).points() > e.score(PhraseCommandAnswer).points();
    return asks ? by_words(e, Kind::SubscriptionConfirm, PhraseSubscriptionConfirm, true)
                : by_words(e, Kind::CommandAnswer, PhraseCommandAnswer, true);
  }
  if (e.has(AutoReplyHeader) && !e.has(HumanClient)) return reply;
  if (e.has_any(TrackerHeader, ListUnsubscribe, BulkHeader)) return std::nullopt;
  if (e.auto_submitted == AutoSubmitted::Replied && !e.has(HumanClient)) return reply;
  if (e.precedence == PrecedenceWord::AutoReply) return reply;
  const bool answers = e.has_any(AnswersMessage, ReplySubject);
  if (e.has(NullSender) && answers && !e.has(HumanClient)) return reply;
  if (e.has(AutoresponderSender) && answers) return reply;
  return std::nullopt;
}

Decision by_distribution(const Evidence& e) {
  const bool bulk = e.has_any(BulkHeader, ListUnsubscribe);
  // Trackers call each project a list; one that writes to a real list went through its software.
  if (e.has(TrackerHeader) && !e.has(ListSoftware)) return {};
  const bool list = e.has(ListSoftware) || e.list_post || (e.has(ListHeader) && !e.has(BulkHeader)) ||
                    e.precedence == PrecedenceWord::List;
  if (list) return {Kind::List, false, {}};
  // Monitors and shops write Precedence: bulk to keep autoresponders quiet.
  const bool quiet = e.precedence == PrecedenceWord::Bulk && e.auto_submitted > AutoSubmitted::No;
  if (bulk || (e.precedence == PrecedenceWord::Bulk && !quiet) || e.precedence == PrecedenceWord::Junk)
    return {Kind::Bulk, false, {}};
  return {};
}

}  // namespace

bool is_suspicious(const Evidence& e) {
  return e.auto_submitted > AutoSubmitted::No || e.precedence == PrecedenceWord::Junk ||
         e.precedence == PrecedenceWord::AutoReply ||
         e.has_any(NullSender, RobotEnvelope, AutoReplyHeader, BounceHeader, ChallengeHeader, VirusHeader, ReportHeader,
                   ListAdminHeader, SuppressHeader, RobotSender, ScannerSender, ChallengeSender, ListRobotSender,
                   AutoresponderSender);
}

bool is_plainly_list(const Evidence& e) {
  return from_list(e) && !is_suspicious(e) && !e.has(ReturnedMessage);
}

Decision decide(Evidence& e) {
  if (const auto decision = by_report(e)) return *decision;
  if (const auto decision = by_header(e)) return *decision;
  const auto text = by_text(e);
  // A challenge or notice often borrows a mailer's words; a bounce never asks to be confirmed.
  const bool borrowed = text && (text->kind == Kind::Challenge || text->kind == Kind::VirusNotice);
  const bool relayed = borrowed && is_bounce_in_their_words(e, text->kind);
  if (borrowed && !relayed) return *text;
  if (const auto decision = by_bounce_text(e)) return *decision;
  if (e.has(DressedAsBounce)) return by_distribution(e);
  // Mailman's own messages, in whatever language: "confirm" and a number is its request, the rest are answers.
  const bool asks = text && text->kind == Kind::SubscriptionConfirm;
  if (e.has(ListAdminHeader) && !asks && e.score(PhraseSubscriptionConfirm).subject > 0)
    return by_words(e, Kind::SubscriptionConfirm, PhraseSubscriptionConfirm, true);
  if (text) return *text;
  if (const auto decision = by_reply_signs(e)) return *decision;
  if (e.has(ListAdminHeader) && !e.has_any(HumanClient, ForwardSubject))
    return by_words(e, Kind::CommandAnswer, PhraseCommandAnswer, true);
  return by_distribution(e);
}

}  // namespace anechoic::judge
