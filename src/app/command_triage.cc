// SPDX-License-Identifier: Apache-2.0
// `anechoic triage`: sorts a flooded mailbox, tells what is in it, and moves the false bounces away or back.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/progress.h"
#include "app/terminal_text.h"
#include "app/triage_output.h"
#include "desk/triage_report/report.h"
#include "doors/mailbox/me.h"
#include "doors/mailbox/triage.h"
#include "mail/header_address.h"

namespace anechoic::app {

namespace {

struct TriageArguments {
  triage::Options options;
  std::string report;
  bool json = false;
  bool undo = false;
};

// SIGINT and SIGTERM ask for an end in order: while this lives, and in a static place because a handler can reach no
// other.
class Interruption {
 public:
  Interruption() {
    was_asked = false;
    struct sigaction action{};
    action.sa_handler = [](int) { was_asked = true; };
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, &old_int_);
    ::sigaction(SIGTERM, &action, &old_term_);
  }
  ~Interruption() {
    ::sigaction(SIGINT, &old_int_, nullptr);
    ::sigaction(SIGTERM, &old_term_, nullptr);
  }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  [[nodiscard]] static bool asked() { return was_asked; }

 private:
  static inline std::atomic<bool> was_asked{false};
  struct sigaction old_int_{};
  struct sigaction old_term_{};
};

// Only a report of an earlier run may be replaced; a slip of the hand must not cost a mailbox.
bool may_replace(const TriageArguments& arguments, Console& console) {
  namespace fs = std::filesystem;
  const std::string& path = arguments.report;
  const auto refuse = [&](std::string_view why) {
    console.err << "--report " << terminal_text(path) << ' ' << why << "; name a new file\n";
    return false;
  };
  std::error_code error;
  const fs::path file = fs::weakly_canonical(fs::absolute(path, error), error);
  for (const auto* list : {&arguments.options.mailboxes, &arguments.options.sent})
    for (const std::string& mailbox : *list) {
      const fs::path real = fs::weakly_canonical(fs::absolute(mailbox, error), error);
      const auto [rest, _] = std::ranges::mismatch(real, file);
      if (rest == real.end()) return refuse("is a mailbox or lies in one");
    }
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return true;  // a missing folder is told when it is written
    console.err << terminal_text(fail_errno("--report " + path, errno).error().detail) << '\n';
    return false;
  }
  if (S_ISLNK(found.st_mode)) return refuse("is a symbolic link");
  if (!S_ISREG(found.st_mode)) return refuse("is no ordinary file");
  std::ifstream old(path, std::ios::binary);
  std::string head(desk::kReportBegin.size(), '\0');
  old.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (found.st_size == 0 || (old && head == desk::kReportBegin)) return true;
  return refuse("exists and is no report of this program");
}

// Aside first, then renamed: nobody sees half a page. Not for others to read: it has addresses and subjects.
bool write_report(const std::string& path, const std::string& html, Console& console) {
  const std::string aside = path + ".anechoic-" + std::to_string(::getpid());
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool written = fd >= 0;
  for (std::string_view rest = html; written && !rest.empty();) {
    const ssize_t size = ::write(fd, rest.data(), rest.size());
    written = size > 0 || (size < 0 && errno == EINTR);
    if (size > 0) rest.remove_prefix(static_cast<std::size_t>(size));
  }
  if (fd >= 0) written = ::close(fd) == 0 && written;
  if (written && ::rename(aside.c_str(), path.c_str()) == 0) return true;
  console.err << terminal_text(fail_errno("the report " + path + " can't be written", errno).error().detail) << '\n';
  if (fd >= 0) ::unlink(aside.c_str());
  return false;
}

// `--me a@example.org b@example.org inbox`: the second address came here as a mailbox.
void sort_words(triage::Options& options) {
  const auto is_address = [&options](const std::string& word) {
    return !options.me.empty() && word.find('/') == std::string::npos && !mail::domain_part(word).empty() &&
           ::access(word.c_str(), F_OK) != 0;
  };
  auto& words = options.mailboxes;
  const auto first = std::ranges::find_if_not(words, is_address);
  options.me.insert(options.me.end(), words.begin(), first);
  words.erase(words.begin(), first);
}

bool is_usable(TriageArguments& arguments, Console& console) {
  triage::Options& options = arguments.options;
  if (options.mailboxes.empty()) {
    console.err << "no mailbox is named, only addresses; name the file or folder with the mail behind them\n";
    return false;
  }
  for (const std::string& word : options.mailboxes) {
    if (word.find('/') != std::string::npos || mail::domain_part(word).empty() || ::access(word.c_str(), F_OK) == 0)
      continue;
    console.err << "there is no mailbox " << terminal_text(word) << "; if it is your address, write --me "
                << terminal_text(word) << " and the file or folder with your mail behind it\n";
    return false;
  }
  if (arguments.undo && (options.apply || !arguments.report.empty())) {
    console.err << "--undo puts back what was moved and does nothing else; leave out --apply and --report\n";
    return false;
  }
  if (options.apply && options.into.empty()) {
    console.err << "--apply needs --into FOLDER: where the false ones are to be moved\n";
    return false;
  }
  if (options.unknown_too && !options.apply) {
    console.err << "--unknown-too says what --apply moves; without it nothing is moved\n";
    return false;
  }
  for (std::string& address : options.me) {
    const auto plain = triage::plain_address(address);
    if (!plain) {
      console.err << "--me " << terminal_text(address) << ' ' << plain.error().detail << '\n';
      return false;
    }
    address = *plain;
  }
  return arguments.report.empty() || may_replace(arguments, console);
}

int report_failures(const triage::Findings& findings, int otherwise, Console& console) {
  for (const std::string& failure : findings.failures) console.err << terminal_text(failure) << '\n';
  if (Interruption::asked()) console.err << "interrupted\n";
  return findings.failures.empty() && !Interruption::asked() ? otherwise : kCouldNotRun;
}

std::string to_text(const nlohmann::ordered_json& object) {
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

int run_triage(TriageArguments arguments, Console& console) {
  sort_words(arguments.options);
  if (!is_usable(arguments, console)) return kCouldNotRun;
  const Interruption interruption;
  Progress progress(console.err);
  const triage::Hooks hooks{.progress = [&progress](const std::string& what, std::uint64_t done,
                                                    std::uint64_t all) { progress.show(what, done, all); },
                            .stop = [] { return Interruption::asked(); }};
  if (arguments.undo) {
    const triage::Findings undone = triage::undo(arguments.options.mailboxes, hooks);
    progress.clear();
    console.out << (arguments.json ? to_text(triage_json(undone)) : undo_summary(undone)) << std::flush;
    return report_failures(undone, kFine, console);
  }
  const auto findings = triage::run(arguments.options, hooks);
  progress.clear();
  if (!findings) {
    console.err << terminal_text(findings.error().detail) << '\n';
    return kCouldNotRun;
  }
  if (!findings->mailboxes.empty())
    console.out << (arguments.json ? to_text(triage_json(*findings))
                                   : triage_summary(*findings, arguments.options.apply))
                << std::flush;
  const int status = report_failures(*findings, findings->of(triage::Origin::NotOurs) > 0 ? kFound : kFine, console);
  if (arguments.report.empty() || findings->mailboxes.empty()) return status;
  const std::string page = desk::triage_report(*findings, SystemClock().wall(), version());
  if (!write_report(arguments.report, page, console)) return kCouldNotRun;
  if (!arguments.json) console.out << "\nThe report is in " << terminal_text(arguments.report) << '\n';
  return status;
}

}  // namespace

void add_triage(CLI::App& app, Chosen& chosen) {
  CLI::App* command =
      app.add_subcommand("triage", "Sorts a mailbox that is flooded by bounces of mail you did not send");
  command->footer(
      "Example: anechoic triage --me alice@example.org --sent ~/mail/Sent --report triage.html ~/mail/inbox\n"
      "Then:    the same with --apply --into Backscatter; anechoic triage --undo ~/mail/inbox puts all back.\n"
      "Exit status: 0 no false bounces, 1 found some, 2 could not run.");
  auto arguments = std::make_shared<TriageArguments>();
  triage::Options& options = arguments->options;
  command
      ->add_option("MAILBOX", options.mailboxes,
                   "An mbox (also .gz), a Maildir with its folders, a folder of .eml files")
      ->required();
  // Each takes one word, or the mailbox that follows would be taken for an address.
  command->add_option("--me", options.me, "Your address, @example.org for all of a domain; once for each")
      ->expected(1)
      ->allow_extra_args(false);
  command->add_option("--sent", options.sent, "A mailbox with mail that you sent; once for each")
      ->expected(1)
      ->allow_extra_args(false);
  command->add_option("--report", arguments->report, "Writes a page about it to this file");
  command->add_flag("--json", arguments->json, "For programs: one JSON object");
  command->add_flag("--apply", options.apply,
                    "Moves the false ones into the folder that --into names; else nothing is changed");
  command->add_option("--into", options.into,
                      "The folder or mbox for them: a name beside or in the mailbox, or a path");
  command->add_flag("--unknown-too", options.unknown_too, "Moves also automatic mail that may answer yours");
  command->add_flag("--undo", arguments->undo, "Puts back what earlier runs moved; what is new stays");
  command->callback(
      [&chosen, arguments] { chosen = [arguments](Console& console) { return run_triage(*arguments, console); }; });
}

}  // namespace anechoic::app
