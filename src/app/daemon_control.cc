// SPDX-License-Identifier: Apache-2.0
// The daemon's answers: reload, control socket, HTTP pages.
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/daemon_state.h"
#include "mail/address.h"
#include "observe/escape.h"
#include "outside/store/journal_files.h"

namespace anechoic::app {

using Json = nlohmann::ordered_json;

namespace {

std::string problems_text(const std::vector<config::Problem>& problems) {
  std::string text;
  for (const config::Problem& problem : problems) text += (text.empty() ? "" : "\n") + config::to_string(problem);
  return text;
}

std::string_view mode_text(judge::RecipientMode mode) {
  switch (mode) {
    case judge::RecipientMode::Observe:
      return "observe";
    case judge::RecipientMode::Defer450:
      return "450";
    case judge::RecipientMode::Reject550:
      return "550";
  }
  std::unreachable();
}

std::string answer_text(const recipients::SourceAnswer& answer) {
  using Kind = recipients::SourceAnswer::Kind;
  switch (answer.kind) {
    case Kind::Exists:
      return answer.stale ? "exists (an old answer; the source is down)" : "exists";
    case Kind::Absent:
      return "does not exist";
    case Kind::AcceptsAll:
      return "the backend accepts every address, so it can't tell";
    case Kind::Down:
      return "can't tell: " + answer.because;
    case Kind::Nothing:
      return "knows nothing of it yet; the backend is asked with the next mail";
    case Kind::Wait:
      return "is finding out";
  }
  std::unreachable();
}

Json to_json(const recipients::SourceReport& report) {
  Json details = Json::object();
  if (report.asked_at) details["asked"] = store::to_utc(*report.asked_at);
  if (report.expires) details["expires"] = store::to_utc(*report.expires);
  for (const auto& [name, value] : report.details) details[name] = value;
  return {{"source", report.source},
          {"type", report.type},
          {"mode", mode_text(report.mode)},
          {"answer", answer_text(report.answer)},
          {"details", std::move(details)}};
}

}  // namespace

net::Task<Result<Json>> Daemon::State::control(Json request) {
  const std::string command = request["command"].get<std::string>();
  if (command == "status") co_return status();
  if (command == "reload") {
    Result<Json> done = co_await reload();
    co_return done;
  }
  if (command == "recipients-show" || command == "recipients-forget")
    co_return recipients(command, request.contains("address") && request["address"].is_string()
                                      ? request["address"].get<std::string>()
                                      : std::string());
  if (command == "recipients-accept")
    co_return accept_list(request.contains("source") && request["source"].is_string()
                              ? request["source"].get<std::string>()
                              : std::string());
  co_return fail(Errc::NotFound,
                 "there is no command " + observe::quote_if_needed(command) +
                     "; there are status, reload, recipients-show, recipients-forget and recipients-accept");
}

Result<Json> Daemon::State::recipients(const std::string& command, const std::string& address) const {
  const auto mailbox = mail::parse_mailbox(address, mail::Utf8::Allowed);
  if (!mailbox) return fail(Errc::Syntax, observe::quote_if_needed(address) + " is not a mail address");
  if (generation->loaded.ruleset->policy_of(mailbox->domain) == nullptr)
    return fail(Errc::NotFound, mailbox->domain + " is not a domain of ours");
  if (command == "recipients-forget")
    return Json{{"forgotten", anechoic::recipients::forget(*generation->table, *mailbox)}};
  Json sources = Json::array();
  for (const recipients::SourceReport& report : anechoic::recipients::show(*generation->table, *mailbox))
    sources.push_back(to_json(report));
  return Json{{"sources", std::move(sources)}};
}

Result<Json> Daemon::State::accept_list(const std::string& source) const {
  if (!generation->watcher->accept(source))
    return fail(Errc::NotFound, "no recipient file belongs to a source " + observe::quote_if_needed(source));
  return Json{{"accepted", true}};
}

Json Daemon::State::status() const {
  const auto up = std::chrono::floor<std::chrono::seconds>(shared.clock.wall() - started);
  Json alarms = shared.alarms.active();
  Json all{{"version", version()},
           {"well", alarms.empty()},
           {"started", store::to_utc(started)},
           {"up_seconds", up.count()},
           {"hostname", generation->settings().hostname},
           {"config", config_file},
           {"threads", lanes.size()},
           {"sessions", sessions()},
           {"domains", generation->settings().domains.size()}};
  if (shared.sqlite_journal) {
    const store::JournalStats stats = shared.sqlite_journal->stats();
    all["journal_rows"] = stats.written;
    all["journal_dropped"] = stats.dropped;
    all["journal_octets"] = stats.octets;
    if (stats.failing) {
      all["well"] = false;
      alarms.push_back("the journal can't be written");
    }
  }
  all["alarms"] = std::move(alarms);
  return all;
}

net::Task<Result<Json>> Daemon::State::reload() {
  if (reloading) co_return fail(Errc::Unavailable, "a reload is under way already");
  reloading = true;
  shared.log->event(observe::Level::Info, "reload", {{"config", config_file}});
  std::move_only_function<Result<std::shared_ptr<Generation>>()> job =
      [this, before = generation]() -> Result<std::shared_ptr<Generation>> {
    auto loaded = config::load_file(config_file);
    if (!loaded) return fail(Errc::Syntax, problems_text(loaded.error()));
    return make_generation(std::move(*loaded), before.get(), shared, metered_prober);
  };
  Result<std::shared_ptr<Generation>> next = co_await shared.disk.run<std::shared_ptr<Generation>>(std::move(job));
  reloading = false;
  Result<std::unique_ptr<dns::Unbound>> resolver = nullptr;
  if (next) {
    resolver = make_unbound((*next)->settings());
    if (!resolver) next = std::unexpected(resolver.error());
  }
  shared.metrics.count_reload(next.has_value());
  if (!next) {
    shared.log->event(observe::Level::Error, "reload-refused", {{"why", next.error().detail}});
    co_return fail(next.error().code,
                   "nothing was changed, for the new configuration is wrong:\n" + next.error().detail);
  }
  const config::Changes changes = config::compare(generation->loaded, (*next)->loaded);
  std::vector<std::string> warnings;
  for (const config::Problem& warning : (*next)->loaded.warnings) warnings.push_back(config::to_string(warning));
  for (const std::string& key : changes.restart)
    shared.log->event(observe::Level::Warning, "needs-restart", {{"setting", key}});
  for (const std::string& key : changes.live) shared.log->event(observe::Level::Info, "changed", {{"setting", key}});
  take(std::move(*next), std::move(*resolver));
  shared.log->event(observe::Level::Info, "reloaded",
                    {{"changed", changes.live.size()}, {"needs_restart", changes.restart.size()}});
  co_return Json{{"changed", changes.live}, {"restart", changes.restart}, {"warnings", warnings}};
}

void Daemon::State::take(std::shared_ptr<Generation> next, std::unique_ptr<dns::Unbound> next_unbound) {
  // The running process keeps what only a restart changes, so that the next reload still says so.
  for (const auto& [key, entered] : generation->loaded.values)
    if (entered.reload == config::Reload::Restart) next->loaded.values.insert_or_assign(key, entered);
  const bool other_certificate = next->certificate != generation->certificate;
  generation = std::move(next);
  const config::Settings& settings = generation->settings();
  shared.log->set_level(settings.log.level);
  const unsigned per_address = settings.inbound.connections_per_address;
  shared.connections.set_options(
      {.connections = settings.inbound.connections,
       .connections_per_address = per_address == 0 ? std::numeric_limits<unsigned>::max() : per_address});
  if (other_certificate && generation->certificate) watch_certificate(generation->certificate);
  lanes.front()->use(*generation);
  use_in_prober();
  for (std::size_t i = 1; i < lanes.size(); ++i)
    boost::asio::post(lanes[i]->context(), [&lane = *lanes[i], in_use = generation] { lane.use(*in_use); });
  use_unbound(std::move(next_unbound));
}

std::optional<http::Page> Daemon::State::page(std::string_view path) {
  http::Page page;
  if (path == "/metrics") {
    shared.update_gauges();
    page.content_type = "text/plain; version=0.0.4; charset=utf-8";
    page.body = shared.metrics.text();
  } else if (path == "/healthz") {
    page.status = stopping ? 503 : 200;
    page.body = stopping ? "stopping\n" : "ok\n";
  } else if (path == "/") {
    page.body = fmt::format("anechoic {} on {}\n\n", version(), generation->settings().hostname);
    const Json now = status();
    for (const auto& [key, value] : now.items()) page.body += fmt::format("{}: {}\n", key, value.dump());
    page.body += "\n/metrics  for Prometheus\n/healthz  200 while serving\n";
  } else {
    return std::nullopt;
  }
  return page;
}

}  // namespace anechoic::app
