// SPDX-License-Identifier: Apache-2.0
// `anechoic auth`: who really sent this message?
#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/auth_output.h"
#include "app/auth_request.h"
#include "app/cli.h"
#include "app/progress.h"
#include "app/terminal_text.h"
#include "auth/checks.h"
#include "outside/dns/unbound.h"
#include "outside/dns/zone_resolver.h"
#include "outside/net/deadline.h"
#include "wire/dns/zone_file.h"

namespace anechoic::app {

namespace {

constexpr std::size_t kPiece = 64 * 1024;
// A person who asks about one message may wait longer than a session.
constexpr auth::LookupBudget kBudget{
    .queries = 500, .time = std::chrono::seconds(60), .per_query = std::chrono::seconds(10)};

// The zones given, as one: each is read by itself first, so that an error names its file and line.
std::expected<dns::ZoneFile, std::string> read_zones(const std::vector<std::string>& files) {
  std::string all;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) return std::unexpected(terminal_text(file) + " can't be read: " + std::strerror(errno != 0 ? errno : EIO));
    if (const auto alone = dns::parse_zone_file(text); !alone) {
      return std::unexpected(terminal_text(file) + ": " + terminal_text(alone.error().detail));
    }
    all += text + "\n$ORIGIN .\n";
  }
  auto zone = dns::parse_zone_file(all);
  if (!zone) return std::unexpected("the zones together: " + terminal_text(zone.error().detail));
  return std::move(*zone);
}

// Where names are looked up: in zones, or in the DNS.
class LookupSource {
 public:
  // "" = fine, else what to do.
  [[nodiscard]] std::string open(const std::vector<std::string>& zones) {
    if (!zones.empty()) {
      auto read = read_zones(zones);
      if (!read) return read.error();
      zone_ = std::move(*read);
      resolver_ = std::make_unique<dns::ZoneResolver>(zone_.zone);
      return {};
    }
    auto unbound = dns::Unbound::start(context_, {});
    if (!unbound)
      return "the DNS can't be asked: " + terminal_text(unbound.error().detail) + "; --zone FILE does without it";
    unbound_ = std::move(*unbound);
    resolver_ = unbound_->resolver(context_, wheel_);
    return {};
  }

  [[nodiscard]] auth::Resolver& resolver() { return *resolver_; }
  [[nodiscard]] const dns::ZoneFile& zone() const { return zone_; }

  // Until `done` is true.
  void wait(const bool& done, Progress& progress) {
    const SteadyTime begin = std::chrono::steady_clock::now();
    while (!done) {
      if (context_.stopped()) context_.restart();
      context_.run_one_for(std::chrono::milliseconds(200));
      const auto waited = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin);
      progress.show("looking up", static_cast<std::uint64_t>(waited.count()),
                    static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(kBudget.time).count()));
    }
    progress.clear();
  }

 private:
  boost::asio::io_context context_;
  net::DeadlineWheel wheel_{context_};
  dns::ZoneFile zone_;
  std::unique_ptr<dns::Unbound> unbound_;
  std::unique_ptr<auth::Resolver> resolver_;
};

// "" = fine.
std::string feed(std::istream& in, auth::Checks& checks) {
  checks.message({});
  WireForm wire([&checks](std::string_view bytes) { checks.message(bytes); });
  std::string piece(kPiece, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    wire.feed(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
  }
  wire.finish();
  return in.bad() ? std::strerror(errno != 0 ? errno : EIO) : "";
}

std::string feed_message(const std::string& file, auth::Checks& checks) {
  if (file == "-") return feed(std::cin, checks);
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return "is a folder; name one message";
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::string("can't be read: ") + std::strerror(errno != 0 ? errno : EIO);
  const std::string problem = feed(in, checks);
  return problem.empty() ? "" : "can't be read: " + problem;
}

int auth_command(const AuthArguments& arguments, Console& console) {
  const auto request = read_auth_request(arguments);
  if (!request) {
    console.err << request.error().detail << '\n';
    return kCouldNotRun;
  }
  LookupSource lookups;
  if (const std::string problem = lookups.open(arguments.zones); !problem.empty()) {
    console.err << problem << '\n';
    return kCouldNotRun;
  }
  for (const std::string& note : lookups.zone().notes) console.err << "--zone: " << terminal_text(note) << '\n';
  if (!arguments.ip.empty() && !request->envelope) {
    console.err << "SPF is not asked: it needs --mail-from beside --ip ('<>' is the null sender)\n";
  }

  const SystemClock clock;
  crypto::PublicKeys keys;
  auth::CheckOptions options;
  options.budget = kBudget;
  options.spf.default_explanation.clear();
  options.check_helo = !arguments.helo.empty();
  options.at = request->at;
  auth::Checks checks({lookups.resolver(), clock, keys}, options);
  if (request->envelope) {
    checks.envelope(*request->envelope, [](const auth::spf::Outcome&) {});
  } else if (request->reverse_path) {
    checks.reverse_path(*request->reverse_path);
  }
  if (!arguments.message.empty()) {
    if (const std::string problem = feed_message(arguments.message, checks); !problem.empty()) {
      console.err << terminal_text(arguments.message) << ' ' << problem << '\n';
      return kCouldNotRun;
    }
  }
  auth::Evidence evidence;
  bool done = false;
  checks.finish([&](const auth::Evidence& found) {
    evidence = found;
    done = true;
  });
  Progress progress(console.err, !arguments.json);
  lookups.wait(done, progress);
  if (arguments.json) {
    console.out << auth_json(evidence).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    console.out << auth_story(evidence, arguments.ip);
  }
  return kFine;
}

}  // namespace

void add_auth(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand("auth", "Tells who really sent a message: SPF, DKIM, DMARC, ARC");
  command->footer(
      "Examples: anechoic auth message.eml\n"
      "          anechoic auth --ip 192.0.2.1 --helo mx.example.org --mail-from bob@example.org message.eml\n"
      "          anechoic auth --ip 192.0.2.1 --helo mx.example.org --mail-from '<>'        SPF alone\n"
      "A message alone tells DKIM, DMARC by DKIM, and ARC; SPF needs what its client said. The exit status is 0 for\n"
      "whatever could be judged, passed or failed, and 2 when it could not run.");
  auto arguments = std::make_shared<AuthArguments>();
  command->add_option("MESSAGE", arguments->message, "File with one message; - is standard input");
  command->add_option("--ip", arguments->ip, "Address of the client that delivered it");
  command->add_option("--helo", arguments->helo, "The name that it gave");
  CLI::Option* mail_from =
      command->add_option("--mail-from", arguments->mail_from, "The envelope sender; '<>' or '' is the null sender");
  command
      ->add_option("--zone", arguments->zones, "Master file to look names up in, instead of the DNS; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--at", arguments->at,
                      "Judge as of then: 2026-11-22T06:15:00Z, or Unix seconds (signatures expire)");
  command->add_flag("--json", arguments->json, "For programs: one JSON object");
  command->callback([&chosen, arguments, mail_from] {
    arguments->mail_from_known = mail_from->count() > 0;
    chosen = [arguments](Console& console) { return auth_command(*arguments, console); };
  });
}

}  // namespace anechoic::app
