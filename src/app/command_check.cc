// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/live_check.h"
#include "app/mta_lines.h"

namespace anechoic::app {

namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  std::string file = kDefaultConfig;
  bool offline = false;
  bool json = false;
};

std::string_view word(Weight weight) {
  switch (weight) {
    case Weight::Good:
      return "good";
    case Weight::Warning:
      return "warning";
    case Weight::Bad:
      return "bad";
  }
  std::unreachable();
}

void print_section(Console& console, std::string_view title, const std::string& text) {
  if (!text.empty()) console.out << '\n' << title << "\n\n" << text;
}

void print_text(const std::vector<Finding>& findings, const config::Settings& settings, Console& console) {
  for (const Finding& finding : findings)
    console.out << word(finding.weight) << ": " << finding.about << ": " << finding.text << '\n';
  print_section(console, "If the backend is Postfix, its master.cf needs:", postfix_lines(settings));
  print_section(console, "If it is Exim:", exim_lines(settings));
  print_section(console, "What may still bounce later, behind us:", may_still_bounce(settings));
}

void print_json(const std::vector<Finding>& findings, const config::Settings& settings, Console& console) {
  Json list = Json::array();
  for (const Finding& finding : findings)
    list.push_back({{"weight", word(finding.weight)}, {"about", finding.about}, {"text", finding.text}});
  const Json all{{"findings", std::move(list)},
                 {"postfix", postfix_lines(settings)},
                 {"exim", exim_lines(settings)},
                 {"may_still_bounce", may_still_bounce(settings)}};
  console.out << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

int check(const Arguments& arguments, Console& console) {
  const auto loaded = load_or_tell(arguments.file, console);
  if (!loaded) return loaded.error();
  std::vector<Finding> findings{
      {.weight = Weight::Good, .about = arguments.file, .text = "can be read and makes sense"}};
  for (const config::Problem& warning : loaded->warnings)
    findings.push_back({.weight = Weight::Warning, .about = arguments.file, .text = warning.text});
  if (!arguments.offline) {
    std::signal(SIGPIPE, SIG_IGN);
    const std::vector<Finding> live = check_live(*loaded);
    findings.insert(findings.end(), live.begin(), live.end());
  }
  if (arguments.json) {
    print_json(findings, loaded->settings, console);
  } else {
    print_text(findings, loaded->settings, console);
  }
  const bool all_good = std::ranges::all_of(findings, [](const Finding& f) { return f.weight == Weight::Good; });
  return all_good ? kFine : kFound;
}

}  // namespace

void add_check(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("check", "Tells whether a configuration is right, and tries it out");
  command->footer(
      "Example: anechoic check -c /etc/anechoic/anechoic.toml\n"
      "The backends are asked about addresses, up to RCPT; no mail is sent. Behind the findings stand the lines that "
      "Postfix or Exim need.\nExit status: 0 all good, 1 there are warnings or worse, 2 the file can't be used.");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("-c,--config", arguments->file, "The configuration")->capture_default_str();
  command->add_flag("--offline", arguments->offline, "Looks at the file only");
  command->add_flag("--json", arguments->json, "For programs: one JSON object");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Console& console) { return check(*arguments, console); }; });
}

}  // namespace anechoic::app
