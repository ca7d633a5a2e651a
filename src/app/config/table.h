// SPDX-License-Identifier: Apache-2.0
// The one table of settings. The loader, the unknown-key hint, the example (document.h) and the man page are made from
// it, so a setting is added in one place: a row here and a member of Settings.   Threads: constants.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/settings.h"

namespace anechoic::config {

enum class Kind : std::uint8_t {
  Text,
  Texts,
  Flag,
  Count,      // a number
  Size,       // octets
  Duration,   // milliseconds
  Choice,     // one of `choices`; may be written as a number where it looks like one
  Endpoints,  // "address:port", one or several
  Networks,   // "address/bits", one or several
  Mailbox,    // an address, "" = none
  Addresses,  // of backends
};
[[nodiscard]] std::string_view describe(Kind kind);  // "a duration, as \"5m\""

using Value = std::variant<bool, std::uint64_t, std::chrono::milliseconds, std::string, std::vector<std::string>,
                           std::vector<ip::Endpoint>, std::vector<ip::Network>, std::vector<BackendAddress>>;

// The settings while they are being read. Tables with a name of the user's work on the newest of their kind.
struct Draft {
  Settings settings;
  Backend& backend() { return settings.backends.back(); }
  RecipientSource& source() { return settings.sources.back(); }
  Domain& domain() { return settings.domains.back(); }
  judge::TrustedRelay& relay() { return settings.relays.back(); }
};

enum class Reload : std::uint8_t { Live, Restart };
enum class Need : std::uint8_t { Optional, Required };

struct Setting {
  std::string_view key;
  Kind kind;
  std::string_view fallback;  // the default, in TOML
  std::string_view sample;    // what the example sets, in TOML; "" = the example shows the default, commented out
  Reload reload;
  std::string_view doc;  // whole sentences
  void (*store)(Draft&, const Value&);
  std::uint64_t least = 0;  // of Count, Size (octets), Duration (milliseconds)
  std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  std::string_view choices = {};  // parted by '|'
  Need need = Need::Optional;
};

struct Table {
  std::string_view name;         // "", "inbound", "inbound.limits", "backend.*", "backend.*.timeouts"
  std::string_view sample_name;  // stands for * in the example
  std::string_view doc;
  void (*begin)(Draft&, std::string_view name);  // of a table with a * at its end: adds one
  std::span<const Setting> settings;
};

// In the order of the example.
[[nodiscard]] std::span<const Table> tables();
[[nodiscard]] const Table* find_table(std::string_view name);
[[nodiscard]] const Setting* find_setting(const Table& table, std::string_view key);

// Of table_server.cc, table_inbound.cc, table_mail.cc and table_auth.cc.
[[nodiscard]] std::span<const Table> server_tables();
[[nodiscard]] std::span<const Table> inbound_tables();
[[nodiscard]] std::span<const Table> mail_tables();
[[nodiscard]] std::span<const Table> auth_tables();

}  // namespace anechoic::config
