// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "app/terminal_text.h"
#include "app/triage_output.h"
#include "desk/triage_report/html.h"
#include "mail/date.h"
#include "observe/escape.h"

namespace anechoic::app {
namespace {

using desk::with_commas;
using judge::Kind;
using triage::Findings;
using triage::Genuine;
using triage::Origin;

constexpr std::size_t kListed = 50;  // genuine ones; --json and --report have more
constexpr std::size_t kTop = 5;

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return with_commas(count) + " " + std::string(count == 1 ? one : many);
}

std::string first_line(const Findings& findings) {
  const std::uint64_t wrong = findings.of(Origin::NotOurs);
  const std::uint64_t bounces = findings.of(Kind::Dsn, Origin::NotOurs);
  const std::uint64_t ours = findings.of(Kind::Dsn, Origin::Ours);
  const std::uint64_t others = findings.of(Origin::Ours) - ours;
  std::string text =
      counted(findings.messages, "message", "messages") + ": " + counted(bounces, "false bounce", "false bounces");
  if (wrong > bounces) text += ", " + counted(wrong - bounces, "other false answer", "other false answers");
  text += ", " + counted(ours, "bounce of your own mail", "bounces of your own mail");
  if (others > 0) text += ", " + counted(others, "other answer to it", "other answers to it");
  const std::uint64_t unknown = findings.of(Origin::Unknown);
  if (unknown > 0) text += ", " + with_commas(unknown) + " automatic that nothing proves false or genuine";
  return text + ".\n";
}

std::string item(const Genuine& genuine) {
  std::string text = "  ";
  if (genuine.at) text += desk::day_and_time(*genuine.at) + "  ";
  text += genuine.recipient.empty() ? "(no address)" : terminal_text(genuine.recipient);
  text += genuine.kind == Kind::Dsn
              ? genuine.action == "delayed" ? ": delayed" : ": " + std::string(triage::plain_words(genuine.reason))
              : ": " + std::string(judge::to_string(genuine.kind));
  if (!genuine.subject.empty()) text += "\n      about \"" + terminal_text(genuine.subject) + "\"";
  if (!genuine.diagnostic.empty()) text += "\n      " + terminal_text(genuine.diagnostic);
  return text + "\n      -> " + std::string(advice(genuine)) + "\n";
}

std::string genuine_list(const Findings& findings) {
  if (findings.genuine.empty()) return "";
  std::string text = "\nAnswers to your own mail:\n";
  for (std::size_t index = 0; index < std::min(findings.genuine.size(), kListed); ++index)
    text += item(findings.genuine[index]);
  const std::uint64_t all = findings.of(Origin::Ours);
  if (all > kListed) text += "  and " + with_commas(all - kListed) + " more: --report FILE.html or --json lists them\n";
  return text;
}

std::string top_list(std::string_view title, const triage::Tally& tally, bool reasons) {
  if (tally.total() == 0) return "";
  std::string text = std::string(title);
  bool first = true;
  for (const auto& [name, count] : tally.top(kTop)) {
    const auto reason = reasons ? mail::dsn::reason_from(name) : std::nullopt;
    text += (first ? " " : ", ") + (reason ? std::string(triage::plain_words(*reason)) : terminal_text(name)) + " " +
            with_commas(count);
    first = false;
  }
  return text + "\n";
}

std::string what_is_not_known(const Findings& findings) {
  std::string text;
  if (findings.of(Origin::Unknown) > 0) {
    text += "\nNot certain, and left where they are:\n";
    for (const auto& [name, count] : findings.why.top(SIZE_MAX))
      for (const triage::Why why :
           {triage::Why::NoOriginal, triage::Why::NotCovered, triage::Why::NoSent, triage::Why::NoOwner,
            triage::Why::Similar, triage::Why::Copied, triage::Why::Tagged, triage::Why::Colleague})
        if (triage::to_string(why) == name)
          text += "  " + with_commas(count) + ": " + std::string(sentence(why)) + "\n";
  }
  if (!findings.proposals.empty()) {
    text += "\nWhose mailbox is it? Most of it is addressed to these; say which are yours:\n ";
    for (const std::string& proposal : findings.proposals) text += " --me " + observe::quote_if_needed(proposal);
    text += "\n";
  }
  if (findings.me_guessed) {
    text += "\nTaken for you, from the sent mail:";
    for (const std::string& name : findings.me) text += " " + terminal_text(name);
    text += "\n";
  }
  if (findings.sent == 0)
    text += "\nWith your sent mail (--sent MAILBOX) it could tell which bounces answer something that you wrote.\n";
  if (!findings.sent_whole)
    text +=
        "\nThe sent mail is too large to be held whole: what is missing from it proves nothing. Give the months of the "
        "flood only.\n";
  return text;
}

std::string what_was_moved(const Findings& findings, bool applied) {
  std::string text;
  std::uint64_t wrong = 0;
  for (const triage::MailboxResult& mailbox : findings.mailboxes) {
    wrong += mailbox.false_answers;
    if (mailbox.moved > 0)
      text += counted(mailbox.moved, "message", "messages") + " moved from " + terminal_text(mailbox.path) + " to " +
              terminal_text(mailbox.target) + "\n";
    for (const std::string& note : mailbox.notes)
      text += "Note: " + terminal_text(mailbox.path) + ": " + terminal_text(note) + "\n";
  }
  if (applied && !text.empty()) text += "anechoic triage --undo MAILBOX puts them back.\n";
  if (!applied && wrong > 0) text += "Nothing was changed. --apply --into FOLDER moves the false ones.\n";
  return text.empty() ? "" : "\n" + text;
}

}  // namespace

std::string triage_summary(const Findings& findings, bool applied) {
  std::string text = first_line(findings) + genuine_list(findings);
  const std::string lists = top_list("Sources of the false ones:", findings.sources, false) +
                            top_list("Reasons that they give:", findings.reasons, true);
  if (!lists.empty()) text += "\n" + lists;
  return text + what_is_not_known(findings) + what_was_moved(findings, applied);
}

std::string undo_summary(const Findings& findings) {
  std::string text;
  for (const triage::MailboxResult& mailbox : findings.mailboxes) {
    text +=
        terminal_text(mailbox.path) + ": " +
        (mailbox.restored + mailbox.missing == 0 ? "nothing to put back"
                                                 : counted(mailbox.restored, "message is", "messages are") + " back") +
        "\n";
    for (const std::string& note : mailbox.notes) text += "Note: " + terminal_text(note) + "\n";
  }
  return text;
}

}  // namespace anechoic::app
