// SPDX-License-Identifier: Apache-2.0
// The triage of mailboxes: reads the sent mail, judges each message, and moves what is false or puts it back.
//
//   triage::Options options{.me = {"alice@example.org"}, .sent = {"Sent"}, .mailboxes = {"inbox"}};
//   Result<Findings> findings = triage::run(options, hooks);
//
// Dry unless `apply`. Moved are automatic messages whose origin is not-ours; with `unknown_too` those of unknown origin
// as well. Memory does not grow with the mailboxes. Errors: the detail says what to do; a mailbox that can not be done
// does not keep the others from it (Findings::failures).   Threads: none; one owner.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "doors/mailbox/findings.h"
#include "outside/mailboxes/mailbox.h"

namespace anechoic::triage {

struct Options {
  std::vector<std::string> me;
  std::vector<std::string> sent;
  std::vector<std::string> mailboxes;
  bool apply = false;
  std::string into;          // where to, with apply; as for mailboxes::Mailbox::begin
  bool unknown_too = false;  // moves also what may be an answer to the owner's mail
};

struct Hooks {
  // What is read, how much of it is done, and how much there is: called for each message.
  std::function<void(const std::string& what, std::uint64_t done, std::uint64_t all)> progress;
  mailboxes::Stop stop;  // asked for each message
};

[[nodiscard]] Result<Findings> run(const Options& options, const Hooks& hooks);

// Puts back what earlier runs moved out of the mailboxes: MailboxResult::restored, missing, notes.
[[nodiscard]] Findings undo(const std::vector<std::string>& mailboxes, const Hooks& hooks);

}  // namespace anechoic::triage
