// SPDX-License-Identifier: Apache-2.0
// The inspector's Recipients port over the sources of each domain, asked in the operator's order (R8-R10a).
//
//   - Exists: that is the answer, whatever sources before it could not tell.
//   - Absent: the answer, unless a source before it is down: that one may list the address, so nobody knows.
//   - AcceptsAll: the answer only if no other source knows (R9).
//   - Down: counted, the next is asked. When none says Exists: unknown, with the strictest mode of those that are down.
//   - Nothing: the next is asked. When all say so: not asked, the live RCPT will tell.
//
// One Directory per io_context, over Sources that all threads share. `post` runs a function on the Directory's thread
// and may be called from any; it is used only when a source said Wait.   Lifetime: a Directory may die with questions
// open; their callbacks are never called.   Threads: one, but for what `post` is given.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inspect/recipients.h"
#include "outside/recipients/source.h"

namespace anechoic::recipients {

// The sources of each domain (lower case), in order. Immutable when in use.
using SourceTable = std::map<std::string, std::vector<std::shared_ptr<Source>>, std::less<>>;

class Directory final : public inspect::Recipients {
 public:
  using Post = std::function<void(std::move_only_function<void()>)>;

  Directory(std::shared_ptr<const SourceTable> table, Post post);
  ~Directory() override;

  // After a reload of the settings: for the questions to come.
  void replace(std::shared_ptr<const SourceTable> table);

  [[nodiscard]] Ticket find(const mail::Mailbox& mailbox, Callback callback) override;
  void cancel(Ticket ticket) override;
  void learn(const mail::Mailbox& mailbox, const smtp::Reply& live) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// For `anechoic recipients show|forget ADDRESS`; any thread. forget: how many sources had something to forget.
[[nodiscard]] std::vector<SourceReport> show(const SourceTable& table, const mail::Mailbox& mailbox);
[[nodiscard]] std::size_t forget(const SourceTable& table, const mail::Mailbox& mailbox);

}  // namespace anechoic::recipients
