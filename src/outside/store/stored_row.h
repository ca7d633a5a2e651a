// SPDX-License-Identifier: Apache-2.0
// A row of the journal as it is read back: JournalRow with texts of its own. Also the `details` column, a JSON object
// for what is looked at only row by row:
//
//   {"recipients":[["a@example.org","250 2.1.5 OK","",true],...], "refused":{"unknown-recipient":80},
//    "reasons":[["unknown-recipient","detail"],...], "relayed_client":"198.51.100.20",
//    "kind":"dsn", "automatic":true, "phrases_only":false, "signals":[["report-delivery-status","failed"],...],
//    "sender":{...}}          as stored_sender.h says
//
// Threads: values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "inspect/journal.h"
#include "outside/store/stored_sender.h"

namespace anechoic::store {

struct StoredRecipient {
  std::string address;
  std::string reply;
  std::string reason;
  bool accepted = false;

  friend bool operator==(const StoredRecipient&, const StoredRecipient&) = default;
};

struct StoredReason {
  std::string name;
  std::string detail;

  friend bool operator==(const StoredReason&, const StoredReason&) = default;
};

struct StoredRow {
  std::string id;
  WallTime at{};
  std::chrono::microseconds took{0};
  std::string door;
  std::string client;  // address, without port
  std::uint16_t port = 0;
  std::string client_name;
  std::string relayed_client;  // who stands behind a trusted relay (R7); "" = nobody
  std::string helo;
  bool tls = false;
  std::string reverse_path;
  std::vector<StoredRecipient> recipients;
  std::uint32_t accepted = 0;
  std::uint32_t refused = 0;
  std::map<std::string, std::uint32_t> refused_by_reason;
  std::string action;
  std::vector<StoredReason> reasons;
  std::string reply;
  std::string backend;
  std::string message_id;
  std::string kind;  // "" = nobody looked
  bool automatic = false;
  bool phrases_only = false;
  std::vector<StoredReason> signals;
  std::optional<StoredSender> sender;  // nullopt = nobody looked
  std::uint64_t octets = 0;
  bool in_doubt = false;
  unsigned failovers = 0;

  friend bool operator==(const StoredRow&, const StoredRow&) = default;
};

[[nodiscard]] std::string encode_details(const inspect::JournalRow& row);
// Puts recipients, refused_by_reason and reasons into `row`. What can't be read is left out.
void decode_details(std::string_view details, StoredRow& row);

}  // namespace anechoic::store
