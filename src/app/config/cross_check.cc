// SPDX-License-Identifier: Apache-2.0
#include "app/config/cross_check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "app/config/values.h"
#include "mail/address.h"

namespace anechoic::config {

namespace {

class CrossCheck {
 public:
  CrossCheck(Settings& settings, const Places& places) : s_(settings), places_(places) {}

  Findings run() {
    server();
    inbound();
    for (const Backend& backend : s_.backends) check(backend);
    for (Domain& domain : s_.domains) check(domain);
    for (const RecipientSource& source : s_.sources) check(source);
    auth();
    if (s_.domains.empty())
      error("domain", "there is no domain of yours, so all mail would be refused: add [domain.\"example.org\"]");
    unused();
    return std::move(findings_);
  }

 private:
  Position place(std::string key) const {
    for (;;) {
      const auto found = places_.find(key);
      if (found != places_.end()) return found->second;
      const auto dot = key.rfind('.');
      if (dot == std::string::npos) return {};
      key.resize(dot);
    }
  }
  void error(const std::string& key, std::string text) {
    findings_.errors.push_back({.file = {}, .at = place(key), .text = std::move(text)});
  }
  void warning(const std::string& key, std::string text) {
    findings_.warnings.push_back({.file = {}, .at = place(key), .text = std::move(text)});
  }

  // ", did you mean X?" or what there is.
  template <typename T>
  static std::string nearest(const std::string& name, const std::vector<T>& all, std::string_view kind) {
    const T* best = nullptr;
    unsigned distance = std::max<unsigned>(2, static_cast<unsigned>(name.size() / 3)) + 1;
    for (const T& one : all) {
      const unsigned d = edit_distance(name, one.name);
      if (d < distance) {
        distance = d;
        best = &one;
      }
    }
    if (best != nullptr) return fmt::format("; did you mean \"{}\"?", best->name);
    return fmt::format(": add [{}.{}]", kind, name);
  }

  void server() {
    if (s_.hostname.empty()) {
      std::array<char, 256> name{};
      if (gethostname(name.data(), name.size() - 1) == 0) s_.hostname = name.data();
      if (!mail::parse_domain(s_.hostname, mail::Utf8::Forbidden)) {
        error("hostname", fmt::format("the machine's name \"{}\" is not a domain name; set hostname", s_.hostname));
      } else if (s_.hostname.find('.') == std::string::npos) {
        warning("hostname", fmt::format("the machine's name \"{}\" has no domain; set hostname to the name of the MX",
                                        s_.hostname));
      }
    } else if (!mail::parse_domain(s_.hostname, mail::Utf8::Forbidden)) {
      error("hostname", fmt::format("hostname = \"{}\" is not a domain name", s_.hostname));
    }
    s_.inbound.options.session.hostname = s_.hostname;
    s_.inbound.options.spool.directory = s_.file_in_state("spool");
    s_.inbound.options.relay.soft_bounce = s_.soft_bounce;
    if (s_.state_dir.empty()) error("state_dir", "state_dir can't be empty: name a folder on a disk");
    if (s_.http.listen.size() > 1) error("http.listen", "http.listen takes one address");
    if (!s_.http.listen.empty() && !s_.http.listen.front().address.is_loopback())
      warning("http.listen", "http.listen is not a loopback address: whoever reaches it reads the metrics");
  }

  void inbound() {
    const Inbound& in = s_.inbound;
    if (in.listen.empty()) error("inbound.listen", "inbound.listen is empty: name at least one address and port");
    for (std::size_t i = 0; i < in.listen.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (in.listen[i] == in.listen[j])
          error("inbound.listen", fmt::format("inbound.listen has {} twice", ip::to_string(in.listen[i])));
    if (in.tls_certificate.empty() != in.tls_key.empty())
      error(in.tls_key.empty() ? "inbound.tls_certificate" : "inbound.tls_key",
            fmt::format("inbound.{} is missing: tls_certificate and tls_key go together",
                        in.tls_key.empty() ? "tls_key" : "tls_certificate"));
    for (const ip::Network& network : in.options.xclient_from)
      if (network.bits == 0) warning("inbound.xclient_from", "inbound.xclient_from lets the whole world be anybody");
    for (const ip::Network& network : in.options.proxy_from)
      if (network.bits == 0)
        warning("inbound.proxy_from", "inbound.proxy_from is the whole world: every client may claim any address");
    if (in.connections_per_address > in.connections)
      warning("inbound.limits.connections_per_address", "connections_per_address is above connections: no limit");
    if (in.options.session.message_size > in.options.spool.total_disk)
      error("inbound.limits.bodies_disk",
            "inbound.limits.bodies_disk is smaller than one message of "
            "inbound.message_size");
  }

  void check(const Backend& backend) {
    const std::string key = "backend." + backend.name;
    if (backend.to.empty()) {
      error(key + ".to", fmt::format("[{}] needs an address in `to`", key));
      return;
    }
    const bool maildir = backend.is_maildir();
    if (maildir && backend.to.size() > 1)
      error(key + ".to", "a maildir: stands alone in `to`: mail in two folders by turns would be found by nobody");
    const auto kind = [](const BackendAddress& address) {
      return address.scheme == BackendScheme::LmtpUnix ? BackendScheme::Lmtp : address.scheme;
    };
    bool unix_socket = false;
    bool mixed = false;
    for (const BackendAddress& address : backend.to) {
      mixed |= kind(address) != kind(backend.to.front());
      unix_socket |= address.scheme == BackendScheme::LmtpUnix;
      if (address.scheme == BackendScheme::Smtp && listens_on(address))
        error(key + ".to", fmt::format("{} is our own inbound.listen: mail would go in circles", address.text));
    }
    if (mixed) error(key + ".to", "smtp:, lmtp: and maildir: can't be mixed in one backend; make a backend of each");
    if ((maildir || unix_socket) && backend.verify)
      error(key + ".tls", "tls = \"verified\" needs a host whose name can be verified; here there is none");
    if (maildir && backend.xforward) error(key + ".identity", "a maildir can't be told who the client is");
  }

  void auth() {
    Auth& auth = s_.auth;
    if (auth.authserv_id.empty()) {
      auth.authserv_id = s_.hostname;
    } else if (!mail::parse_domain(auth.authserv_id, mail::Utf8::Forbidden)) {
      error("auth.authserv_id", fmt::format("authserv_id = \"{}\" is not a domain name", auth.authserv_id));
    }
    for (std::string& sealer : auth.trusted_sealers) {
      const auto domain = mail::parse_domain(sealer, mail::Utf8::Forbidden);
      if (domain) {
        sealer = *domain;
      } else {
        error("auth.trusted_sealers", fmt::format("trusted_sealers has \"{}\", which is not a domain name", sealer));
      }
    }
    s_.inbound.options.authserv_id = auth.authserv_id;
    s_.inbound.options.own_names = {auth.authserv_id, s_.hostname};
    for (const Domain& domain : s_.domains) s_.inbound.options.own_names.push_back(domain.name);
    const bool enforces = std::ranges::any_of(
        s_.domains, [&](const Domain& domain) { return domain.modes.over(auth.modes) != judge::SenderModes{}; });
    if (!auth.checks && enforces)
      warning("auth.checks", "checks = false: what is set to enforce has nothing to go by, and refuses nothing");
    if (s_.dns.time > s_.inbound.options.timeouts.checks)
      warning("dns.time",
              "dns.time is longer than inbound.timeouts.checks: a message is answered before its questions "
              "are");
    if (s_.dns.recursive && !s_.dns.servers.empty())
      error("dns.recursive", "dns.recursive asks no resolver: leave out dns.servers, or set recursive = false");
  }

  bool listens_on(const BackendAddress& address) const {
    const auto parsed = ip::parse_address(address.host);
    if (!parsed) return false;
    return std::ranges::any_of(s_.inbound.listen, [&](const ip::Endpoint& endpoint) {
      const bool any = endpoint.address == ip::Address() || endpoint.address == ip::Address::v6({});
      return endpoint.port == address.port && (endpoint.address == *parsed || (any && parsed->is_loopback()));
    });
  }

  void check(Domain& domain) {
    const std::string key = "domain.\"" + domain.name + '"';
    if (domain.backend.empty() && s_.backends.size() == 1) domain.backend = s_.backends.front().name;
    const Backend* backend = s_.backend(domain.backend);
    if (domain.backend.empty()) {
      error(key, fmt::format("[{}] needs backend = the name of one of the [backend.NAME] tables", key));
    } else if (backend == nullptr) {
      error(key + ".backend", fmt::format("there is no backend \"{}\"{}", domain.backend,
                                          nearest(domain.backend, s_.backends, "backend")));
    }
    for (const std::string& name : domain.recipients) {
      const RecipientSource* source = s_.source(name);
      if (source == nullptr) {
        error(key + ".recipients",
              fmt::format("there is no recipient source \"{}\"{}", name, nearest(name, s_.sources, "recipients")));
      } else if (source->probe && backend != nullptr && backend->is_maildir()) {
        error(key + ".recipients", fmt::format("\"{}\" probes the backend, but a maildir takes every address: use a "
                                               "source with a file",
                                               name));
      }
    }
    if (domain.catch_all && !domain.recipients.empty())
      warning(key + ".catch_all",
              "catch_all says that every address exists, so the recipient sources are not heard: take one out");
    if (backend != nullptr && backend->is_maildir() && domain.recipients.empty() && !domain.catch_all)
      error(key, fmt::format("[{}] delivers to a maildir, which takes every address: set recipients, or catch_all = "
                             "true if every address exists",
                             key));
  }

  void check(const RecipientSource& source) {
    const std::string key = "recipients." + source.name;
    if (source.file.empty() == !source.probe)
      error(key,
            fmt::format("[{}] needs either file = \"...\" or probe = true{}", key, source.probe ? ", not both" : ""));
    if (source.canary.empty() && source.mode != judge::RecipientMode::Observe)
      error(key + ".mode", fmt::format("[{}] refuses mail, so it needs canary = an address that must exist: without "
                                       "it a broken source would refuse everybody",
                                       key));
    if (source.subaddress.size() > 1) error(key + ".subaddress", "subaddress is one character, or empty");
    if (source.probe && source.negative_lifetime > source.positive_lifetime)
      warning(key + ".negative_lifetime",
              "negative_lifetime is longer than positive_lifetime: a new mailbox hears "
              "550 for long");
  }

  void unused() {
    for (const Backend& backend : s_.backends)
      if (std::ranges::none_of(s_.domains, [&](const Domain& d) { return d.backend == backend.name; }))
        warning("backend." + backend.name, fmt::format("no domain uses the backend \"{}\"", backend.name));
    for (const RecipientSource& source : s_.sources)
      if (std::ranges::none_of(s_.domains,
                               [&](const Domain& d) { return std::ranges::count(d.recipients, source.name) > 0; }))
        warning("recipients." + source.name, fmt::format("no domain uses the recipient source \"{}\"", source.name));
  }

  Settings& s_;
  const Places& places_;
  Findings findings_;
};

}  // namespace

Findings cross_check(Settings& settings, const Places& places) {
  return CrossCheck(settings, places).run();
}

}  // namespace anechoic::config
