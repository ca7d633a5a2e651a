// SPDX-License-Identifier: Apache-2.0
// For tests and fuzz targets: a Relay between a model client and a model backend, both steered by choices, and the
// invariants of relay.h held against what happens. The backend keeps books of its own (who was accepted on which
// connection, what was delivered), so that it shares no reasoning with the Relay.
// Threads: none.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/smtp/relay.h"

namespace anechoic::smtp::model {

struct Config {
  RelayOptions options;
  unsigned recipients = 1;
  bool lmtp = false;
  bool batch = false;       // all RCPTs before any answer, as a pipelining client
  bool remembered = false;  // choices also cover R3's memory, locally refused recipients, other groups, capabilities
};

// `choose(n)` gives a number below n; 0 is "all goes well".
using Choose = std::function<unsigned(unsigned)>;

inline constexpr AskId kEndId = 1000;

[[nodiscard]] inline bool took(const Reply& reply) {
  return reply.code / 100 == 2;
}
[[nodiscard]] inline AskId id_of(const mail::ForwardPath& path) {
  return static_cast<AskId>(std::stoul(path.mailbox.local.substr(1)));
}

class Model {
 public:
  Model(const Config& config, Choose choose, bool tracing = false)
      : config_(config), choose_(std::move(choose)), tracing_(tracing), relay_(config.options) {}

  // "" or what was broken. `trace()` tells the story, if it was asked for.
  [[nodiscard]] std::string run();
  [[nodiscard]] const std::string& trace() const { return trace_; }

 private:
  struct Question {
    std::optional<Reply> answer;
    bool proceed = false;     // asked with Proceed of the group
    bool remembered = false;  // delivered by an earlier attempt
  };

  void note(const std::string& text) { trace_ += text + "\n"; }
  void broken(const std::string& what) {
    if (error_.empty()) error_ = what;
    if (tracing_) note("BROKEN: " + what);
  }
  void give(const RelayInput& input) {
    relay_.on(input);
    drain();
  }

  void add_recipient();
  void end_body();
  void abandon();
  bool client_moves();
  void backend_moves();
  void opening();
  void event(const BackendCommand& command, unsigned fault);
  void finals(unsigned fault);
  void lose(unsigned how);

  void drain();
  void on(const OpenBackend& action);
  void on(const Perform& action);
  void on(const AnswerRcpt& action);
  void on(const AnswerEnd& action);
  void on(const Remember& action);
  void on(const Alarm& action);
  void on(const Release& action);
  void on(const Drop& action);
  void on(const Finished& action);
  void check_data();
  void check_end();

  Config config_;
  Choose choose_;
  bool tracing_;
  Relay relay_;
  std::string trace_;
  std::string error_;

  // the client
  std::map<AskId, Question> questions_;
  std::optional<GroupId> group_;  // of the first recipient that might proceed
  bool ended_ = false;
  bool abandoned_ = false;
  std::optional<Reply> end_answer_;
  bool same_key_ = true;
  bool refused_at_end_ = false;

  // the backend: one connection at a time
  bool opening_ = false;
  bool connected_ = false;
  bool transaction_ = false;           // MAIL was accepted, not reset
  bool mail_seen_ = false;             // since the last RSET
  std::vector<AskId> on_connection_;   // accepted RCPTs, in order
  std::vector<BackendCommand> inbox_;  // commands not answered
  bool in_data_ = false;               // 354 was said
  unsigned opened_ = 0;

  // what came of it
  bool body_performed_ = false;
  bool final_replies_ = false;
  bool finals_lost_ = false;
  std::map<AskId, bool> delivered_;  // final answer of each
  unsigned remembers_ = 0;
  unsigned alarms_ = 0;
  bool finished_ = false;
};

}  // namespace anechoic::smtp::model
