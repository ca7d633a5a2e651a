// SPDX-License-Identifier: Apache-2.0
// The checks of this host: sources, files, ports, limits. Those of the backends are in backend_check.cc.
#include "app/live_check.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/backend_check.h"
#include "app/control.h"
#include "app/dns_check.h"
#include "mail/address.h"
#include "observe/escape.h"
#include "outside/net/listener.h"
#include "outside/net/tls.h"
#include "outside/recipients/address_list.h"
#include "outside/store/journal_files.h"

namespace anechoic::app {

namespace {

class LiveCheck {
 public:
  explicit LiveCheck(const config::Loaded& loaded) : settings_(loaded.settings) {}

  std::vector<Finding> run() {
    state();
    ports();
    descriptors();
    certificate();
    for (const config::RecipientSource& source : settings_.sources)
      if (!source.probe) list(source);
    if (settings_.soft_bounce)
      warning("soft_bounce", "is on: nothing is refused for good. Take it out when you trust the set-up.");
    for (Finding& finding : check_dns(settings_)) findings_.push_back(std::move(finding));
    std::vector<Finding> backends = check_backends(settings_);
    findings_.insert(findings_.end(), backends.begin(), backends.end());
    return std::move(findings_);
  }

 private:
  void good(std::string about, std::string_view text) { add(Weight::Good, std::move(about), text); }
  void warning(std::string about, std::string_view text) { add(Weight::Warning, std::move(about), text); }
  void bad(std::string about, std::string_view text) { add(Weight::Bad, std::move(about), text); }
  void add(Weight weight, std::string about, std::string_view text) {
    findings_.push_back({.weight = weight, .about = std::move(about), .text = observe::escape(text)});
  }

  // The folder, or the nearest one above it, must be ours to write.
  void writable(const std::string& about, const std::string& folder) {
    std::error_code ignored;
    std::filesystem::path path = std::filesystem::absolute(folder, ignored);
    while (!std::filesystem::exists(path, ignored) && path.has_parent_path() && path != path.parent_path())
      path = path.parent_path();
    if (::access(path.c_str(), W_OK | X_OK) == 0) {
      good(about, folder + (std::filesystem::exists(folder, ignored) ? " is writable" : " will be made"));
    } else {
      bad(about, folder + " can't be written; make it for the user that runs anechoic");
    }
  }

  void state() {
    writable("state_dir", settings_.state_dir);
    for (const config::Backend& backend : settings_.backends)
      if (backend.is_maildir()) writable("backend " + backend.name, backend.to.front().path);
    const auto reply =
        ask_daemon(settings_.file_in_state(kControlSocket), {{"command", "status"}}, std::chrono::seconds(5));
    running_ = reply.has_value();
    if (running_) good("state_dir", "an anechoic is running on it; its ports are not tried");
  }

  void ports() {
    if (running_) return;
    const auto try_one = [this](const char* setting, const ip::Endpoint& endpoint) {
      const auto socket = net::ListeningSocket::bind(endpoint);
      if (socket) {
        good(setting, ip::to_string(endpoint) + " is free");
      } else {
        bad(setting, socket.error().detail + "; `ss -ltnp` tells who has it; ports below 1024 need root");
      }
    };
    for (const ip::Endpoint& endpoint : settings_.inbound.listen) try_one("inbound.listen", endpoint);
    for (const ip::Endpoint& endpoint : settings_.http.listen) try_one("http.listen", endpoint);
  }

  void descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const std::uint64_t wanted = (std::uint64_t{settings_.inbound.connections} * 2) + 256;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted) {
      good("inbound.limits.connections", fmt::format("{} descriptors are enough", limit.rlim_max));
    } else {
      warning("inbound.limits.connections",
              fmt::format("{} connections may need {} descriptors, and this shell allows {}; raise ulimit -n or "
                          "LimitNOFILE, or lower connections",
                          settings_.inbound.connections, wanted, limit.rlim_max));
    }
  }

  void certificate() {
    const config::Inbound& inbound = settings_.inbound;
    if (inbound.tls_certificate.empty()) {
      warning("inbound.tls_certificate", "is not set: mail comes in without TLS");
      return;
    }
    const auto context = net::TlsContext::server(inbound.tls_certificate, inbound.tls_key);
    if (context) {
      validity(**context);
    } else {
      bad("inbound.tls_certificate", context.error().detail);
    }
    std::error_code error;
    const auto mode = std::filesystem::status(inbound.tls_key, error).permissions();
    if (!error && (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none)
      warning("inbound.tls_key", inbound.tls_key + " can be read by everybody: chmod 600");
  }

  void validity(const net::TlsContext& context) {
    constexpr std::chrono::days kSoon{14};
    const char* about = "inbound.tls_certificate";
    const auto valid = context.validity();
    if (!valid) return bad(about, "does not say how long it is valid");
    const WallTime now = SystemClock().wall();
    const std::string until = store::to_utc(valid->until);
    if (now < valid->from) return bad(about, "is valid only from " + store::to_utc(valid->from) + " on");
    if (now >= valid->until) return bad(about, "is no longer valid since " + until + ": renew it");
    if (valid->until - now < kSoon) return warning(about, "ends at " + until + ": renew it");
    good(about, "certificate and key fit, valid until " + until);
  }

  void list(const config::RecipientSource& source) {
    const std::string about = "recipients " + source.name;
    recipients::AddressListOptions options{
        .name = source.name,
        .path = source.file,
        .mode = source.mode,
        .canary = {},
        .rules = {.case_sensitive = source.case_sensitive, .subaddress = source.subaddress}};
    if (!source.canary.empty()) options.canary = *mail::parse_mailbox(source.canary, mail::Utf8::Allowed);
    const SystemClock clock;
    recipients::AddressList list(std::move(options), [](const recipients::Alarm&) {}, clock);
    list.load_if_changed();
    if (const auto wrong = list.wrong()) {
      bad(about, *wrong);
    } else {
      good(about, fmt::format("{} addresses in {}", list.size(), source.file));
    }
    for (const recipients::BadLine& line : list.bad_lines())
      warning(about, fmt::format("{}, line {}: {}", source.file, line.line, line.problem));
    if (source.canary.empty()) warning(about, "has no canary: name an address that must exist");
    if (source.mode == judge::RecipientMode::Observe)
      good(about, "mode is observe: unknown addresses are journalled, not refused");
  }

  const config::Settings& settings_;
  std::vector<Finding> findings_;
  bool running_ = false;
};

}  // namespace

std::vector<Finding> check_live(const config::Loaded& loaded) {
  return LiveCheck(loaded).run();
}

}  // namespace anechoic::app
