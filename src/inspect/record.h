// SPDX-License-Identifier: Apache-2.0
// Collects during a transaction what its journal row will say. Bounded: refused recipients are counted by reason and
// only the first few are kept by name.   Threads: none; one owner.
#pragma once

#include <string_view>
#include <vector>

#include "inspect/journal.h"
#include "inspect/transaction.h"

namespace anechoic::inspect {

// The part of a row that the session knows.
void describe_client(JournalRow& row, const judge::Client& client, const std::string& helo);

class Record {
 public:
  explicit Record(unsigned named_refusals) : named_refusals_(named_refusals) {}

  void recipient(const mail::ForwardPath& path, const judge::Verdict& verdict);
  void message(const judge::Verdict& verdict, bool at_end);  // of the stages headers and end
  void kind(judge::Classification found);
  void no_dsn(std::string detail) { no_dsn_ = std::move(detail); }                    // R26: the backend was asked
  void no_dsn_observed(std::string detail) { no_dsn_observed_ = std::move(detail); }  // ... it would have been
  void message_id(std::string id) { row_.message_id = std::move(id); }
  void relayed_client(const ip::Address& client) { row_.relayed_client = ip::to_string(client); }
  void live_answer(const smtp::Reply& reply) { refused_live_ += reply.positive() ? 0 : 1; }
  // Recipients that were accepted, but for those that the backend has refused.
  [[nodiscard]] unsigned accepted() const { return static_cast<unsigned>(accepted_.size() - refused_live_); }

  // The finished row, but for what the session and the clock know.
  [[nodiscard]] JournalRow finish(Ending ending);

 private:
  struct Accepted {
    mail::ForwardPath path;
    std::string_view reason;
  };
  void refused(const mail::ForwardPath& path, const smtp::Reply& reply, std::string_view reason);
  void settle_recipients(const smtp::Outcome& relayed);
  void settle_message(Ending& ending);

  unsigned named_refusals_;
  unsigned named_ = 0;
  JournalRow row_;
  std::vector<Accepted> accepted_;
  std::size_t refused_live_ = 0;
  smtp::Reply last_refusal_;
  std::string_view last_refusal_reason_;
  std::optional<judge::Verdict> message_refused_;
  bool end_accepted_ = false;
  std::vector<judge::Reason> noted_;  // of the accepting verdict at the end
  std::string no_dsn_;
  std::string no_dsn_observed_;
};

}  // namespace anechoic::inspect
