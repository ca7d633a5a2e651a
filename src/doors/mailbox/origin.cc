// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/origin.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/header_address.h"

namespace anechoic::triage {
namespace {

using std::chrono::hours;

constexpr hours kQueue{14 * 24};      // an answer comes at most so long after the mail: queue and return
constexpr hours kClocks{2 * 24};      // how far clocks and time zones may be off
constexpr hours kOldest{30 * 24};     // an original older than that has no date that one believes
constexpr unsigned kForwardings = 3;  // answers to one message from people it was not sent to
constexpr std::size_t kTelling = 8;   // a shorter subject may be shared by chance

SentIndex::Window window_before(WallTime arrival) {
  return {arrival - kQueue, arrival + kClocks};
}

bool far_apart(WallTime a, WallTime b) {
  return a - b > kClocks || b - a > kClocks;
}

// The sent message has the Message-ID that the answer names. Is it the one that is answered?
Judgement same_message(const Evidence& evidence, const SentIndex& sent, const SentIndex::Record& record) {
  for (const std::string& recipient : evidence.recipients)
    if (sent.went_to(record, recipient)) return {Origin::Ours, Why::SentMessageId};
  const bool other_subject = !evidence.subject.empty() && !SentIndex::has_subject(record, evidence.subject);
  const bool other_date =
      evidence.date && record.at != 0 && far_apart(*evidence.date, WallTime(std::chrono::seconds(record.at)));
  const bool other_to = !evidence.to.empty() && record.recipients > 0 && !sent.went_to(record, evidence.to);
  if ((other_date && (other_subject || other_to)) || (other_subject && other_to))
    return {Origin::NotOurs, Why::CopiedMessageId};
  if (evidence.recipients.empty()) return {Origin::Ours, Why::SentMessageId};
  if (record.strangers < kForwardings) {
    ++record.strangers;
    return {Origin::Ours, Why::SentForwarded};
  }
  return {Origin::Unknown, Why::Copied};
}

// Is there a sent message to this recipient that fits?
Judgement by_recipient(const Evidence& evidence, const SentIndex& sent) {
  const SentIndex::Window window = window_before(evidence.arrival);
  // What an answer has as a subject is a robot's choice, so the recipient and the time must do.
  const std::string_view subject = evidence.answer ? "" : std::string_view(evidence.subject);
  bool wrote = false;
  for (const std::string& recipient : evidence.recipients) {
    if (!subject.empty() && sent.find_recipient(recipient, window, subject) != nullptr)
      return {Origin::Ours, Why::SentRecipient};
    wrote = wrote || sent.find_recipient(recipient, window, "") != nullptr;
  }
  if (wrote && subject.empty())
    return evidence.message_ids.empty() ? Judgement{Origin::Ours, Why::SentRecipient}
                                        : Judgement{Origin::Unknown, Why::Similar};
  const bool same_subject =
      evidence.subject.size() >= kTelling && sent.find_subject(evidence.subject, window) != nullptr;
  return same_subject ? Judgement{Origin::Unknown, Why::Similar} : Judgement{};
}

Judgement by_absence(const Evidence& evidence, const SentIndex& sent) {
  const bool named = !evidence.message_ids.empty() ||
                     (!evidence.answer && !evidence.subject.empty() && (!evidence.recipients.empty() || evidence.date));
  if (!named) return {Origin::Unknown, Why::NoOriginal};
  if (sent.size() == 0) return {Origin::Unknown, Why::NoSent};
  const bool dated =
      evidence.date && *evidence.date <= evidence.arrival + kClocks && *evidence.date >= evidence.arrival - kOldest;
  const Coverage covered = sent.covers(dated ? *evidence.date : evidence.arrival);
  const bool like_ours =
      std::ranges::any_of(evidence.message_ids, [&](const std::string& id) { return sent.knows_domain_of(id); });
  if (covered == Coverage::No || (covered == Coverage::Margin && like_ours)) return {Origin::Unknown, Why::NotCovered};
  return {Origin::NotOurs, Why::NotSent};
}

Judgement by_sender(const Evidence& evidence, const Me& me) {
  bool stranger = false;
  bool colleague = false;
  for (const std::string& sender : evidence.senders) {
    const Who who = me.who(sender);
    if (who == Who::Me) return {};
    stranger = stranger || who == Who::Stranger;
    colleague = colleague || who == Who::Colleague;
  }
  if (colleague) return {Origin::Unknown, Why::Colleague};
  return stranger ? Judgement{Origin::NotOurs, Why::Stranger} : Judgement{};
}

Judgement judge_untagged(const Evidence& evidence, const Me& me, const SentIndex& sent) {
  for (const std::string& id : evidence.message_ids)
    if (const SentIndex::Record* record = sent.find_message(id)) return same_message(evidence, sent, *record);
  if (const Judgement found = by_recipient(evidence, sent); found.origin == Origin::Ours) return found;
  if (!me.empty()) {
    if (const Judgement found = by_sender(evidence, me); found.origin != Origin::None) return found;
  }
  if (const Judgement found = by_recipient(evidence, sent); found.origin != Origin::None) return found;
  if (me.empty() && sent.size() == 0) return {Origin::Unknown, Why::NoOwner};
  return by_absence(evidence, sent);
}

void add_unique(std::vector<std::string>& list, std::string text) {
  if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
}

// The Message-IDs in a field that names several.
void add_ids(std::vector<std::string>& ids, std::string_view value, std::size_t most) {
  while (ids.size() < most) {
    const std::size_t begin = value.find('<');
    const std::size_t end = value.find('>', begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return;
    add_unique(ids, std::string(value.substr(begin, end - begin + 1)));
    value.remove_prefix(end + 1);
  }
}

}  // namespace

bool answers_something(judge::Kind kind) {
  return judge::is_automatic(kind) && kind != judge::Kind::Report;
}

Evidence gather(const judge::Classification& what, const mail::Message& message, WallTime arrival) {
  constexpr std::size_t kIds = 8;
  const mail::dsn::Original& original = what.bounce.original;
  const mail::HeaderBlock& header = message.header();
  Evidence evidence;
  evidence.arrival = arrival;
  evidence.answer = what.kind != judge::Kind::Dsn && what.kind != judge::Kind::VirusNotice;
  add_ids(evidence.message_ids, original.message_id, kIds);
  if (evidence.message_ids.empty()) {
    add_ids(evidence.message_ids, header.value("In-Reply-To"), kIds);
    add_ids(evidence.message_ids, header.value("References"), kIds);
  }
  add_unique(evidence.senders, original.from);
  const mail::HeaderBlock returned = mail::HeaderBlock::parse(what.bounce.raw_original_headers());
  for (const char* name : {"From", "Sender", "Resent-From", "Resent-Sender"})
    if (const mail::Field* field = returned.find(name)) add_unique(evidence.senders, mail::first_address(field->value));
  for (const mail::dsn::Recipient& recipient : what.bounce.recipients) {
    add_unique(evidence.recipients, recipient.final);
    add_unique(evidence.recipients, recipient.original);
  }
  if (evidence.recipients.empty() && evidence.answer)
    add_unique(evidence.recipients, mail::first_address(header.value("From")));
  if (evidence.recipients.empty()) add_unique(evidence.recipients, original.to);
  evidence.to = original.to;
  evidence.subject = original.subject;
  evidence.date = original.date;
  for (const char* name : {"Delivered-To", "X-Original-To", "Envelope-To", "To"})
    if (const mail::Field* field = header.find(name))
      evidence.tagged = evidence.tagged || is_tagged(mail::first_address(field->value));
  return evidence;
}

Judgement judge_origin(const Evidence& evidence, const Me& me, const SentIndex& sent) {
  const Judgement found = judge_untagged(evidence, me, sent);
  if (found.origin == Origin::NotOurs && evidence.tagged) return {Origin::Unknown, Why::Tagged};
  return found;
}

}  // namespace anechoic::triage
