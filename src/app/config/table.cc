// SPDX-License-Identifier: Apache-2.0
#include "app/config/table.h"

#include <algorithm>
#include <utility>

namespace anechoic::config {

std::span<const Table> tables() {
  static const std::vector<Table> kAll = [] {
    std::vector<Table> all;
    const auto server = server_tables();
    const auto inbound = inbound_tables();
    const auto mail = mail_tables();
    const auto auth = auth_tables();
    all.push_back(server.front());  // the top of the file; TOML wants it first
    all.insert(all.end(), inbound.begin(), inbound.end());
    all.insert(all.end(), mail.begin(), mail.end());
    all.insert(all.end(), auth.begin(), auth.end());
    all.insert(all.end(), server.begin() + 1, server.end());
    return all;
  }();
  return kAll;
}

const Table* find_table(std::string_view name) {
  const auto all = tables();
  const auto found = std::ranges::find(all, name, &Table::name);
  return found == all.end() ? nullptr : &*found;
}

const Setting* find_setting(const Table& table, std::string_view key) {
  const auto found = std::ranges::find(table.settings, key, &Setting::key);
  return found == table.settings.end() ? nullptr : &*found;
}

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::Text:
      return "a text in quotes";
    case Kind::Texts:
      return "a list of texts, as [\"a\", \"b\"]";
    case Kind::Flag:
      return "true or false, without quotes";
    case Kind::Count:
      return "a whole number";
    case Kind::Size:
      return "a size, as \"50M\"";
    case Kind::Duration:
      return "a duration, as \"90s\" or \"5m\"";
    case Kind::Choice:
      return "one of a few words";
    case Kind::Endpoints:
      return "an address with its port, as \"127.0.0.1:25\" or \"[::1]:25\", or a list of them";
    case Kind::Networks:
      return "a network, as \"192.0.2.0/24\", or a list of them";
    case Kind::Mailbox:
      return "a mail address, as \"postmaster@example.org\"";
    case Kind::Addresses:
      return "\"smtp://host:port\", \"lmtp://host:port\", \"lmtp:///socket\" or \"maildir:/folder\", or a list of them";
  }
  std::unreachable();
}

const Backend* Settings::backend(std::string_view name) const {
  const auto found = std::ranges::find(backends, name, &Backend::name);
  return found == backends.end() ? nullptr : &*found;
}

const RecipientSource* Settings::source(std::string_view name) const {
  const auto found = std::ranges::find(sources, name, &RecipientSource::name);
  return found == sources.end() ? nullptr : &*found;
}

}  // namespace anechoic::config
