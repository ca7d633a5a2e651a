// SPDX-License-Identifier: Apache-2.0
// The port of the journal: one row per transaction, and one per session that had none. It is written behind: append()
// never waits; when the queue is full the row is dropped and counted.   Adapter: outside/store.   Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/evidence.h"
#include "base/clock.h"
#include "base/ip.h"
#include "judge/kind/classify.h"
#include "judge/verdict/verdict.h"

namespace anechoic::inspect {

struct JournalRecipient {
  std::string address;
  std::string reply;  // what the client heard, one line
  std::string_view reason;
  bool accepted = false;
};

struct JournalRow {
  std::string id;  // of the transaction; ...000 for a session without one
  WallTime at{};   // of MAIL, or of connecting
  std::chrono::microseconds took{0};
  std::string door = "gateway";
  ip::Endpoint client;
  std::string client_name;
  std::string relayed_client;  // behind a trusted relay (R7); "" when there is none
  std::string helo;
  bool tls = false;
  std::string reverse_path;                  // with < and >; "" when there was no MAIL
  std::vector<JournalRecipient> recipients;  // accepted ones and the first twenty refused
  std::uint32_t accepted = 0;
  std::uint32_t refused = 0;
  std::map<std::string_view, std::uint32_t> refused_by_reason;
  judge::Action action = judge::Action::Accept;  // what became of the message (or session)
  std::vector<judge::Reason> reasons;            // the deciding one first
  std::string reply;                             // the last answer: to the end of data, else to the last refusal
  std::string backend;                           // its endpoint, as configured
  std::string message_id;
  std::string_view kind;  // of judge::Kind; "" = nobody looked
  bool automatic = false;
  bool phrases_only = false;  // the kind rests on phrases alone (R21)
  std::vector<judge::Signal> signals;
  std::shared_ptr<const auth::Evidence> sender;  // who really sent it; null = nobody looked
  std::uint64_t octets = 0;
  bool in_doubt = false;
  unsigned failovers = 0;
};

class Journal {
 public:
  virtual ~Journal() = default;
  virtual void append(JournalRow row) = 0;
};

}  // namespace anechoic::inspect
