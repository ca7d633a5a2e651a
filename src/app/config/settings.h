// SPDX-License-Identifier: Apache-2.0
// What anechoic.toml says, as plain values; what each means stands in the settings table (table_*.cc), from which the
// defaults come too. Assembly hands the parts to the rooms.   Threads: immutable once loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "doors/gateway/options.h"
#include "judge/verdict/ruleset.h"
#include "observe/log.h"
#include "wire/smtp/client_session.h"

namespace anechoic::config {

struct Inbound {
  std::vector<ip::Endpoint> listen;
  gateway::Options options;
  std::string tls_certificate;
  std::string tls_key;
  unsigned connections = 0;              // of the whole process
  unsigned connections_per_address = 0;  // IPv6: per /64; 0 = no limit
};

enum class BackendScheme : std::uint8_t { Smtp, Lmtp, LmtpUnix, Maildir };

// One address of a backend, as in `to`.
struct BackendAddress {
  std::string text;  // as configured
  BackendScheme scheme = BackendScheme::Smtp;
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 0;
  std::string path;  // socket or folder

  friend bool operator==(const BackendAddress&, const BackendAddress&) = default;
};

struct BackendTimeouts {
  std::chrono::milliseconds connect{};
  std::chrono::milliseconds greeting{};
  std::chrono::milliseconds command{};
  std::chrono::milliseconds data_block{};
  std::chrono::milliseconds data_done{};
  friend bool operator==(const BackendTimeouts&, const BackendTimeouts&) = default;
};

struct Backend {
  std::string name;
  std::vector<BackendAddress> to;
  smtp::TlsUse tls = smtp::TlsUse::IfOffered;
  bool verify = false;  // tls = "verified"
  std::string ca_file;
  bool xforward = false;  // identity = "xforward"
  unsigned pool = 0;
  std::chrono::milliseconds pool_idle{};
  BackendTimeouts timeouts;

  [[nodiscard]] bool is_maildir() const { return !to.empty() && to.front().scheme == BackendScheme::Maildir; }
  friend bool operator==(const Backend&, const Backend&) = default;
};

struct RecipientSource {
  std::string name;
  std::string file;  // "" when probe
  bool probe = false;
  std::string canary;
  judge::RecipientMode mode = judge::RecipientMode::Observe;
  std::string subaddress;
  bool case_sensitive = false;
  std::chrono::milliseconds positive_lifetime{};
  std::chrono::milliseconds negative_lifetime{};
  unsigned probes = 0;  // in flight, of the whole process

  friend bool operator==(const RecipientSource&, const RecipientSource&) = default;
};

// What a domain says of the modes of [auth]; nullopt: as there.
struct DomainModes {
  std::optional<judge::Mode> spf;
  std::optional<judge::Mode> dmarc;
  std::optional<judge::Mode> own_domain;
  std::optional<judge::Mode> notify_never;
  [[nodiscard]] judge::SenderModes over(const judge::SenderModes& general) const {
    return {.spf = spf.value_or(general.spf),
            .dmarc = dmarc.value_or(general.dmarc),
            .own_domain = own_domain.value_or(general.own_domain),
            .notify_never = notify_never.value_or(general.notify_never)};
  }
  friend bool operator==(const DomainModes&, const DomainModes&) = default;
};

struct Domain {
  std::string name;  // lower case
  std::string backend;
  std::vector<std::string> recipients;  // names of sources, in order
  bool catch_all = false;
  DomainModes modes;

  friend bool operator==(const Domain&, const Domain&) = default;
};

struct Auth {
  bool checks = true;
  std::string authserv_id;                   // never empty once loaded
  std::vector<std::string> trusted_sealers;  // lower case
  judge::SenderModes modes;
};

struct DnsStub {
  std::string zone;
  std::vector<ip::Endpoint> servers;
  friend bool operator==(const DnsStub&, const DnsStub&) = default;
};

struct Dns {
  std::vector<ip::Endpoint> servers;  // none: the system's
  bool recursive = false;
  std::string trust_anchor;
  unsigned cache_entries = 0;  // of each thread
  std::uint64_t cache_octets = 0;
  unsigned queries = 0;  // of one message
  std::chrono::milliseconds time{};
  std::chrono::milliseconds question{};
  unsigned open_questions = 0;
  std::vector<DnsStub> stubs;
  friend bool operator==(const Dns&, const Dns&) = default;
};

struct Journal {
  bool enabled = true;
  std::uint64_t size = 0;
};

struct Http {
  std::vector<ip::Endpoint> listen;  // none or one
};

struct Settings {
  std::string hostname;
  std::string state_dir;
  unsigned threads = 0;  // 0 = one per core
  bool soft_bounce = false;
  std::uint64_t null_sender_per_minute = 0;
  unsigned max_received = 0;
  unsigned max_own_received = 0;
  std::chrono::milliseconds stop_grace{};
  Inbound inbound;
  std::vector<Backend> backends;  // by name; the index is the GroupId
  std::vector<RecipientSource> sources;
  std::vector<Domain> domains;
  std::vector<judge::TrustedRelay> relays;
  Auth auth;
  Dns dns;
  Journal journal;
  observe::LogOptions log;
  Http http;

  [[nodiscard]] const Backend* backend(std::string_view name) const;  // nullptr: there is none
  [[nodiscard]] const RecipientSource* source(std::string_view name) const;
  [[nodiscard]] std::string file_in_state(std::string_view name) const { return state_dir + "/" + std::string(name); }
};

}  // namespace anechoic::config
