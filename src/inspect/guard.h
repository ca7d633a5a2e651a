// SPDX-License-Identifier: Apache-2.0
// A guard contributes facts at a stage. It never decides: decide() does.
//
// Guards are asked one after the other, in the order of the Inspector's list: a later one sees what the earlier ones
// found. contribute_rcpt() calls `done` exactly once, at once or later on the same thread, unless the transaction is
// dropped before (the returned Cancel is then called). A new guard touches its own files, the list in app/, and the
// docs.   Threads: one object per thread.
#pragma once

#include <functional>
#include <memory>

#include "inspect/watch.h"
#include "judge/verdict/facts.h"

namespace anechoic::inspect {

class Guard {
 public:
  using Done = std::move_only_function<void()>;
  using Cancel = std::move_only_function<void()>;  // empty: nothing to cancel

  virtual ~Guard() = default;
  // At MAIL: what it keeps of this transaction; null (the default): nothing.
  [[nodiscard]] virtual std::unique_ptr<Watch> watch(const judge::Ruleset& /*ruleset*/, const judge::Facts& /*facts*/) {
    return nullptr;
  }
  // Adds to `facts` (alive until done or cancelled).
  [[nodiscard]] virtual Cancel contribute_rcpt(const judge::Ruleset& ruleset, judge::Facts& facts, Done done) = 0;
  // What really happened to a recipient: the backend's live answer. Default: not interested.
  virtual void learn_rcpt(const judge::Facts& /*facts*/, const smtp::Reply& /*live*/) {}
};

}  // namespace anechoic::inspect
