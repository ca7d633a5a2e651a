// SPDX-License-Identifier: Apache-2.0
#include "doors/mailbox/triage.h"

#include <algorithm>

#include "base/ascii.h"
#include "doors/mailbox/source.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "mail/header_address.h"
#include "mail/mime/message.h"
#include "mail/received_trace.h"
#include "outside/mailboxes/as_owner.h"

namespace anechoic::triage {
namespace {

constexpr unsigned kTries = 3;  // a mailbox that is changed while it is judged is judged again
constexpr std::size_t kShown = 300;
constexpr std::size_t kProposals = 5;

struct Setting {
  const Options& options;
  const Hooks& hooks;
  Me me;
  SentIndex sent;
  judge::Classifier classifier;
};

// When the message came: as the owner's server wrote it, else as its author did.
std::optional<WallTime> arrival_of(const mailboxes::Incoming& incoming, const mail::HeaderBlock& header) {
  if (const mail::Field* received = header.find("Received"))
    if (const auto at = mail::parse_hop(received->value).at) return at;
  if (const auto at = mail::parse_date(incoming.from_line)) return at;
  return mail::parse_date(header.value("Date"));
}

std::string place_of(const mailboxes::MessageRef& ref) {
  if (ref.name.empty()) return "byte " + std::to_string(ref.offset);
  return ref.folder.empty() ? ref.name : ref.folder + "/" + ref.name;
}

std::string shortened(std::string_view text) {
  return std::string(text.substr(0, kShown));
}

Genuine describe(const judge::Classification& what, const Judgement& judged, const mailboxes::Mailbox& mailbox,
                 const mailboxes::MessageRef& ref, const mail::HeaderBlock& header) {
  const mail::dsn::Bounce& bounce = what.bounce;
  Genuine genuine;
  genuine.mailbox = mailbox.path();
  genuine.place = place_of(ref);
  genuine.kind = what.kind;
  genuine.action = mail::dsn::to_string(bounce.action);
  genuine.why = judged.why;
  genuine.reported_by = shortened(bounce.reporting_mta);
  genuine.subject = shortened(bounce.original.subject);
  genuine.message_id = shortened(bounce.original.message_id);
  if (bounce.recipients.empty()) {
    genuine.recipient = shortened(mail::first_address(header.value("From")));
    if (genuine.subject.empty()) genuine.subject = shortened(mail::decode_words(header.value("Subject")));
    return genuine;
  }
  const mail::dsn::Recipient& recipient = bounce.recipients.front();
  genuine.recipient = shortened(recipient.final.empty() ? recipient.original : recipient.final);
  genuine.reason = recipient.reason;
  genuine.hard = recipient.hard;
  genuine.status = recipient.status;
  genuine.reply_code = recipient.reply_code;
  genuine.diagnostic = shortened(recipient.diagnostic);
  return genuine;
}

// What is found of one mailbox; added to the whole once it is certain that it counts.
struct Part {
  MailboxResult result;
  Findings found;
  Tally recipients;  // whom the messages are addressed to
};

// Returns whether the message is one to be moved.
bool judge_one(const Setting& setting, const mailboxes::Mailbox& mailbox, const mailboxes::Incoming& incoming,
               Part& part) {
  const mail::Message message = mail::scan_message(incoming.bytes);
  const mail::HeaderBlock& header = message.header();
  const judge::Classification what = setting.classifier.classify({.message = message, .envelope_from = std::nullopt});
  const auto arrival = arrival_of(incoming, header);
  Judgement judged;
  Findings& found = part.found;
  if (answers_something(what.kind)) {
    // Without a time nothing covers it.
    judged = judge_origin(gather(what, message, arrival.value_or(WallTime{})), setting.me, setting.sent);
    found.why.add(std::string(to_string(judged.why)));
  }
  const auto origin = static_cast<std::size_t>(judged.origin);
  ++part.result.messages;
  ++found.messages;
  found.bytes += incoming.ref.size;
  ++found.kinds[static_cast<std::size_t>(what.kind)][origin];
  if (arrival) {
    const auto hour = std::chrono::floor<std::chrono::hours>(*arrival).time_since_epoch().count();
    if (found.hours.size() < Findings::kHours || found.hours.contains(hour)) ++found.hours[hour][origin];
  } else {
    ++found.undated;
  }
  if (setting.me.empty()) {
    for (const char* name : {"Delivered-To", "X-Original-To", "To"})
      if (const std::string to = untagged(mail::first_address(header.value(name))); !to.empty()) {
        part.recipients.add(to);
        break;
      }
  }
  if (judged.origin == Origin::NotOurs) {
    ++part.result.false_answers;
    const std::string source = emitting_server(header, setting.me);
    found.sources.add(source.empty() ? "(not told)" : source);
    if (!what.bounce.recipients.empty())
      found.reasons.add(std::string(mail::dsn::to_string(what.bounce.recipients.front().reason)));
    if (!what.language.empty()) found.languages.add(what.language);
  }
  if (judged.origin == Origin::Ours && found.genuine.size() < Findings::kGenuine) {
    found.genuine.push_back(describe(what, judged, mailbox, incoming.ref, header));
    found.genuine.back().at = arrival;
  }
  return judged.origin == Origin::NotOurs || (judged.origin == Origin::Unknown && setting.options.unknown_too);
}

Result<void> walk(const Setting& setting, mailboxes::Mailbox& mailbox, Part& part) {
  const auto all = mailbox.extent();
  if (!all) return std::unexpected(all.error());
  Result<void> marked;
  const auto walked = mailbox.walk([&](const mailboxes::Incoming& incoming) {
    if (setting.hooks.stop()) {
      marked = fail(Errc::Unavailable, "stopped; nothing was moved out of " + mailbox.path());
      return false;
    }
    setting.hooks.progress(mailbox.path(), incoming.done, *all);
    const bool moves = judge_one(setting, mailbox, incoming, part);
    if (moves && setting.options.apply) marked = mailbox.mark(incoming.ref);
    return marked.has_value();
  });
  return walked ? marked : walked;
}

void note(MailboxResult& result, const mailboxes::Moved& moved) {
  result.moved = moved.messages;
  result.gone = moved.gone;
  result.target = moved.target;
  if (moved.gone > 0)
    result.notes.push_back(std::to_string(moved.gone) +
                           " more were changed or taken away by another program meanwhile; run it again for them");
  if (moved.rescued > 0)
    result.notes.push_back(std::to_string(moved.rescued) +
                           " bytes of mail that another program wrote into the replaced file were brought back");
  if (moved.stopped) result.notes.push_back("stopped before all were moved; run it again for the rest, or --undo");
}

Result<Part> triage_one(const Setting& setting, const std::string& path) {
  std::optional<mailboxes::AsOwner> owner;
  if (setting.options.apply) {
    auto taken = mailboxes::AsOwner::of(path);
    if (!taken) return std::unexpected(taken.error());
    owner.emplace(std::move(*taken));
  }
  auto opened = mailboxes::open(path, setting.options.into);
  if (!opened) return std::unexpected(opened.error());
  mailboxes::Mailbox& mailbox = **opened;
  std::vector<std::string> notes;
  if (mailbox.unfinished() && !setting.options.apply)
    notes.emplace_back("an earlier run did not end in order; --apply goes on with it, --undo takes it back");
  if (setting.options.apply) {
    auto told = mailbox.recover();
    if (!told) return std::unexpected(told.error());
    notes = std::move(*told);
  }
  for (unsigned tries = 1;; ++tries) {
    Part part;
    part.result.path = mailbox.path();
    part.result.format = mailboxes::to_string(mailbox.format());
    part.result.notes = notes;
    if (setting.options.apply) {
      if (auto begun = mailbox.begin(setting.options.into, setting.hooks.stop); !begun)
        return std::unexpected(begun.error());
    }
    auto done = walk(setting, mailbox, part);
    if (mailbox.skipped() > 0)
      part.result.notes.push_back(std::to_string(mailbox.skipped()) +
                                  " files were skipped: links, or gone before they could be read");
    if (done && !setting.options.apply) return part;
    if (done) {
      const auto moved = mailbox.commit(setting.hooks.stop);
      if (moved) {
        note(part.result, *moved);
        return part;
      }
      done = std::unexpected(moved.error());
    }
    mailbox.abandon();
    if (done.error().code != Errc::Unavailable || setting.hooks.stop() || tries == kTries)
      return std::unexpected(done.error());
  }
}

Result<void> read_sent(Setting& setting) {
  for (const std::string& path : setting.options.sent) {
    auto mailbox = mailboxes::open(path);
    if (!mailbox) return fail(mailbox.error().code, "--sent: " + mailbox.error().detail);
    const auto all = (*mailbox)->extent();
    if (!all) return std::unexpected(all.error());
    bool stopped = false;
    const auto walked = (*mailbox)->walk([&](const mailboxes::Incoming& incoming) {
      setting.hooks.progress(path, incoming.done, *all);
      setting.sent.add(mail::HeaderBlock::parse(incoming.bytes));
      return !(stopped = setting.hooks.stop());
    });
    if (!walked) return walked;
    if (stopped) return fail(Errc::Unavailable, "stopped; nothing was moved");
  }
  setting.sent.finish();
  for (const std::string& author : setting.sent.authors()) setting.me.add(author);
  return {};
}

// With the mailbox's name, and what to do where the disk is full.
std::string told_of(const std::string& path, const Error& error) {
  std::string text = error.detail.contains(path) ? error.detail : path + ": " + error.detail;
  if (error.code == Errc::Exhausted) text += "; make room, then run it again";
  return text;
}

void add(const Tally& from, Tally& to) {
  for (const auto& [name, count] : from.top(SIZE_MAX)) to.add(name, count);
}

void add(Part part, Findings& all) {
  Findings& found = part.found;
  all.mailboxes.push_back(std::move(part.result));
  all.messages += found.messages;
  all.bytes += found.bytes;
  all.undated += found.undated;
  for (std::size_t kind = 0; kind < kKinds; ++kind)
    for (std::size_t origin = 0; origin < kOrigins; ++origin) all.kinds[kind][origin] += found.kinds[kind][origin];
  for (const auto& [hour, counts] : found.hours)
    for (std::size_t origin = 0; origin < kOrigins; ++origin) all.hours[hour][origin] += counts[origin];
  add(found.sources, all.sources);
  add(found.reasons, all.reasons);
  add(found.languages, all.languages);
  add(found.why, all.why);
  for (Genuine& genuine : found.genuine)
    if (all.genuine.size() < Findings::kGenuine) all.genuine.push_back(std::move(genuine));
}

}  // namespace

Result<Findings> run(const Options& options, const Hooks& hooks) {
  Setting setting{options, hooks, {}, SentIndex(), {}};
  for (const std::string& address : options.me) setting.me.add(address);
  if (auto read = read_sent(setting); !read) return std::unexpected(read.error());
  Findings findings;
  findings.me = setting.me.names();
  findings.me_guessed = options.me.empty() && !findings.me.empty();
  findings.sent = setting.sent.size();
  findings.sent_whole = setting.sent.is_whole();
  findings.sent_span = setting.sent.span();
  Tally recipients;
  for (const std::string& path : options.mailboxes) {
    auto part = triage_one(setting, path);
    if (!part) {
      findings.failures.push_back(told_of(path, part.error()));
      continue;
    }
    add(part->recipients, recipients);
    add(std::move(*part), findings);
  }
  for (const auto& [name, count] : recipients.top(kProposals))
    if (count * 20 >= recipients.total()) findings.proposals.push_back(name);
  std::ranges::sort(findings.genuine, {}, [](const Genuine& genuine) { return genuine.at.value_or(WallTime{}); });
  return findings;
}

namespace {

Result<MailboxResult> undo_one(const std::string& path, const Hooks& hooks) {
  if (auto there = mailboxes::open(path); !there) return std::unexpected(there.error());
  const auto owner = mailboxes::AsOwner::of(path);
  if (!owner) return std::unexpected(owner.error());
  auto mailbox = mailboxes::open(path);
  if (!mailbox) return std::unexpected(mailbox.error());
  auto told = (*mailbox)->recover();
  if (!told) return std::unexpected(told.error());
  const auto undone = (*mailbox)->undo(hooks.stop);
  if (!undone) return std::unexpected(undone.error());
  MailboxResult result;
  result.path = (*mailbox)->path();
  result.format = mailboxes::to_string((*mailbox)->format());
  result.notes = std::move(*told);
  result.restored = undone->messages;
  result.missing = undone->missing;
  if (undone->missing > 0)
    result.notes.push_back(std::to_string(undone->missing) +
                           " are no longer where they were moved to: deleted or moved on by somebody");
  if (!undone->in_place) result.notes.emplace_back("the mailbox was changed since, so they stand at its end");
  if (undone->stopped) result.notes.emplace_back("stopped before all were back; run --undo again for the rest");
  return result;
}

}  // namespace

Findings undo(const std::vector<std::string>& paths, const Hooks& hooks) {
  Findings findings;
  for (const std::string& path : paths) {
    auto result = undo_one(path, hooks);
    if (result)
      findings.mailboxes.push_back(std::move(*result));
    else
      findings.failures.push_back(told_of(path, result.error()));
  }
  return findings;
}

}  // namespace anechoic::triage
