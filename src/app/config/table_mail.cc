// SPDX-License-Identifier: Apache-2.0
// Settings of where mail goes and who exists: [backend.*], [recipients.*], [domain.*], [relay.*].
#include <array>

#include "app/config/table.h"

namespace anechoic::config {

namespace {

using std::chrono::milliseconds;

unsigned count(const Value& v) {
  return static_cast<unsigned>(std::get<std::uint64_t>(v));
}

std::optional<judge::Mode> mode(const Value& v) {
  const auto& word = std::get<std::string>(v);
  if (word == "default") return std::nullopt;
  return word == "enforce" ? judge::Mode::Enforce : judge::Mode::Observe;
}

constexpr std::array kBackend{
    Setting{.key = "to",
            .kind = Kind::Addresses,
            .fallback = "[]",
            .sample = "[\"smtp://127.0.0.1:10025\"]",
            .reload = Reload::Live,
            .doc = "Where it is: smtp://host:port, lmtp://host:port, lmtp:///path/of/a/socket or maildir:/folder. "
                   "Several are tried in this order, each when those before it fail.",
            .store = [](Draft& d, const Value& v) { d.backend().to = std::get<std::vector<BackendAddress>>(v); },
            .need = Need::Required},
    Setting{.key = "tls",
            .kind = Kind::Choice,
            .fallback = "\"if-offered\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Whether the connection is encrypted; required takes any certificate, verified only a valid one "
                   "with the host's name.",
            .store =
                [](Draft& d, const Value& v) {
                  const auto& tls = std::get<std::string>(v);
                  d.backend().tls = tls == "never"        ? smtp::TlsUse::Never
                                    : tls == "if-offered" ? smtp::TlsUse::IfOffered
                                                          : smtp::TlsUse::Required;
                  d.backend().verify = tls == "verified";
                },
            .choices = "never|if-offered|required|verified"},
    Setting{.key = "ca_file",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "A PEM file with the issuers that tls = \"verified\" trusts. Empty: the system's.",
            .store = [](Draft& d, const Value& v) { d.backend().ca_file = std::get<std::string>(v); }},
    Setting{.key = "identity",
            .kind = Kind::Choice,
            .fallback = "\"none\"",
            .sample = "\"xforward\"",
            .reload = Reload::Live,
            .doc = "How the backend is told who the client is. If it does not offer what is set here, mail is "
                   "answered 451.",
            .store = [](Draft& d, const Value& v) { d.backend().xforward = std::get<std::string>(v) == "xforward"; },
            .choices = "none|xforward"},
    Setting{.key = "pool",
            .kind = Kind::Count,
            .fallback = "20",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Idle connections that each thread keeps for the next message.",
            .store = [](Draft& d, const Value& v) { d.backend().pool = count(v); },
            .most = 10'000},
    Setting{.key = "pool_idle",
            .kind = Kind::Duration,
            .fallback = "\"60s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How long an idle connection is kept; shorter than the backend's own patience.",
            .store = [](Draft& d, const Value& v) { d.backend().pool_idle = std::get<milliseconds>(v); },
            .least = 1000},
};

constexpr std::array kBackendTimeouts{
    Setting{.key = "connect",
            .kind = Kind::Duration,
            .fallback = "\"10s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time for connecting to one address, TLS included.",
            .store = [](Draft& d, const Value& v) { d.backend().timeouts.connect = std::get<milliseconds>(v); },
            .least = 100},
    Setting{.key = "greeting",
            .kind = Kind::Duration,
            .fallback = "\"60s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time for the greeting and for the reply to EHLO.",
            .store = [](Draft& d, const Value& v) { d.backend().timeouts.greeting = std::get<milliseconds>(v); },
            .least = 100},
    Setting{.key = "command",
            .kind = Kind::Duration,
            .fallback = "\"4m\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time for the reply to MAIL, RCPT and DATA; our client waits five minutes for ours.",
            .store = [](Draft& d, const Value& v) { d.backend().timeouts.command = std::get<milliseconds>(v); },
            .least = 100},
    Setting{.key = "data_block",
            .kind = Kind::Duration,
            .fallback = "\"2m\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time for the backend to take the next piece of a message.",
            .store = [](Draft& d, const Value& v) { d.backend().timeouts.data_block = std::get<milliseconds>(v); },
            .least = 100},
    Setting{.key = "data_done",
            .kind = Kind::Duration,
            .fallback = "\"5m\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time for the reply to the final dot. After it the client hears 451, and the backend may have "
                   "the message all the same; our client waits ten minutes.",
            .store = [](Draft& d, const Value& v) { d.backend().timeouts.data_done = std::get<milliseconds>(v); },
            .least = 100},
};

constexpr std::array kRecipients{
    Setting{.key = "file",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "\"/etc/anechoic/recipients\"",
            .reload = Reload::Live,
            .doc = "A file with one address a line (a whole domain: @example.org; comments: #); read again when it "
                   "changes.",
            .store = [](Draft& d, const Value& v) { d.source().file = std::get<std::string>(v); }},
    Setting{.key = "probe",
            .kind = Kind::Flag,
            .fallback = "false",
            .sample = "",
            .reload = Reload::Live,
            .doc = "In place of a file: the domain's backend is asked by RCPT, and its answers are remembered.",
            .store = [](Draft& d, const Value& v) { d.source().probe = std::get<bool>(v); }},
    Setting{.key = "canary",
            .kind = Kind::Mailbox,
            .fallback = "\"\"",
            .sample = "\"postmaster@example.org\"",
            .reload = Reload::Live,
            .doc = "An address that must exist. A source that does not know it counts as broken: 451, not 550.",
            .store = [](Draft& d, const Value& v) { d.source().canary = std::get<std::string>(v); }},
    Setting{.key = "mode",
            .kind = Kind::Choice,
            .fallback = "\"observe\"",
            .sample = "\"observe\"",
            .reload = Reload::Live,
            .doc = "What becomes of an address that the source does not know. Begin with observe (only journalled), "
                   "go on to 450 (the sender tries again), end with 550 (refused).",
            .store =
                [](Draft& d, const Value& v) {
                  const auto& mode = std::get<std::string>(v);
                  d.source().mode = mode == "550"   ? judge::RecipientMode::Reject550
                                    : mode == "450" ? judge::RecipientMode::Defer450
                                                    : judge::RecipientMode::Observe;
                },
            .choices = "observe|450|550"},
    Setting{.key = "subaddress",
            .kind = Kind::Text,
            .fallback = "\"+\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The character that begins a sub-address: with \"+\", bob+list@ exists where bob@ does. Empty: "
                   "none.",
            .store = [](Draft& d, const Value& v) { d.source().subaddress = std::get<std::string>(v); }},
    Setting{.key = "case_sensitive",
            .kind = Kind::Flag,
            .fallback = "false",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Whether Bob@ and bob@ are two addresses.",
            .store = [](Draft& d, const Value& v) { d.source().case_sensitive = std::get<bool>(v); }},
    Setting{.key = "positive_lifetime",
            .kind = Kind::Duration,
            .fallback = "\"12h\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How long the answer \"exists\" of a probe is believed; it is asked for again before that.",
            .store = [](Draft& d, const Value& v) { d.source().positive_lifetime = std::get<milliseconds>(v); },
            .least = 1000},
    Setting{.key = "negative_lifetime",
            .kind = Kind::Duration,
            .fallback = "\"10m\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How long the answer \"does not exist\" of a probe is believed: a new mailbox works after this "
                   "time at the latest.",
            .store = [](Draft& d, const Value& v) { d.source().negative_lifetime = std::get<milliseconds>(v); },
            .least = 1000},
    Setting{.key = "probes",
            .kind = Kind::Count,
            .fallback = "10",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The most probes under way at once.",
            .store = [](Draft& d, const Value& v) { d.source().probes = count(v); },
            .least = 1,
            .most = 10'000},
};

constexpr std::array kDomain{
    Setting{.key = "backend",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "\"main\"",
            .reload = Reload::Live,
            .doc = "The name of the backend that has its mailboxes. May be left out when there is only one.",
            .store = [](Draft& d, const Value& v) { d.domain().backend = std::get<std::string>(v); }},
    Setting{.key = "recipients",
            .kind = Kind::Texts,
            .fallback = "[]",
            .sample = "[\"people\"]",
            .reload = Reload::Live,
            .doc = "The names of the recipient sources that know its addresses, in the order of asking. None: the "
                   "backend's own answer to RCPT decides.",
            .store = [](Draft& d, const Value& v) { d.domain().recipients = std::get<std::vector<std::string>>(v); }},
    Setting{.key = "catch_all",
            .kind = Kind::Flag,
            .fallback = "false",
            .sample = "",
            .reload = Reload::Live,
            .doc = "States that every address of the domain exists. Without it a backend that accepts everything is "
                   "answered for with 451.",
            .store = [](Draft& d, const Value& v) { d.domain().catch_all = std::get<bool>(v); }},
    Setting{.key = "spf",
            .kind = Kind::Choice,
            .fallback = "\"default\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "What becomes of mail to this domain whose SPF fails: see [auth]. default: as it says there.",
            .store = [](Draft& d, const Value& v) { d.domain().modes.spf = mode(v); },
            .choices = "default|observe|enforce"},
    Setting{.key = "dmarc",
            .kind = Kind::Choice,
            .fallback = "\"default\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The same for DMARC.",
            .store = [](Draft& d, const Value& v) { d.domain().modes.dmarc = mode(v); },
            .choices = "default|observe|enforce"},
    Setting{.key = "own_domain",
            .kind = Kind::Choice,
            .fallback = "\"default\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The same for unproved return paths in domains of ours.",
            .store = [](Draft& d, const Value& v) { d.domain().modes.own_domain = mode(v); },
            .choices = "default|observe|enforce"},
    Setting{.key = "notify_never",
            .kind = Kind::Choice,
            .fallback = "\"default\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The same for NOTIFY=NEVER towards the backend.",
            .store = [](Draft& d, const Value& v) { d.domain().modes.notify_never = mode(v); },
            .choices = "default|observe|enforce"},
};

constexpr std::array kRelay{
    Setting{.key = "networks",
            .kind = Kind::Networks,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Its addresses.",
            .store = [](Draft& d, const Value& v) { d.relay().networks = std::get<std::vector<ip::Network>>(v); },
            .need = Need::Required},
    Setting{
        .key = "unknown_recipient",
        .kind = Kind::Choice,
        .fallback = "550",
        .sample = "",
        .reload = Reload::Live,
        .doc = "How it is told that an address does not exist. With 550 it bounces to the sender, forged or not; "
               "with 451 it keeps trying until its own patience ends.",
        .store = [](Draft& d,
                    const Value& v) { d.relay().unknown_recipient = std::get<std::string>(v) == "451" ? 451 : 550; },
        .choices = "550|451"},
    Setting{.key = "hops",
            .kind = Kind::Count,
            .fallback = "1",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How many Received lines, from the top, it has written; the last of them names the client.",
            .store = [](Draft& d, const Value& v) { d.relay().hops = count(v); },
            .least = 1,
            .most = 20},
};

constexpr std::array kTables{
    Table{.name = "backend.*",
          .sample_name = "main",
          .doc = "A server that holds mailboxes. The client hears its answers, so nothing has to be bounced later.",
          .begin = [](Draft& d, std::string_view name) { d.settings.backends.emplace_back().name = name; },
          .settings = kBackend},
    Table{.name = "backend.*.timeouts",
          .sample_name = "main",
          .doc = "How long it may take.",
          .begin = nullptr,
          .settings = kBackendTimeouts},
    Table{.name = "recipients.*",
          .sample_name = "people",
          .doc = "A recipient source: it knows which addresses exist.",
          .begin = [](Draft& d, std::string_view name) { d.settings.sources.emplace_back().name = name; },
          .settings = kRecipients},
    Table{.name = "domain.*",
          .sample_name = "example.org",
          .doc = "A domain of ours. Mail to all others is refused.",
          .begin = [](Draft& d, std::string_view name) { d.settings.domains.emplace_back().name = name; },
          .settings = kDomain},
    Table{.name = "relay.*",
          .sample_name = "backup",
          .doc = "A host that hands us mail which it took from somebody else: a backup MX, a cloud filter, a "
                 "forwarder.",
          .begin = [](Draft& d, std::string_view name) { d.settings.relays.emplace_back().name = name; },
          .settings = kRelay},
};

}  // namespace

std::span<const Table> mail_tables() {
  return kTables;
}

}  // namespace anechoic::config
