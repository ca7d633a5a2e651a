// SPDX-License-Identifier: Apache-2.0
// `anechoic status`, `reload` and `recipients`: questions to the running daemon over its control socket.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/control.h"
#include "mail/address.h"
#include "observe/escape.h"

namespace anechoic::app {

namespace {

using Json = nlohmann::ordered_json;
using observe::escape;

struct Arguments {
  Where where;
  std::string address;
  std::string source;
  bool json = false;
};

std::expected<Json, int> ask(const Arguments& arguments, const Json& request, Console& console) {
  const auto state_dir = state_dir_of(arguments.where, console);
  if (!state_dir) return std::unexpected(state_dir.error());
  // A reload tries every file and backend address that it names.
  auto reply = ask_daemon(*state_dir + '/' + kControlSocket, request, std::chrono::seconds(60));
  if (reply) return std::move(*reply);
  console.err << reply.error().detail << '\n';
  return std::unexpected(kCouldNotRun);
}

void print_json(const Json& object, Console& console) {
  console.out << object.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string text_of(const Json& value) {
  return value.is_string() ? escape(value.get<std::string>()) : value.dump();
}

int status(const Arguments& arguments, Console& console) {
  const auto reply = ask(arguments, {{"command", "status"}}, console);
  if (!reply) return reply.error();
  if (arguments.json) {
    print_json(*reply, console);
  } else {
    for (const auto& [key, value] : reply->items())
      if (key != "ok") console.out << key << ": " << text_of(value) << '\n';
  }
  return reply->value("well", true) ? kFine : kFound;
}

int reload(const Arguments& arguments, Console& console) {
  const auto reply = ask(arguments, {{"command", "reload"}}, console);
  if (!reply) return reply.error();
  if (arguments.json) {
    print_json(*reply, console);
    return kFine;
  }
  const Json changed = reply->value("changed", Json::array());
  const Json restart = reply->value("restart", Json::array());
  console.out << (changed.empty() ? "reloaded; no setting that takes effect at once has changed\n"
                                  : "reloaded; in effect now:\n");
  for (const Json& key : changed) console.out << "  " << text_of(key) << '\n';
  if (!restart.empty()) console.out << "changed, but in effect only after a restart:\n";
  for (const Json& key : restart) console.out << "  " << text_of(key) << '\n';
  for (const Json& warning : reply->value("warnings", Json::array()))
    console.err << "warning: " << text_of(warning) << '\n';
  return restart.empty() ? kFine : kFound;
}

bool is_address(const Arguments& arguments, Console& console) {
  if (mail::parse_mailbox(arguments.address, mail::Utf8::Allowed)) return true;
  console.err << observe::quote_if_needed(arguments.address) << " is not a mail address\n";
  return false;
}

int show_recipient(const Arguments& arguments, Console& console) {
  if (!is_address(arguments, console)) return kCouldNotRun;
  const auto reply = ask(arguments, {{"command", "recipients-show"}, {"address", arguments.address}}, console);
  if (!reply) return reply.error();
  if (arguments.json) {
    print_json(*reply, console);
    return kFine;
  }
  const Json sources = reply->value("sources", Json::array());
  if (sources.empty()) console.out << "no recipient source answers for this domain; the backend itself is asked\n";
  for (const Json& source : sources) {
    console.out << text_of(source["source"]) << " (" << text_of(source["type"]) << ", mode " << text_of(source["mode"])
                << "): " << text_of(source["answer"]) << '\n';
    for (const auto& [key, value] : source["details"].items())
      console.out << "  " << escape(key) << ": " << text_of(value) << '\n';
  }
  return kFine;
}

int forget_recipient(const Arguments& arguments, Console& console) {
  if (!is_address(arguments, console)) return kCouldNotRun;
  const auto reply = ask(arguments, {{"command", "recipients-forget"}, {"address", arguments.address}}, console);
  if (!reply) return reply.error();
  if (arguments.json) {
    print_json(*reply, console);
  } else {
    console.out << (reply->value("forgotten", 0) > 0 ? "forgotten; it is asked for anew with the next mail\n"
                                                     : "nothing was remembered of it\n");
  }
  return kFine;
}

int accept_list(const Arguments& arguments, Console& console) {
  const auto reply = ask(arguments, {{"command", "recipients-accept"}, {"source", arguments.source}}, console);
  if (!reply) return reply.error();
  if (arguments.json) {
    print_json(*reply, console);
  } else {
    console.out << "the file is read again and taken although it has shrunk; the log says how it went\n";
  }
  return kFine;
}

using Does = int (*)(const Arguments&, Console&);

std::shared_ptr<Arguments> add(CLI::App& command, Chosen& chosen, Does does) {
  auto arguments = std::make_shared<Arguments>();
  add_where(command, arguments->where);
  command.add_flag("--json", arguments->json, "For programs: one JSON object");
  command.callback([&chosen, arguments, does] {
    chosen = [arguments, does](Console& console) { return does(*arguments, console); };
  });
  return arguments;
}

}  // namespace

void add_status(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("status", "How the running daemon is");
  command->footer("Example: anechoic status\nExit status 1: something needs your attention.");
  add(*command, chosen, status);
}

void add_reload(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("reload", "Makes the running daemon read its configuration again");
  command->footer("Example: anechoic reload\nExit status 1: something of it needs a restart.");
  add(*command, chosen, reload);
}

void add_recipients(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("recipients", "What the recipient sources say of an address");
  command->require_subcommand(1);
  command->footer("Example: anechoic recipients show alice@example.org");
  CLI::App* show = command->add_subcommand("show", "Asks every source of the domain, without a probe");
  show->footer("Example: anechoic recipients show alice@example.org");
  auto shown = add(*show, chosen, show_recipient);
  show->add_option("ADDRESS", shown->address, "A mail address")->required();
  CLI::App* forget = command->add_subcommand("forget", "Drops what is remembered of an address");
  forget->footer("Example: anechoic recipients forget alice@example.org");
  auto forgotten = add(*forget, chosen, forget_recipient);
  forget->add_option("ADDRESS", forgotten->address, "A mail address")->required();
  CLI::App* accept = command->add_subcommand("accept", "Takes a recipient file that was refused because it has shrunk");
  accept->footer("Example: anechoic recipients accept people");
  auto accepted = add(*accept, chosen, accept_list);
  accept->add_option("SOURCE", accepted->source, "The source's name, as in [recipients.NAME]")->required();
}

}  // namespace anechoic::app
