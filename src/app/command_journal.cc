// SPDX-License-Identifier: Apache-2.0
// `anechoic explain` and `anechoic log`: both read the journal, also while the daemon writes it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/config/values.h"
#include "app/reason_words.h"
#include "app/story.h"
#include "app/when.h"
#include "base/id.h"
#include "judge/kind/classify.h"
#include "observe/escape.h"
#include "outside/store/journal_reader.h"

namespace anechoic::app {

namespace {

std::expected<store::JournalReader, int> open_journal(const Where& where, Console& console) {
  const auto state_dir = state_dir_of(where, console);
  if (!state_dir) return std::unexpected(state_dir.error());
  auto reader = store::JournalReader::open(*state_dir + "/journal");
  if (reader) return std::move(*reader);
  console.err << "the journal in " << *state_dir << "/journal can't be read: " << reader.error().detail << '\n';
  if (reader.error().code == Errc::NotFound)
    console.err << "is state_dir right, and has `anechoic run` been started with it?\n";
  if (reader.error().code == Errc::Refused) console.err << "try again as the user that runs anechoic\n";
  return std::unexpected(kCouldNotRun);
}

void tell_unreadable(const store::JournalReader& reader, Console& console) {
  for (const Error& error : reader.unreadable())
    console.err << "warning: a part of the journal was left out: " << error.detail << '\n';
}

std::string to_line(const nlohmann::ordered_json& object, int indent = -1) {
  return object.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

struct ExplainArguments {
  Where where;
  std::string id;
  bool json = false;
};

int explain(const ExplainArguments& arguments, Console& console) {
  if (!is_id(arguments.id)) {
    console.err << observe::quote_if_needed(arguments.id)
                << " is not an id: it has 16 letters and digits, as in the log and in Received lines\n";
    return kCouldNotRun;
  }
  auto reader = open_journal(arguments.where, console);
  if (!reader) return reader.error();
  const auto row = reader->find(arguments.id);
  if (!row) {
    console.err << row.error().detail << '\n';
    return kCouldNotRun;
  }
  tell_unreadable(*reader, console);
  if (!*row) {
    console.err << "the journal has no " << arguments.id
                << ": it may be too old (journal.size), still under way, or of another host\n";
    return kFound;
  }
  if (arguments.json) {
    console.out << to_line(to_json(**row), 2);
    return kFine;
  }
  console.out << tell(**row);
  const auto session = reader->find_session(arguments.id);
  if (session && session->size() > 1) {
    console.out << "\nOther messages of the same session:\n";
    for (const store::StoredRow& other : *session)
      if (other.id != arguments.id) console.out << "  " << one_line(other) << '\n';
  }
  return kFine;
}

std::vector<std::string> all_kinds() {
  std::vector<std::string> names;
  for (const judge::Kind kind : judge::kEveryKind) names.emplace_back(judge::to_string(kind));
  return names;
}

struct LogArguments {
  Where where;
  std::string since;
  std::string until;
  std::string client;
  store::JournalFilter filter;
  bool json = false;
};

// A misspelt reason would find nothing, which looks like good news. Journals of other versions may have others.
void doubt_reason(const std::string& reason, Console& console) {
  if (reason.empty() || std::ranges::count(all_reasons(), reason, &ReasonWords::name) > 0) return;
  const auto nearest = std::ranges::min(
      all_reasons(), {}, [&reason](const ReasonWords& words) { return config::edit_distance(reason, words.name); });
  console.err << "warning: this version gives no reason " << observe::quote_if_needed(reason) << "; did you mean "
              << nearest.name << "?\n";
}

Result<store::JournalFilter> make_filter(const LogArguments& arguments) {
  store::JournalFilter filter = arguments.filter;
  const WallTime now = SystemClock().wall();
  const auto when = [&now](const char* option, const std::string& text, std::optional<WallTime>& into) -> Result<void> {
    if (text.empty()) return {};
    const auto time = parse_when(text, now);
    if (!time) return fail(Errc::Syntax, std::string(option) + ": " + time.error().detail);
    into = *time;
    return {};
  };
  if (const auto since = when("--since", arguments.since, filter.since); !since) return std::unexpected(since.error());
  if (const auto until = when("--until", arguments.until, filter.until); !until) return std::unexpected(until.error());
  if (!arguments.client.empty()) {
    const auto network = ip::parse_network(arguments.client);
    if (!network) return fail(Errc::Syntax, "--client: " + network.error().detail);
    filter.client = *network;
  }
  return filter;
}

int list(const LogArguments& arguments, Console& console) {
  const auto filter = make_filter(arguments);
  if (!filter) {
    console.err << filter.error().detail << '\n';
    return kCouldNotRun;
  }
  doubt_reason(filter->reason, console);
  auto reader = open_journal(arguments.where, console);
  if (!reader) return reader.error();
  const auto rows = reader->list(*filter);
  if (!rows) {
    console.err << rows.error().detail << '\n';
    return kCouldNotRun;
  }
  tell_unreadable(*reader, console);
  // The reader has the latest first; a log ends with it.
  for (auto row = rows->rbegin(); row != rows->rend(); ++row)
    console.out << (arguments.json ? to_line(to_json(*row)) : one_line(*row) + '\n');
  if (!arguments.json && rows->size() == filter->limit)
    console.err << "only the latest " << filter->limit << " are shown; --limit raises that\n";
  return kFine;
}

}  // namespace

void add_explain(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("explain", "Tells the whole story of one decision");
  command->footer("Example: anechoic explain aq3k5zbx7m2laaab");
  auto arguments = std::make_shared<ExplainArguments>();
  add_where(*command, arguments->where);
  command->add_option("ID", arguments->id, "From a reply, the log, or a Received line")->required();
  command->add_flag("--json", arguments->json, "For programs: one JSON object");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Console& console) { return explain(*arguments, console); }; });
}

void add_log(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("log", "Lists decisions, the latest last");
  command->footer("Example: anechoic log --since 2h --action reject --recipient example.org");
  auto arguments = std::make_shared<LogArguments>();
  add_where(*command, arguments->where);
  store::JournalFilter& filter = arguments->filter;
  command->add_option("--since", arguments->since,
                      "From this time on: 2026-11-22T06:15 (UTC), or 2h for two hours ago");
  command->add_option("--until", arguments->until, "Before this time");
  command->add_option("--client", arguments->client, "Address or network of the client");
  command->add_option("--sender", filter.sender, "Part of the sender's address; <> for the null sender");
  command->add_option("--recipient", filter.recipient, "Part of a recipient's address");
  command->add_option("--action", filter.action, "What became of it")
      ->check(CLI::IsMember({"accept", "reject", "defer", "quarantine", "suppress"}));
  command->add_option("--reason", filter.reason, "One of the reasons, as unknown-recipient");
  command->add_option("--kind", filter.kind, "What the message was")->check(CLI::IsMember(all_kinds()));
  command->add_option("--limit", filter.limit, "At most so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "For programs: one JSON object a line");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Console& console) { return list(*arguments, console); }; });
}

}  // namespace anechoic::app
