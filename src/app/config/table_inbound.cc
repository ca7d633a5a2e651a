// SPDX-License-Identifier: Apache-2.0
// Settings of the inbound SMTP door: [inbound], [inbound.limits], [inbound.timeouts].
#include <array>

#include "app/config/table.h"

namespace anechoic::config {

namespace {

using std::chrono::milliseconds;

const std::vector<ip::Network>& networks(const Value& v) {
  return std::get<std::vector<ip::Network>>(v);
}

// Waits of clients are kept in whole seconds.
std::chrono::seconds seconds(const Value& v) {
  return std::chrono::ceil<std::chrono::seconds>(std::get<milliseconds>(v));
}

unsigned count(const Value& v) {
  return static_cast<unsigned>(std::get<std::uint64_t>(v));
}

constexpr std::array kInbound{
    Setting{
        .key = "listen",
        .kind = Kind::Endpoints,
        .fallback = "[\"0.0.0.0:25\", \"[::]:25\"]",
        .sample = "[\"0.0.0.0:25\", \"[::]:25\"]",
        .reload = Reload::Restart,
        .doc = "Where SMTP clients are awaited.",
        .store = [](Draft& d, const Value& v) { d.settings.inbound.listen = std::get<std::vector<ip::Endpoint>>(v); }},
    Setting{.key = "tls_certificate",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "A PEM file with our certificate and those that lead to its issuer, ours first. With tls_key: "
                   "STARTTLS is offered. Both files are read again when they change.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.tls_certificate = std::get<std::string>(v); }},
    Setting{.key = "tls_key",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The PEM file with the key of tls_certificate; readable by nobody else.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.tls_key = std::get<std::string>(v); }},
    Setting{
        .key = "message_size",
        .kind = Kind::Size,
        .fallback = "\"50M\"",
        .sample = "",
        .reload = Reload::Live,
        .doc = "The largest message accepted, announced by SIZE. Not above what the backends take.",
        .store = [](Draft& d,
                    const Value& v) { d.settings.inbound.options.session.message_size = std::get<std::uint64_t>(v); },
        .least = 65'536},
    Setting{.key = "recipients",
            .kind = Kind::Count,
            .fallback = "1000",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The most recipients of one message; further ones hear 452.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.session.recipients = count(v); },
            .least = 100,
            .most = 100'000},
    Setting{.key = "bare_newline",
            .kind = Kind::Choice,
            .fallback = "\"reject\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "What becomes of a message with a CR or LF that is not part of a CRLF: refused, or its line ends "
                   "made right. It is never passed on as it is, and never ends the message.",
            .store =
                [](Draft& d, const Value& v) {
                  d.settings.inbound.options.session.bare_newline = std::get<std::string>(v) == "normalize"
                                                                        ? smtp::BareNewline::Normalize
                                                                        : smtp::BareNewline::Reject;
                },
            .choices = "reject|normalize"},
    Setting{.key = "bare_newline_normalize_from",
            .kind = Kind::Networks,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Networks from which such messages are made right even when bare_newline says reject: old printers "
                   "and scripts.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.normalize_from = networks(v); }},
    Setting{.key = "authentication_results",
            .kind = Kind::Flag,
            .fallback = "true",
            .sample = "",
            .reload = Reload::Live,
            .doc =
                "Whether what was found out of the sender is written into the message as Authentication-Results, and "
                "fields that arrive under our name (auth.authserv_id) are taken out.",
            .store = [](Draft& d,
                        const Value& v) { d.settings.inbound.options.authentication_results = std::get<bool>(v); }},
    Setting{.key = "early_talker_delay",
            .kind = Kind::Duration,
            .fallback = "\"0s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How long the greeting is held back; a client that talks meanwhile is turned away. 0s: only those "
                   "that have spoken before we could.",
            .store = [](Draft& d,
                        const Value& v) { d.settings.inbound.options.early_talker_delay = std::get<milliseconds>(v); },
            .most = 30'000},
    Setting{.key = "proxy_from",
            .kind = Kind::Networks,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Load balancers: connections from these networks must begin with a PROXY header, version 1 or 2, "
                   "which names the client.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.proxy_from = networks(v); }},
    Setting{.key = "xclient_from",
            .kind = Kind::Networks,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Proxies that may name the client by XCLIENT. Whoever is listed can be anybody.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.xclient_from = networks(v); }},
    Setting{.key = "xforward_from",
            .kind = Kind::Networks,
            .fallback = "[]",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Hosts that may name the client by XFORWARD, for the journal only.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.xforward_from = networks(v); }},
};

constexpr std::array kLimits{
    Setting{.key = "connections",
            .kind = Kind::Count,
            .fallback = "2000",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The most connections open at once; further ones hear 421. Each needs a file descriptor, and one "
                   "more for its backend.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.connections = count(v); },
            .least = 1,
            .most = 1'000'000},
    Setting{.key = "connections_per_address",
            .kind = Kind::Count,
            .fallback = "50",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The same for one IPv4 address or one IPv6 /64. 0: no limit.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.connections_per_address = count(v); },
            .most = 1'000'000},
    Setting{.key = "hard_errors",
            .kind = Kind::Count,
            .fallback = "20",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Wrong or refused commands after which a session is closed with 421. Refused recipients do not "
                   "count.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.session.hard_errors = count(v); },
            .least = 1,
            .most = 100'000},
    Setting{.key = "junk_commands",
            .kind = Kind::Count,
            .fallback = "100",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Commands like NOOP and RSET without a message between them after which a session is closed.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.session.junk_commands = count(v); },
            .least = 1,
            .most = 100'000},
    Setting{.key = "line_octets",
            .kind = Kind::Count,
            .fallback = "4096",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The longest line of a message, in octets with its CRLF. RFC 5321 says 1000; real mail has longer "
                   "ones.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.session.line_octets = count(v); },
            .least = 1000,
            .most = 1'048'576},
    Setting{.key = "null_sender_per_minute",
            .kind = Kind::Count,
            .fallback = "60",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Messages with the null sender (bounces) to one address within a minute; further ones hear 450. 0: "
                   "no limit.",
            .store = [](Draft& d, const Value& v) { d.settings.null_sender_per_minute = std::get<std::uint64_t>(v); },
            .most = 1'000'000},
    Setting{.key = "received",
            .kind = Kind::Count,
            .fallback = "100",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Received lines after which a message counts as looping (RFC 5321 6.3).",
            .store = [](Draft& d, const Value& v) { d.settings.max_received = count(v); },
            .least = 10,
            .most = 1000},
    Setting{.key = "own_received",
            .kind = Kind::Count,
            .fallback = "3",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The same for Received lines with our own name.",
            .store = [](Draft& d, const Value& v) { d.settings.max_own_received = count(v); },
            .least = 1,
            .most = 100},
    Setting{
        .key = "body_memory",
        .kind = Kind::Size,
        .fallback = "\"256K\"",
        .sample = "",
        .reload = Reload::Live,
        .doc = "Message bodies up to this size wait in memory, larger ones in a nameless file in "
               "state_dir/spool.",
        .store = [](Draft& d, const Value& v) { d.settings.inbound.options.spool.memory = std::get<std::uint64_t>(v); },
        .most = 1ULL << 30},
    Setting{
        .key = "bodies_memory",
        .kind = Kind::Size,
        .fallback = "\"256M\"",
        .sample = "",
        .reload = Reload::Live,
        .doc = "All bodies in memory together; beyond it small ones go to a file too.",
        .store = [](Draft& d,
                    const Value& v) { d.settings.inbound.options.spool.total_memory = std::get<std::uint64_t>(v); }},
    Setting{.key = "bodies_disk",
            .kind = Kind::Size,
            .fallback = "\"4G\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "All bodies in files together; beyond it messages hear 452.",
            .store = [](Draft& d,
                        const Value& v) { d.settings.inbound.options.spool.total_disk = std::get<std::uint64_t>(v); }},
};

constexpr std::array kTimeouts{
    Setting{.key = "command",
            .kind = Kind::Duration,
            .fallback = "\"5m\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time a client has for one whole command (RFC 5321 4.5.3.2.7: at least five minutes).",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.timeouts.command = seconds(v); },
            .least = 1000},
    Setting{.key = "block",
            .kind = Kind::Duration,
            .fallback = "\"3m\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The longest silence within a message body (RFC 5321 4.5.3.2.5).",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.timeouts.block = seconds(v); },
            .least = 1000},
    Setting{
        .key = "minimum_rate",
        .kind = Kind::Count,
        .fallback = "500",
        .sample = "",
        .reload = Reload::Live,
        .doc = "Octets a second that a message body as a whole must reach once rate_grace is over. 0: any.",
        .store = [](Draft& d,
                    const Value& v) { d.settings.inbound.options.timeouts.minimum_rate = std::get<std::uint64_t>(v); },
        .most = 1'000'000},
    Setting{.key = "rate_grace",
            .kind = Kind::Duration,
            .fallback = "\"60s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How long a body may come slower than minimum_rate.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.timeouts.body_grace = seconds(v); },
            .least = 1000},
    Setting{.key = "write",
            .kind = Kind::Duration,
            .fallback = "\"60s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time a client has to take our replies.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.timeouts.write = seconds(v); },
            .least = 1000},
    Setting{.key = "tls",
            .kind = Kind::Duration,
            .fallback = "\"60s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time for a TLS handshake.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.timeouts.tls = seconds(v); },
            .least = 1000},
    Setting{.key = "question",
            .kind = Kind::Duration,
            .fallback = "\"45s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The time the recipient sources have for an answer; later it counts as \"source down\": 451.",
            .store = [](Draft& d, const Value& v) { d.settings.inbound.options.timeouts.question = seconds(v); },
            .least = 1000,
            .most = 240'000},
    Setting{.key = "checks",
            .kind = Kind::Duration,
            .fallback = "\"30s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc =
                "How long a client waits at the end of its message for the checks of [auth]; what they have not found "
                "out by then is unknown.",
            .store = [](Draft& d,
                        const Value& v) { d.settings.inbound.options.timeouts.checks = std::get<milliseconds>(v); },
            .least = 100,
            .most = 240'000},
};

constexpr std::array kTables{
    Table{.name = "inbound",
          .sample_name = "",
          .doc = "The door for mail from outside.",
          .begin = nullptr,
          .settings = kInbound},
    Table{.name = "inbound.limits",
          .sample_name = "",
          .doc = "How much of everything.",
          .begin = nullptr,
          .settings = kLimits},
    Table{.name = "inbound.timeouts",
          .sample_name = "",
          .doc = "How long a client may take.",
          .begin = nullptr,
          .settings = kTimeouts},
};

}  // namespace

std::span<const Table> inbound_tables() {
  return kTables;
}

}  // namespace anechoic::config
