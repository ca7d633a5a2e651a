// SPDX-License-Identifier: Apache-2.0
// The inspector's ports as a test wants them: a journal that keeps its rows, and recipients that answer what they are
// told, at once or when the test says so; and
// checks of the sender that do the same.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "inspect/journal.h"
#include "inspect/null_sender_rates.h"
#include "inspect/recipients.h"
#include "inspect/sender_checks.h"

namespace anechoic::testing {

class KeptJournal final : public inspect::Journal {
 public:
  void append(inspect::JournalRow row) override { rows.push_back(std::move(row)); }
  std::vector<inspect::JournalRow> rows;
};

class ScriptedRecipients final : public inspect::Recipients {
 public:
  Ticket find(const mail::Mailbox& mailbox, Callback callback) override {
    asked.push_back(mail::to_string(mailbox));
    if (!later) {
      callback(next);
      return 0;
    }
    open.emplace(++tickets_, std::move(callback));
    return tickets_;
  }
  void cancel(Ticket ticket) override { cancelled += open.erase(ticket); }
  void learn(const mail::Mailbox& mailbox, const smtp::Reply& live) override {
    learned.emplace_back(mail::to_string(mailbox), live.code);
  }
  // Answers an open question; 1 is the first ever asked.
  void answer(Ticket ticket, inspect::RecipientAnswer answer) {
    Callback callback = std::move(open.at(ticket));
    open.erase(ticket);
    callback(std::move(answer));
  }

  bool later = false;
  inspect::RecipientAnswer next;  // not asked
  std::vector<std::string> asked;
  std::map<Ticket, Callback> open;
  std::size_t cancelled = 0;
  std::vector<std::pair<std::string, std::uint16_t>> learned;

 private:
  Ticket tickets_ = 0;
};

// Counts by the clock's whole minutes.
class MinuteRates final : public inspect::NullSenderRates {
 public:
  unsigned add(const mail::Mailbox& recipient, SteadyTime now) override {
    return ++counts_[{mail::to_string(recipient), now.time_since_epoch() / std::chrono::minutes(1)}];
  }

 private:
  std::map<std::pair<std::string, std::int64_t>, unsigned> counts_;
};

// Answers at once, or when the test says so.
class ScriptedCheck final : public inspect::SenderCheck {
 public:
  struct Script {
    bool off = false;
    bool later = false;
    auth::spf::Outcome spf;
    auth::Evidence evidence;
    // what happened
    std::vector<std::string> told;
    ScriptedCheck* open = nullptr;  // the newest
  };
  explicit ScriptedCheck(Script& script) : script_(script) { script_.open = this; }
  ~ScriptedCheck() override {
    if (script_.open == this) script_.open = nullptr;
  }
  void envelope(auth::Envelope envelope, SpfDone done) override {
    script_.told.push_back("envelope " + ip::to_string(envelope.client) + " " + envelope.helo + " " +
                           mail::to_string(envelope.reverse_path));
    spf_done_ = std::move(done);
    if (!script_.later) answer_spf();
  }
  void reverse_path(const mail::ReversePath& path) override {
    script_.told.push_back("reverse-path " + mail::to_string(path));
  }
  void message(std::string_view bytes) override { script_.told.push_back("message " + std::string(bytes)); }
  void finish(Done done) override {
    script_.told.emplace_back("finish");
    done_ = std::move(done);
    if (!script_.later) answer();
  }
  void answer_spf() { std::exchange(spf_done_, {})(script_.spf); }
  void answer() { std::exchange(done_, {})(std::make_shared<auth::Evidence>(script_.evidence)); }

 private:
  Script& script_;
  SpfDone spf_done_;
  Done done_;
};

class ScriptedChecks final : public inspect::SenderChecks {
 public:
  std::unique_ptr<inspect::SenderCheck> begin() override {
    if (script.off) return nullptr;
    return std::make_unique<ScriptedCheck>(script);
  }
  ScriptedCheck::Script script;
};

}  // namespace anechoic::testing
