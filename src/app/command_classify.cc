// SPDX-License-Identifier: Apache-2.0
// `anechoic classify`: what is this message?
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/classify_story.h"
#include "app/cli.h"
#include "judge/kind/classify.h"
#include "mail/mime/message.h"
#include "observe/escape.h"

namespace anechoic::app {

namespace {

// So much of a message is read; reports and what they return stand long before.
constexpr std::size_t kReadBytes = 4 * 1024 * 1024;

struct ClassifyArguments {
  std::vector<std::string> files;
  std::string envelope_from;
  bool envelope_known = false;
  bool json = false;
};

std::string read_bounded(std::istream& in) {
  std::string bytes(kReadBytes, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

std::expected<std::string, std::string> read_message(const std::string& file) {
  if (file == "-") return read_bounded(std::cin);
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    return std::unexpected("is a folder; `anechoic triage` sorts mailboxes, `anechoic classify FOLDER/*` judges files");
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::unexpected(std::string("can't be read: ") + std::strerror(errno != 0 ? errno : EIO));
  std::string bytes = read_bounded(in);
  if (in.bad()) return std::unexpected(std::string("can't be read: ") + std::strerror(errno != 0 ? errno : EIO));
  return bytes;
}

std::optional<std::string> envelope_of(const ClassifyArguments& arguments) {
  if (!arguments.envelope_known) return std::nullopt;
  std::string_view address = arguments.envelope_from;
  if (address.starts_with('<') && address.ends_with('>')) address = address.substr(1, address.size() - 2);
  return std::string(address);
}

int classify(const ClassifyArguments& arguments, Console& console) {
  const judge::Classifier classifier;
  const std::optional<std::string> envelope_from = envelope_of(arguments);
  int status = kFine;
  for (const std::string& file : arguments.files) {
    const auto bytes = read_message(file);
    if (!bytes) {
      console.err << observe::quote_if_needed(file) << ' ' << bytes.error() << '\n';
      status = kCouldNotRun;
      continue;
    }
    const mail::Message message = mail::scan_message(*bytes);
    const judge::Classification found = classifier.classify({.message = message, .envelope_from = envelope_from});
    if (arguments.json)
      console.out << to_json(file, found).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    else
      console.out << tell(file, found);
  }
  return status;
}

}  // namespace

void add_classify(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("classify", "Tells what a message is: bounce, automatic reply, list mail ...");
  command->footer("Example: anechoic classify --json suspicious.eml\nThe first 4 MiB of each message are read.");
  auto arguments = std::make_shared<ClassifyArguments>();
  command->add_option("MESSAGE", arguments->files, "Files with one message each; - is standard input")->required();
  CLI::Option* envelope = command->add_option("--envelope-from", arguments->envelope_from,
                                              "The envelope sender, <> for the null sender; else Return-Path tells");
  command->add_flag("--json", arguments->json, "For programs: one JSON object a line");
  command->callback([&chosen, arguments, envelope] {
    arguments->envelope_known = envelope->count() > 0;
    chosen = [arguments](Console& console) { return classify(*arguments, console); };
  });
}

}  // namespace anechoic::app
