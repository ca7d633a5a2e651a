// SPDX-License-Identifier: Apache-2.0
// Settings of who really sent a message, and of the DNS that tells it: [auth], [dns], [dns.stub.*].
#include <array>

#include "app/config/table.h"

namespace anechoic::config {

namespace {

using std::chrono::milliseconds;

const std::vector<ip::Endpoint>& endpoints(const Value& v) {
  return std::get<std::vector<ip::Endpoint>>(v);
}

unsigned count(const Value& v) {
  return static_cast<unsigned>(std::get<std::uint64_t>(v));
}

judge::Mode mode(const Value& v) {
  return std::get<std::string>(v) == "enforce" ? judge::Mode::Enforce : judge::Mode::Observe;
}

constexpr std::array kAuth{
    Setting{.key = "checks",
            .kind = Kind::Flag,
            .fallback = "true",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Whether SPF, DKIM, DMARC and ARC are looked at. They need a resolver: see [dns]. What can't be "
                   "found out is unknown, and refuses nothing.",
            .store = [](Draft& d, const Value& v) { d.settings.auth.checks = std::get<bool>(v); }},
    Setting{.key = "authserv_id",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "",
            .reload = Reload::Live,
            .doc =
                "Our name in Authentication-Results. Fields that arrive with it are forged, and are taken out. Empty: "
                "hostname.",
            .store = [](Draft& d, const Value& v) { d.settings.auth.authserv_id = std::get<std::string>(v); }},
    Setting{.key = "trusted_sealers",
            .kind = Kind::Texts,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Domains of mailing lists and forwarders whose ARC seals count; a chain counts when all of its "
                   "sealers are listed.",
            .store = [](Draft& d,
                        const Value& v) { d.settings.auth.trusted_sealers = std::get<std::vector<std::string>>(v); }},
    Setting{.key = "spf",
            .kind = Kind::Choice,
            .fallback = "\"observe\"",
            .sample = "",
            .reload = Reload::Live,
            .doc =
                "What becomes of mail whose SPF fails and for which no signature vouches: it is only written down, or "
                "refused with 550 5.7.23. Of all domains that do not say otherwise. A message is refused only if the "
                "domains of all its recipients enforce, never for postmaster and abuse, and never when it comes by a "
                "[relay].",
            .store = [](Draft& d, const Value& v) { d.settings.auth.modes.spf = mode(v); },
            .choices = "observe|enforce"},
    Setting{.key = "dmarc",
            .kind = Kind::Choice,
            .fallback = "\"observe\"",
            .sample = "",
            .reload = Reload::Live,
            .doc =
                "The same for mail that fails DMARC where the author's domain asks for reject, SPF does not pass and "
                "no signature vouches for it: 550 5.7.1.",
            .store = [](Draft& d, const Value& v) { d.settings.auth.modes.dmarc = mode(v); },
            .choices = "observe|enforce"},
    Setting{.key = "own_domain",
            .kind = Kind::Choice,
            .fallback = "\"observe\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The same for mail from outside with a return path in a domain of ours that is not proved by SPF or "
                   "DKIM: 550 5.7.1. First see in the journal which machines of yours send such mail.",
            .store = [](Draft& d, const Value& v) { d.settings.auth.modes.own_domain = mode(v); },
            .choices = "observe|enforce"},
    Setting{.key = "notify_never",
            .kind = Kind::Choice,
            .fallback = "\"observe\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Whether a backend that offers DSN is asked to send no bounces (NOTIFY=NEVER) to a return path that "
                   "SPF does not prove: fail, softfail or none. The answer to RCPT then waits for SPF.",
            .store = [](Draft& d, const Value& v) { d.settings.auth.modes.notify_never = mode(v); },
            .choices = "observe|enforce"},
};

constexpr std::array kDns{
    Setting{.key = "servers",
            .kind = Kind::Endpoints,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Resolvers that are asked, as \"127.0.0.1:53\"; one on this host is best. None: those of "
                   "/etc/resolv.conf.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.servers = endpoints(v); }},
    Setting{.key = "recursive",
            .kind = Kind::Flag,
            .fallback = "false",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Asks the domains' own servers, from the root on, instead of a resolver.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.recursive = std::get<bool>(v); }},
    Setting{.key = "trust_anchor",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "A file with the root's key (Debian: /usr/share/dns/root.key); answers are then validated (DNSSEC), "
                   "and what is bogus counts as not found out. Empty: nothing is validated.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.trust_anchor = std::get<std::string>(v); }},
    Setting{.key = "cache_entries",
            .kind = Kind::Count,
            .fallback = "50000",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Answers kept by each thread.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.cache_entries = count(v); },
            .least = 100,
            .most = 10'000'000},
    Setting{.key = "cache_size",
            .kind = Kind::Size,
            .fallback = "\"16M\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "... and the memory that they may take, about.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.cache_octets = std::get<std::uint64_t>(v); },
            .least = 65'536,
            .most = 1ULL << 34},
    Setting{.key = "queries",
            .kind = Kind::Count,
            .fallback = "60",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Questions that one message may cause, all checks together; the rest of what it asks is unknown.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.queries = count(v); },
            .least = 10,
            .most = 1000},
    Setting{.key = "time",
            .kind = Kind::Duration,
            .fallback = "\"20s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time that all questions of one message may take.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.time = std::get<milliseconds>(v); },
            .least = 100,
            .most = 120'000},
    Setting{.key = "question",
            .kind = Kind::Duration,
            .fallback = "\"5s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time that one question may take.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.question = std::get<milliseconds>(v); },
            .least = 100,
            .most = 60'000},
    Setting{.key = "open_questions",
            .kind = Kind::Count,
            .fallback = "1000",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Questions that may be open at once, of all threads; beyond it the answer is unknown at once.",
            .store = [](Draft& d, const Value& v) { d.settings.dns.open_questions = count(v); },
            .least = 10,
            .most = 100'000},
};

constexpr std::array kStub{
    Setting{.key = "servers",
            .kind = Kind::Endpoints,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Servers that have the zone, as \"192.0.2.53:53\".",
            .store = [](Draft& d, const Value& v) { d.settings.dns.stubs.back().servers = endpoints(v); },
            .need = Need::Required},
};

constexpr std::array kTables{
    Table{
        .name = "auth",
        .sample_name = "",
        .doc = "Who really sent a message: SPF, DKIM, DMARC and ARC. By default it is written down, and nothing more.",
        .begin = nullptr,
        .settings = kAuth},
    Table{.name = "dns", .sample_name = "", .doc = "How the DNS is asked.", .begin = nullptr, .settings = kDns},
    Table{.name = "dns.stub.*",
          .sample_name = "example.internal",
          .doc = "A zone that is asked of servers of its own.",
          .begin = [](Draft& d, std::string_view name) { d.settings.dns.stubs.emplace_back().zone = name; },
          .settings = kStub},
};

}  // namespace

std::span<const Table> auth_tables() {
  return kTables;
}

}  // namespace anechoic::config
