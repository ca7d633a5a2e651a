// SPDX-License-Identifier: Apache-2.0
// Settings of the program as a whole: the top of the file, [log], [journal], [http].
#include <array>

#include "app/config/table.h"

namespace anechoic::config {

namespace {

constexpr std::array kTop{
    Setting{.key = "hostname",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "\"mx.example.org\"",
            .reload = Reload::Live,
            .doc = "Our name in the banner, in EHLO and in Received; the name that the MX record points to. Empty: the "
                   "machine's own name.",
            .store = [](Draft& d, const Value& v) { d.settings.hostname = std::get<std::string>(v); }},
    Setting{.key = "state_dir",
            .kind = Kind::Text,
            .fallback = "\"/var/lib/anechoic\"",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "The folder of the journal, of remembered answers, of message bodies on their way, and of the "
                   "control socket. It must be on a disk that survives a restart.",
            .store = [](Draft& d, const Value& v) { d.settings.state_dir = std::get<std::string>(v); }},
    Setting{.key = "threads",
            .kind = Kind::Count,
            .fallback = "0",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "How many threads serve connections. 0: one per core.",
            .store = [](Draft& d,
                        const Value& v) { d.settings.threads = static_cast<unsigned>(std::get<std::uint64_t>(v)); },
            .most = 256},
    Setting{.key = "soft_bounce",
            .kind = Kind::Flag,
            .fallback = "false",
            .sample = "",
            .reload = Reload::Live,
            .doc = "Turns every permanent refusal of ours into a temporary one, so that nothing is lost while a new "
                   "set-up is tried out. Refusals by the backend stay as they are.",
            .store = [](Draft& d, const Value& v) { d.settings.soft_bounce = std::get<bool>(v); }},
    Setting{.key = "stop_grace",
            .kind = Kind::Duration,
            .fallback = "\"30s\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "How long a stop waits for messages that are under way before it closes their connections.",
            .store = [](Draft& d, const Value& v) { d.settings.stop_grace = std::get<std::chrono::milliseconds>(v); },
            .most = 3'600'000},
};

constexpr std::array kLog{
    Setting{.key = "format",
            .kind = Kind::Choice,
            .fallback = "\"text\"",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "How a line of the log is written: key=value text, or one JSON object.",
            .store =
                [](Draft& d, const Value& v) {
                  d.settings.log.format =
                      std::get<std::string>(v) == "json" ? observe::LogFormat::Json : observe::LogFormat::Text;
                },
            .choices = "text|json"},
    Setting{.key = "level",
            .kind = Kind::Choice,
            .fallback = "\"info\"",
            .sample = "",
            .reload = Reload::Live,
            .doc = "The least important event that is written.",
            .store =
                [](Draft& d, const Value& v) {
                  const auto& level = std::get<std::string>(v);
                  d.settings.log.level = level == "debug"     ? observe::Level::Debug
                                         : level == "warning" ? observe::Level::Warning
                                         : level == "error"   ? observe::Level::Error
                                                              : observe::Level::Info;
                },
            .choices = "debug|info|warning|error"},
    Setting{.key = "file",
            .kind = Kind::Text,
            .fallback = "\"\"",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "The file that the log is appended to; SIGHUP opens it anew. Empty: standard error.",
            .store = [](Draft& d, const Value& v) { d.settings.log.file = std::get<std::string>(v); }},
};

constexpr std::array kJournal{
    Setting{.key = "enabled",
            .kind = Kind::Flag,
            .fallback = "true",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "Whether decisions are kept for `anechoic log` and `anechoic explain`.",
            .store = [](Draft& d, const Value& v) { d.settings.journal.enabled = std::get<bool>(v); }},
    Setting{.key = "size",
            .kind = Kind::Size,
            .fallback = "\"1G\"",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "How large the journal may become; when it is larger, its oldest part is dropped.",
            .store = [](Draft& d, const Value& v) { d.settings.journal.size = std::get<std::uint64_t>(v); },
            .least = 1ULL << 20},
};

constexpr std::array kHttp{
    Setting{.key = "listen",
            .kind = Kind::Endpoints,
            .fallback = "\"127.0.0.1:8025\"",
            .sample = "",
            .reload = Reload::Restart,
            .doc = "Where /metrics, /healthz and a status page are served, without a password. Empty: nowhere.",
            .store = [](Draft& d, const Value& v) { d.settings.http.listen = std::get<std::vector<ip::Endpoint>>(v); }},
};

constexpr std::array kTables{
    Table{.name = "", .sample_name = "", .doc = "The program as a whole.", .begin = nullptr, .settings = kTop},
    Table{
        .name = "log", .sample_name = "", .doc = "What is told while it happens.", .begin = nullptr, .settings = kLog},
    Table{.name = "journal",
          .sample_name = "",
          .doc = "What was decided, one row per message, for `anechoic log` and `anechoic explain ID`.",
          .begin = nullptr,
          .settings = kJournal},
    Table{.name = "http",
          .sample_name = "",
          .doc = "Metrics and health, for machines.",
          .begin = nullptr,
          .settings = kHttp},
};

}  // namespace

std::span<const Table> server_tables() {
  return kTables;
}

}  // namespace anechoic::config
