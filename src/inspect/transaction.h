// SPDX-License-Identifier: Apache-2.0
// The only way to a verdict. A door makes one Transaction per MAIL (and one for the session before the first MAIL),
// calls the stages it has, in order, and at the end outcome() exactly once: that call, not the verdict, writes the
// journal.
//
//   Inspector (per thread: guards, ports)  ->  Session (connect, helo)  ->  Transaction (mail, rcpt..., headers, end,
//   outcome)
//
// Stages: connect, helo, mail, headers answer at once (their facts are local); rcpt and end answer by callback, at once
// or later. A Transaction that is destroyed cancels its open questions; callbacks never come after that.
// soft_bounce is applied here, to every 5xx of ours.
//
// Lifetime: Inspector outlives its Sessions, a Session its Transactions. Threads: one thread.            DESIGN 3a
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "inspect/guard.h"
#include "inspect/header_facts.h"
#include "inspect/journal.h"
#include "judge/kind/classify.h"
#include "judge/verdict/decide.h"
#include "wire/smtp/relay.h"

namespace anechoic::inspect {

struct InspectorOptions {
  unsigned journalled_refusals = 20;  // refused recipients named in a row; the rest are counted by reason
  // Says of each message what kind it is, for the journal; null: the kind stays "not asked". Of the Inspector's thread.
  const judge::Classifier* classifier = nullptr;
};

class Inspector {
 public:
  Inspector(InspectorOptions options, std::vector<std::unique_ptr<Guard>> guards, Journal& journal, const Clock& clock);
  ~Inspector();
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

 private:
  friend class Session;
  friend class Transaction;
  InspectorOptions options_;
  std::vector<std::unique_ptr<Guard>> guards_;
  Journal& journal_;
  const Clock& clock_;
};

// How the transaction ended, for the journal.
struct Ending {
  smtp::Outcome relayed;  // the Relay's outcome; empty if there was none
  std::string backend;    // endpoint
  std::uint64_t octets = 0;
  std::vector<judge::Reason> reasons;  // of the door: client-gone, timeout, protocol ...; may be empty
  smtp::Reply last;                    // a reply that neither decide() nor the relay gave (session-made); code 0 = none
};

class Transaction;

class Session {
 public:
  Session(Inspector& inspector, std::shared_ptr<const judge::Ruleset> ruleset, SessionId id, judge::Client client);
  ~Session();

  [[nodiscard]] judge::Verdict connect();
  [[nodiscard]] judge::Verdict helo(std::string name);
  void client_changed(judge::Client client);  // XCLIENT, STARTTLS
  [[nodiscard]] const judge::Ruleset& ruleset() const;
  [[nodiscard]] const judge::Client& client() const;

  // The next transaction; number 1, 2, ...
  [[nodiscard]] std::unique_ptr<Transaction> begin();
  // Writes the row of a session that had no transaction; does nothing if it had one.
  void finish(const Ending& ending);

 private:
  friend class Transaction;
  struct State;
  std::unique_ptr<State> state_;
};

class Transaction {
 public:
  ~Transaction();
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] judge::Verdict mail(const mail::ReversePath& path);
  using RcptDone = std::move_only_function<void(judge::Verdict)>;
  void rcpt(const mail::ForwardPath& path, RcptDone done);
  // The backend's live answer to a recipient that rcpt() had accepted: told as soon as it is there, for the guards to
  // learn from. A recipient that was refused does not count as the transaction's (R3).
  void answered(const mail::ForwardPath& path, const smtp::Reply& live);
  [[nodiscard]] judge::Verdict headers(const HeaderFacts& facts);
  // The message as it comes, before headers(): for those who look at all of it. CRLF line ends, un-stuffed.
  void content(std::string_view bytes);
  // `message`: its beginning, limits::kJudgedBytes are enough; "" = the door has none to show. Looked at before end()
  // returns.
  using EndDone = std::move_only_function<void(judge::Verdict)>;
  void end(std::string_view message, EndDone done);
  // The door's patience is over: open questions are answered now, and what could not be found out is unknown. Answers
  // of recipient sources are not made up: such questions stay open.
  void give_up(const std::string& because);
  // Who really sent it, as far as is known; null: nobody looked.
  [[nodiscard]] std::shared_ptr<const auth::Evidence> evidence() const;
  // Exactly once, as the last call.
  void outcome(Ending ending);

 private:
  friend class Session;
  struct State;
  explicit Transaction(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace anechoic::inspect
