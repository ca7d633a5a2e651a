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

// Can the address be compared with one in a header? Not what gateways make of it: other alphabets, X.400, wrapped ones.
bool is_readable(std::string_view address) {
  const std::string_view local = mail::local_part(address);
  const std::string domain = ascii::lower(mail::domain_part(address));
  return !local.empty() && !domain.empty() && domain.find("xn--") == std::string::npos &&
         std::ranges::none_of(address, ascii::is_high) && local.find_first_of("=/%!\"") == std::string_view::npos &&
         !ascii::istarts_with(local, "imcea");
}

// The sent message has the Message-ID that the answer names, but did not go to its recipient. Is it the one?
Judgement same_message(const Evidence& evidence, const SentIndex& sent, const SentIndex::Record& record) {
  const bool other_subject = !SentIndex::may_have_subject(record, evidence.subject);
  const bool other_date =
      evidence.date && record.at != 0 && far_apart(*evidence.date, WallTime(std::chrono::seconds(record.at)));
  const bool other_to = is_readable(evidence.to) && record.recipients > 0 && !sent.went_to(record, evidence.to);
  if ((other_date && (other_subject || other_to)) || (other_subject && other_to)) {
    const bool strangers = std::ranges::all_of(
        evidence.recipients, [&](const std::string& to) { return is_readable(to) && !sent.ever_went_to(to); });
    if (strangers && !evidence.recipients.empty()) return {Origin::NotOurs, Why::CopiedMessageId};
    return {Origin::Unknown, Why::Similar};
  }
  if (evidence.recipients.empty()) return {Origin::Ours, Why::SentMessageId};
  if (record.strangers < kForwardings) {
    ++record.strangers;
    return {Origin::Ours, Why::SentForwarded};
  }
  return {Origin::Unknown, Why::Copied};
}

Judgement same_message(const Evidence& evidence, const SentIndex& sent,
                       const std::vector<const SentIndex::Record*>& records) {
  // One Message-ID may stand in the sent mail more than once (a copy, a resent one): the most favourable counts.
  for (const SentIndex::Record* record : records)
    for (const std::string& recipient : evidence.recipients)
      if (sent.went_to(*record, recipient)) return {Origin::Ours, Why::SentMessageId};
  Judgement best;
  for (const SentIndex::Record* record : records) {
    const Judgement found = same_message(evidence, sent, *record);
    if (found.origin == Origin::Ours) return found;
    if (best.origin == Origin::None || found.origin == Origin::Unknown) best = found;
  }
  return best;
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
  if (wrote && subject.empty() && evidence.message_ids.empty()) return {Origin::Ours, Why::SentRecipient};
  // Servers on the way write their own Message-IDs and change subjects.
  wrote = wrote || (!evidence.to.empty() && sent.find_recipient(evidence.to, window, "") != nullptr);
  return wrote ? Judgement{Origin::Unknown, Why::Similar} : Judgement{};
}

Judgement by_subject(const Evidence& evidence, const SentIndex& sent) {
  const bool same = evidence.subject.size() >= kTelling &&
                    sent.find_subject(evidence.subject, window_before(evidence.arrival)) != nullptr;
  return same ? Judgement{Origin::Unknown, Why::Similar} : Judgement{};
}

// Robots that answer (tickets, lists) also invent what they refer to.
bool may_be_of(const Me& me, const SentIndex& sent, std::string_view message_id) {
  std::string_view domain = mail::domain_part(message_id);
  while (domain.ends_with('>')) domain.remove_suffix(1);
  return sent.knows_domain_of(message_id) || me.is_own_domain(domain);
}

Judgement by_absence(const Evidence& evidence, const Me& me, const SentIndex& sent) {
  const bool named = !evidence.message_ids.empty() ||
                     (!evidence.answer && !evidence.subject.empty() && (!evidence.recipients.empty() || evidence.date));
  if (!named) return {Origin::Unknown, Why::NoOriginal};
  if (sent.size() == 0) return {Origin::Unknown, Why::NoSent};
  if (evidence.answer &&
      std::ranges::none_of(evidence.message_ids, [&](const std::string& id) { return may_be_of(me, sent, id); }))
    return {Origin::Unknown, Why::NoOriginal};
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
    if (const auto records = sent.find_messages(id); !records.empty()) return same_message(evidence, sent, records);
  if (const Judgement found = by_recipient(evidence, sent); found.origin != Origin::None) return found;
  if (!me.empty()) {
    if (const Judgement found = by_sender(evidence, me); found.origin != Origin::None) return found;
  }
  if (const Judgement found = by_subject(evidence, sent); found.origin != Origin::None) return found;
  if (me.empty() && sent.size() == 0) return {Origin::Unknown, Why::NoOwner};
  return by_absence(evidence, me, sent);
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
    if (const mail::Field* field = returned.find(name))
      for (mail::HeaderAddress& author : mail::parse_address_list(field->value))
        add_unique(evidence.senders, std::move(author.address));
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
