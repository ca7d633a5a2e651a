// SPDX-License-Identifier: Apache-2.0
// Asks questions by outside/dns as the program does, for tests/interop/dns_test.py.
//
//   interop_resolve [--server ADDRESS[@PORT]] [--stub ZONE=ADDRESS[@PORT]] [--anchor FILE] [--open N] [--cached]
//                   [--leave MILLISECONDS]
//
// Each line of standard input is a question: `NAME TYPE MILLISECONDS`. Those up to an empty line are asked together,
// the next ones when all have been answered. Each answer is a line of JSON. --leave: libunbound is ended so long after
// the first question, with whatever is open.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "outside/dns/cache.h"
#include "outside/dns/unbound.h"

namespace {

using namespace anechoic;

struct Settings {
  dns::UnboundOptions unbound{.resolv_conf = {}};
  bool cached = false;
  std::chrono::milliseconds leave{0};
};

Settings read_settings(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--cached") {
      settings.cached = true;
      continue;
    }
    const std::string value = i + 1 < argc ? argv[++i] : "";
    if (option == "--server") settings.unbound.servers.push_back(value);
    if (option == "--anchor") settings.unbound.trust_anchor_file = value;
    if (option == "--open") settings.unbound.open_questions = std::stoul(value);
    if (option == "--leave") settings.leave = std::chrono::milliseconds(std::stol(value));
    if (option != "--stub") continue;
    const std::size_t equals = value.find('=');
    settings.unbound.stubs.emplace_back(value.substr(0, equals), std::vector{value.substr(equals + 1)});
  }
  return settings;
}

std::optional<dns::Type> type_of(std::string_view text) {
  using dns::Type;
  for (const auto type : {Type::A, Type::Ns, Type::Cname, Type::Soa, Type::Ptr, Type::Mx, Type::Txt, Type::Aaaa}) {
    if (dns::to_string(type) == text) return type;
  }
  return std::nullopt;
}

std::string to_text(const dns::Rdata& record) {
  if (const auto* address = std::get_if<ip::Address>(&record)) return ip::to_string(*address);
  if (const auto* name = std::get_if<dns::Name>(&record)) return name->to_string();
  if (const auto* mx = std::get_if<dns::Mx>(&record))
    return std::to_string(mx->preference) + " " + mx->exchange.to_string();
  return std::get<dns::Txt>(record).text;
}

void write(const auth::Question& question, std::chrono::steady_clock::duration took, const auth::Answer& answer) {
  nlohmann::json line = {{"name", question.name.to_string()},
                         {"type", dns::to_string(question.type)},
                         {"found", auth::to_string(answer.found)},
                         {"records", nlohmann::json::array()},
                         {"ttl", answer.ttl.count()},
                         {"authentic", answer.authentic},
                         {"detail", answer.detail},
                         {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}};
  for (const dns::Rdata& record : answer.records) line["records"].push_back(to_text(record));
  std::cout << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n" << std::flush;
}

// False: there was no question.
bool ask_batch(boost::asio::io_context& context, auth::Resolver& resolver) {
  std::size_t asked = 0;
  std::size_t open = 0;
  std::string text;
  while (std::getline(std::cin, text) && !text.empty()) {
    std::istringstream line(text);
    std::string name;
    std::string type;
    long time = 0;
    line >> name >> type >> time;
    const auto parsed = dns::Name::parse(name);
    const auto known = type_of(type);
    if (!parsed || !known) {
      std::cerr << "interop_resolve: no question: " << text << "\n";
      std::exit(2);
    }
    const auth::Question question{*parsed, *known};
    const auto began = std::chrono::steady_clock::now();
    ++asked;
    ++open;
    resolver.resolve(question, began + std::chrono::milliseconds(time),
                     [&open, question, began](const auth::SharedAnswer& answer) {
                       --open;
                       write(question, std::chrono::steady_clock::now() - began, *answer);
                     });
  }
  context.restart();
  while (open > 0) context.run_one();
  return asked > 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Settings settings = read_settings(argc, argv);
  boost::asio::io_context context(1);
  net::DeadlineWheel wheel(context);
  auto started = dns::Unbound::start(context, settings.unbound);
  if (!started) {
    std::cerr << "interop_resolve: " << started.error().detail << "\n";
    return 1;
  }
  std::unique_ptr<dns::Unbound> unbound = std::move(*started);
  const auto direct = unbound->resolver(context, wheel);
  const SystemClock clock;
  dns::Cache cache(*direct, clock, {}, 1);
  boost::asio::steady_timer leaving(context);
  if (settings.leave.count() > 0) {
    leaving.expires_after(settings.leave);
    leaving.async_wait([&](boost::system::error_code) { unbound.reset(); });
  }
  auth::Resolver& resolver = settings.cached ? static_cast<auth::Resolver&>(cache) : *direct;
  while (ask_batch(context, resolver)) {
  }
  return 0;
}
